import { afterEach, describe, expect, test } from 'vitest';
import type { Book } from '../../domain/book.js';
import { formatAmount } from '../../domain/money.js';
import type { MarketFeed, PrivateStream, VenueOrder } from '../../domain/venue.js';
import type { VenueEntry } from '../../domain/venue-entry.js';
import {
  createKalshiCredentials,
  createKalshiFeed,
  createKalshiPrivateStream,
} from '../../venues/kalshi/index.js';
import { rain } from './fixtures/orders.js';
import type { Stage, StageOptions } from './fixtures/stage.js';
import { level, openStage, place, readValue, said, until } from './fixtures/stage.js';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

async function stage(options: StageOptions = {}): Promise<Stage> {
  const at = await openStage(options);
  opened.push(at);
  return at;
}

/** Quick enough for a test; the defaults are seconds. */
const timing = {
  pingMs: 20,
  silenceMsMax: 1_000,
  backOffMs: { least: 5, most: 20 },
  handshakeMsMax: 500,
};
const LONG_MS = 600_000;

function feedOf({ simulator, credentials }: Stage): MarketFeed {
  const { wsUrl } = simulator;
  const feed = createKalshiFeed({ wsUrl, credentials, nowMs: Date.now, timing, resyncMsMax: 200 });
  opened.push(feed);
  return feed;
}

const yes = { venue: 'kalshi', market: rain.market, outcome: 'yes' } as const;
const no = { ...yes, outcome: 'no' } as const;

/** "48×50 47×50 | 50×6 52×50", in cents; "…gap" where the book is not to be trusted. */
function shown(book: Book | undefined): string {
  if (!book) return 'none';
  const text = (levels: Book['bids']) =>
    levels
      .map(({ price, quantity }) => `${formatAmount(price * 100n)}×${formatAmount(quantity)}`)
      .join(' ');
  return `${text(book.bids)} | ${text(book.asks)}${book.hasGap ? ' gap' : ''}`;
}

async function followed(at: Stage): Promise<MarketFeed> {
  const feed = feedOf(at);
  feed.subscribe([rain]);
  await until(() => feed.book(yes)?.hasGap === false);
  return feed;
}

describe('the public stream', () => {
  test('starts with a snapshot, for both outcomes', async () => {
    const feed = await followed(await stage());
    expect(shown(feed.book(yes))).toBe('48×50 47×50 | 50×6 52×50');
    expect(shown(feed.book(no))).toBe('50×6 48×50 | 52×50 53×50');
  });

  test('follows what changes', async () => {
    const at = await stage();
    const feed = await followed(at);
    const changes: string[] = [];
    feed.onChange((instrument) => changes.push(instrument.outcome));
    await place(at, said('buy yes 8 @ 0.52'));
    await until(() => shown(feed.book(yes)) === '48×50 47×50 | 52×48');
    expect(changes).toContain('no');
  });

  test('is the same as the book that is asked for', async () => {
    const at = await stage();
    const feed = await followed(at);
    at.quotes.bids = [level('3 @ 0.45'), level('9 @ 0.44')];
    at.quotes.asks = [level('7.25 @ 0.46')];
    at.later(100);
    await until(() => shown(feed.book(yes)) === '45×3 44×9 | 46×7.25');
    const [askedYes, askedNo] = readValue(await at.venue.book(rain));
    expect(shown(feed.book(yes))).toBe(shown(askedYes));
    expect(shown(feed.book(no))).toBe(shown(askedNo));
  });

  test('a lost change is a hole, and the hole is filled by a snapshot', async () => {
    const at = await stage();
    const feed = await followed(at);
    const gaps: boolean[] = [];
    feed.onChange((instrument) => gaps.push(feed.book(instrument)?.hasGap ?? true));
    at.simulator.streams.loseChanges(1);
    await place(at, said('buy yes 6 @ 0.50')); // lost
    await place(at, said('buy yes 10 @ 0.52')); // shows the hole
    await until(() => shown(feed.book(yes)) === '48×50 47×50 | 52×40');
    expect(gaps).toContain(true);
  });

  test('a broken connection is a gap until the next snapshot', async () => {
    const at = await stage();
    const feed = await followed(at);
    let hasGapped = false;
    feed.onChange((instrument) => {
      hasGapped ||= feed.book(instrument)?.hasGap === true;
    });
    at.simulator.streams.drop();
    await until(() => hasGapped);
    at.quotes.asks = [level('1 @ 0.60')];
    at.later(100);
    await until(() => shown(feed.book(yes)) === '48×50 47×50 | 60×1');
  });

  test('asked for while the venue answers nothing, it starts once the venue does', async () => {
    const at = await stage();
    at.exchange.conditions.goOut('silent', LONG_MS);
    const feed = feedOf(at);
    feed.subscribe([rain]);
    const unanswered = () => at.exchange.faults.script.counts().kinds.outage_stream_met ?? 0;
    await until(() => unanswered() > 0);
    at.exchange.conditions.resume();
    await until(() => feed.book(yes)?.hasGap === false);
  });

  test('a simulator closes under a connection that it never answered', async () => {
    const at = await openStage();
    at.exchange.conditions.goOut('silent', LONG_MS);
    const feed = feedOf(at);
    const unanswered = () => at.exchange.faults.script.counts().kinds.outage_stream_met ?? 0;
    await until(() => unanswered() > 0);
    await at.close();
    await feed.close();
  });

  test('a quiet market is heard as long as its connection answers our ping', async () => {
    const feed = await followed(await stage());
    const heardAtMs = feed.book(yes)?.heardAtMs ?? 0;
    await until(() => (feed.book(yes)?.heardAtMs ?? 0) > heardAtMs);
  });

  test('a market that closed long ago is let go when others are added', async () => {
    const at = await stage();
    const feed = await followed(at);
    const hourMs = 3_600_000;
    feed.subscribe([{ ...rain, closesAtMs: Date.now() - hourMs }]); // it closed after all
    expect(feed.book(yes)).toBeUndefined();
  });

  test('a market that the venue does not have costs the others nothing', async () => {
    const feed = feedOf(await stage());
    feed.subscribe([{ ...rain, market: 'KXNONE' }, rain]);
    await until(() => feed.book(yes)?.hasGap === false);
    expect(feed.book({ ...yes, market: 'KXNONE' })).toBeUndefined();
  });
});

