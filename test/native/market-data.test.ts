import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import {
  formatAmount,
  type Instrument,
  instrumentKey,
  type Level,
  type MarketFeed,
  toWire,
} from '../../domain/index.js';
import { createKalshiFeed, createPolymarketFeed } from '../../venues/index.js';
import { nativeExample } from '../support/native-example.js';
import { openQuietWorld, type QuietWorld } from '../support/quiet-world.js';

const BUILD_MS = 600_000;
/** As long as a busy machine may take to connect anew. */
const PATIENCE_MS = 20_000;
/** Ten seconds of the world. */
const STEPS = 40;
const UNKNOWN = 'unknown';

type Tops = Readonly<Record<string, string>>;

const opened: { close(): unknown }[] = [];
let program: string;

beforeAll(async () => {
  program = await nativeExample('watch');
}, BUILD_MS);

afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close();
});

test('the engine’s books are those of TypeScript, and again after both venues hung up', async () => {
  const world = await openQuietWorld();
  opened.push(world);
  const feeds = followedBy(world);
  const engine = watched(world);
  const theirs = (): Tops => topsOf(world, feeds);
  const areAlike = async (): Promise<void> => {
    await vi.waitFor(() => {
      expect(Object.values(theirs())).not.toContain(UNKNOWN);
      expect(engine.tops()).toEqual(theirs());
    }, PATIENCE_MS);
  };

  await areAlike();
  const before = theirs();
  await world.goOn(STEPS);
  await areAlike();
  expect(theirs()).not.toEqual(before);
  expect(engine.complaints()).toEqual([]);

  // Of each venue's two clients one is the engine.
  expect([world.kalshi.streams.drop(), world.polymarket.streams.drop()]).toEqual([2, 2]);
  await vi.waitFor(() => expect(engine.complaints()).toHaveLength(2), PATIENCE_MS);
  expect(new Set(engine.complaints())).toEqual(new Set(['localhost has hung up']));
  await world.goOn(STEPS);
  await areAlike();
});

function followedBy(world: QuietWorld): readonly MarketFeed[] {
  const { kalshi, polymarket, credentials, pairs } = world;
  const feeds = [
    createKalshiFeed({ wsUrl: kalshi.wsUrl, credentials, nowMs: Date.now }),
    createPolymarketFeed({ wsUrl: polymarket.wsUrl, nowMs: Date.now }),
  ] as const;
  feeds[0].subscribe(pairs.map((pair) => pair.kalshi));
  feeds[1].subscribe(pairs.map((pair) => pair.polymarket));
  opened.push(...feeds);
  return feeds;
}

function topsOf({ pairs }: QuietWorld, feeds: readonly MarketFeed[]): Tops {
  const markets = pairs.flatMap(({ kalshi, polymarket }) => [kalshi, polymarket]);
  const instruments = markets.flatMap(({ venue, market }) =>
    (['yes', 'no'] as const).map((outcome) => ({ venue, market, outcome })),
  );
  return Object.fromEntries(instruments.map((one) => [instrumentKey(one), topOf(feeds, one)]));
}

function topOf(feeds: readonly MarketFeed[], instrument: Instrument): string {
  const book = feeds.find(({ venue }) => venue === instrument.venue)?.book(instrument);
  return !book || book.hasGap ? UNKNOWN : `${levelOf(book.bids[0])} | ${levelOf(book.asks[0])}`;
}

const levelOf = (level: Level | undefined): string =>
  level ? `${formatAmount(level.price)}×${formatAmount(level.quantity)}` : '0×0';

/** native/market-data/examples/watch.rs, and the last that it has said of each instrument. */
function watched({ kalshi, polymarket, credentials, rootsPem, pairs }: QuietWorld) {
  const watching = spawn(program, { stdio: 'pipe' });
  const { keyId, privateKeyPem } = credentials;
  const markets = toWire(pairs);
  const what = {
    ...{ host: 'localhost', rootsPem },
    kalshi: {
      ...{ port: kalshi.tlsPort, keyId, privateKeyPem },
      markets: markets.map((pair) => pair.kalshi),
    },
    polymarket: { port: polymarket.tlsPort, markets: markets.map((pair) => pair.polymarket) },
  };
  watching.stdin.write(`${JSON.stringify(what)}\n`);
  const tops: Record<string, string> = {};
  const complaints: string[] = [];
  createInterface(watching.stdout).on('line', (line) => {
    const space = line.indexOf(' ');
    tops[line.slice(0, space)] = line.slice(space + 1);
  });
  createInterface(watching.stderr).on('line', (line) => complaints.push(line));
  const close = async (): Promise<void> => {
    watching.stdin.end();
    if (watching.exitCode === null) await once(watching, 'exit');
  };
  opened.push({ close });
  return { tops: (): Tops => tops, complaints: () => complaints };
}
