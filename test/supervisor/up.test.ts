import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { clusterFolder } from '../../stack/folders.js';
import { findStack, stopStack } from '../../stack/index.js';
import { connect, tradesList } from '../../store/index.js';
import type { ProcessConfig } from '../../workers/config.js';
import { hostName } from '../../workers/host-name.js';
import { comesUp, endOf, interrupted, MAIN, said, type UpEvent, up } from '../support/desk-up.js';

const folder = join(mkdtempSync(join(tmpdir(), 'legwork-up-')), 'data');
/** A stand-in that owns no pair, so that no pair is fired. */
const ENGINE = new URL('./fixtures/native.sh', import.meta.url).pathname;
const engineStory = join(folder, '..', 'engine');
const DESK = { folder, engine: ENGINE, environment: { STORY: engineStory } };
const deskUp = (...options: readonly string[]) => comesUp({ ...DESK, options });

beforeAll(() => expect(existsSync(MAIN), 'run `npm run build` first').toBe(true));
afterAll(async () => {
  await stopStack(folder);
  rmSync(clusterFolder(folder), { recursive: true, force: true });
  rmSync(join(folder, '..'), { recursive: true, force: true });
});

test('a desk comes up, Ctrl-C ends it with 0 and nothing left, and it goes on where it was', async () => {
  const first = await deskUp();
  const ports = portsOf(first.ready);
  expect(await Promise.all(ports.map(isListening))).toEqual(ports.map(() => true));
  expect(await interrupted(first.child)).toBe(0);
  expect(await Promise.all(ports.map(isListening))).toEqual(ports.map(() => false));
  expect(findStack(folder)).toEqual({});
  expect(readFileSync(join(folder, 'processes.json'), 'utf8')).toBe('[]');
  expect(readdirSync(folder).filter((name) => name.includes('lock'))).toEqual([]);

  expect(readFileSync(engineStory, 'utf8')).toBe(ENGINE_STORY);
  const told = engineTold();

  const second = await deskUp();
  expect(second.ready.venues).toEqual(first.ready.venues);
  expect(second.events.find(({ line }) => line === '0 applied')).toBeDefined();
  expect(engineTold()).toMatchObject({
    ...{ component: 'engine', host: hostName(), metricsPort: told.metricsPort },
    ...{ tlsVenues: told.tlsVenues, account: 'main', drainMs: 15_000 },
  });
  expect(engineTold().processId).not.toBe(told.processId);
  expect(await interrupted(second.child)).toBe(0);
}, 180_000);

test('the engine comes up between the venues and trading; without it nobody looks for trades', async () => {
  const { child, events } = await deskUp();
  expect(startedIn(events)).toEqual([
    ...['simulator-kalshi', 'simulator-polymarket', 'engine', 'trading', 'scanner'],
  ]);
  expect(await interrupted(child)).toBe(0);
  rmSync(engineStory);

  const without = await deskUp('--without-engine');
  expect(startedIn(without.events)).toEqual([
    'simulator-kalshi',
    'simulator-polymarket',
    'trading',
  ]);
  expect(without.events).toContainEqual({
    ...{
      kind: 'done',
      part: 'engine',
      line: 'none: this desk fires nothing, and looks after what is open',
    },
  });
  expect(await interrupted(without.child)).toBe(0);
  expect(existsSync(engineStory)).toBe(false);
}, 180_000);

test('a session without an engine is refused by name: it would wait for shots for ever', async () => {
  const args = [MAIN, 'up', '--once', '--without-engine', '--data', folder];
  const ended = await endOf(spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] }));
  expect(ended.code).toBe(1);
  expect(ended.said).toMatch(/--once counts what is fired, and --without-engine fires nothing/);
});

test('an engine that cannot be started ends the start by name, and leaves nothing', async () => {
  const env = { ...process.env, LEGWORK_ENGINE: join(folder, 'no engine') };
  const args = [MAIN, 'up', '--json', '--data', folder];
  const ended = await endOf(
    spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] }),
  );
  expect(ended.code).toBe(1);
  expect(ended.said).toMatch(/LEGWORK_ENGINE names .*no engine, which is no program/);
  expect(findStack(folder)).toEqual({});
  expect(readdirSync(folder).filter((name) => name.includes('lock'))).toEqual([]);
}, 180_000);

test('a second desk on the same folder is refused by name while the first runs', async () => {
  const { child } = await deskUp();
  const refused = await endOf(up(DESK, () => undefined));
  expect(refused.code).toBe(1);
  expect(refused.said).toMatch(/runs on .* already, as process \d+/);
  expect(await interrupted(child)).toBe(0);
}, 180_000);

test('while it runs, a trade of it is replayed by its id, and one that never was is not found', async () => {
  const { child } = await deskUp();
  const { databaseUrl = '' } = findStack(folder);
  const { db, close } = connect(databaseUrl, { connectionsMax: 1 });
  const ended = await vi.waitFor(
    async () => {
      const trades = await tradesList(db, 100);
      const found = trades.find(({ result }) => result !== undefined);
      if (found === undefined) throw new Error(`none of ${trades.length} trades has ended`);
      return found.intent.intentId;
    },
    { timeout: 60_000, interval: 100 },
  );
  await close();
  const replayed = await said(['replay', ended, '--data', folder]);
  expect(replayed.said).toMatch(/replays: \d+ events, every decision is the same today/);
  expect(replayed.code).toBe(0);
  const nobody = await said(['replay', 'nobody.1', '--data', folder]);
  expect(nobody.said).toMatch(/Temporal has no workflow arbitrage\/nobody\.1/);
  expect(nobody.code).toBe(5);
  expect(await interrupted(child)).toBe(0);
}, 180_000);

/** The names of the processes in the order of their start. */
function startedIn(events: readonly UpEvent[]): (string | undefined)[] {
  return events
    .filter(({ kind, part }) => kind === 'step' && part === 'processes')
    .map(({ line }) => line);
}

const ENGINE_STORY = 'native starts\nnative drains: {"kind":"drain"}\n';

function engineTold(): ProcessConfig {
  return JSON.parse(readFileSync(`${engineStory}.told`, 'utf8')) as ProcessConfig; // by its supervisor
}

function portsOf({ venues = {} }: UpEvent): number[] {
  const { temporalAddress = '', databaseUrl = '' } = findStack(folder);
  const urls = [...Object.values(venues), `http://${temporalAddress}`, databaseUrl];
  return urls.map((url) => Number(new URL(url).port));
}

async function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' }, () => resolve(true));
    socket.on('error', () => resolve(false)).on('connect', () => socket.destroy());
  });
}