interface Heard {
  readonly stream: PrivateStream;
  readonly entries: VenueEntry[];
  readonly orders: VenueOrder[];
  connects: number;
}

async function listening(at: Stage): Promise<Heard> {
  const { simulator, credentials } = at;
  const stream = createKalshiPrivateStream({
    account: 'main',
    credentials,
    wsUrl: simulator.wsUrl,
    nowMs: Date.now,
    timing,
  });
  opened.push(stream);
  const heard: Heard = { stream, entries: [], orders: [], connects: 0 };
  stream.onEntry((entry) => heard.entries.push(entry));
  stream.onOrder((order) => heard.orders.push(order));
  stream.onConnect(() => {
    heard.connects += 1;
  });
  await until(() => heard.connects === 1);
  return heard;
}

describe('the private stream', () => {
  test('tells the same entries as the pages, netting and all', async () => {
    const at = await stage();
    const heard = await listening(at);
    await place(at, said('buy yes 10 @ 0.52'));
    await place(at, said('sell yes 4 @ 0.48', { isReduceOnly: true }));
    await place(at, said('buy no 9 @ 0.52'));
    await until(() => heard.entries.length === 4);
    const paged = readValue(await at.venue.entriesSince(0));
    const nameless = heard.entries.map((entry) => ({ ...entry, clientOrderId: undefined }));
    expect(nameless).toEqual(paged.map((entry) => ({ ...entry, clientOrderId: undefined })));
  });

  test('names our own order in every fill', async () => {
    const at = await stage();
    const heard = await listening(at);
    const order = said('buy yes 6 @ 0.50');
    await place(at, order);
    await until(() => heard.entries.length === 1);
    expect(heard.entries).toMatchObject([{ clientOrderId: order.clientOrderId }]);
  });

  test('shows an order whose answer never came', async () => {
    const at = await stage();
    const heard = await listening(at);
    const order = said('buy yes 6 @ 0.50');
    at.faults.set(order.clientOrderId, ['timeout_after_acceptance']);
    expect(await place(at, order, 100)).toMatchObject({ kind: 'unknown' });
    await until(() => heard.orders.some(({ state }) => state === 'filled'));
    expect(heard.orders.at(-1)).toMatchObject({ clientOrderId: order.clientOrderId });
  });

  test('says when it stands again, and the pages have what was missed', async () => {
    const at = await stage();
    const heard = await listening(at);
    await place(at, said('buy yes 1 @ 0.50'));
    await until(() => heard.entries.length === 1);
    const lastMs = heard.entries.at(-1)?.atMs ?? 0;
    at.simulator.streams.drop();
    at.later(1_000);
    await place(at, said('buy yes 2 @ 0.50')); // nobody hears it
    await until(() => heard.connects === 2);
    const missed = readValue(await at.venue.entriesSince(lastMs + 1));
    expect(missed.map(({ quantity }) => formatAmount(quantity))).toEqual(['2']);
  });

  test('is not for others: a key that the venue does not know gets no connection', async () => {
    const at = await stage();
    let connects = 0;
    const stream = createKalshiPrivateStream({
      account: 'main',
      credentials: createKalshiCredentials(),
      wsUrl: at.simulator.wsUrl,
      nowMs: Date.now,
      timing,
    });
    opened.push(stream);
    stream.onConnect(() => {
      connects += 1;
    });
    await listening(at); // ours comes up meanwhile
    expect(connects).toBe(0);
  });
});
