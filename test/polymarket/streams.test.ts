import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Instrument, Outcome } from '../../domain/instrument.js';
import { formatAmount, price } from '../../domain/money.js';
import type { MarketFeed, PrivateStream } from '../../domain/venue.js';
import { createPolymarketFeed, openPolymarketStream } from '../../venues/polymarket/index.js';
import { startPolymarketSimulator } from '../../venues/polymarket/simulator/index.js';
import { orderOf, rain } from './desk.js';
import {
  credentials,
  RESOLVES_MS,
  START_MS,
  type Stage,
  type StageOptions,
  stage,
} from './stage.js';

const timings = {
  ...{ pingMs: 10, backoffMs: 5, backoffMsMax: 20 },
  ...{ silenceMs: 60_000, handshakeMs: 500 },
};
const LONG_MS = 600_000;
const open: { close: () => Promise<void> }[] = [];

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

function opened<Open extends { close: () => Promise<void> }>(one: Open): Open {
  open.push(one);
  return one;
}

const play = async (options: StageOptions = {}) => opened(await stage(options));

/** Waits for what another side of a socket brings about; fails by the test's own deadline. */
async function until(happened: () => boolean): Promise<void> {
  while (!happened()) await new Promise((resolve) => setTimeout(resolve, 2));
}

const of = (outcome: Outcome): Instrument => ({
  venue: 'polymarket',
  market: rain.market,
  outcome,
});

/** "10 @ 0.45 | 7 @ 0.5", best level of each side, with " gap" where nothing may be priced. */
function topOf(feed: MarketFeed, outcome: Outcome): string {
  const book = feed.book(of(outcome));
  if (!book) return 'nothing';
  const best = ([level]: typeof book.bids) =>
    level ? `${formatAmount(level.quantity)} @ ${formatAmount(level.price)}` : '-';
  return `${best(book.bids)} | ${best(book.asks)}${book.hasGap ? ' gap' : ''}`;
}

function feedOf(wsUrl: string, nowMs: () => number = Date.now): MarketFeed {
  const feed = opened(createPolymarketFeed({ wsUrl, nowMs, timings, rebookMs: 5 }));
  feed.subscribe([rain]);
  return feed;
}

describe('the public books', () => {
  test('PM-40 follow the venue, YES and NO', async () => {
    const { simulator, quote } = await play({ bids: ['10 @ 0.45'], asks: ['7 @ 0.50'] });
    const feed = feedOf(simulator.wsUrl);
    const changes: string[] = [];
    feed.onChange((instrument) => changes.push(instrument.outcome));
    expect(topOf(feed, 'yes')).toBe('nothing');
    await until(() => topOf(feed, 'no') === '7 @ 0.5 | 10 @ 0.55');
    expect(topOf(feed, 'yes')).toBe('10 @ 0.45 | 7 @ 0.5');
    changes.length = 0;
    quote(['3 @ 0.46', '10 @ 0.45'], ['9 @ 0.49', '7 @ 0.50']);
    await until(() => topOf(feed, 'no') === '9 @ 0.51 | 3 @ 0.54');
    expect(topOf(feed, 'yes')).toBe('3 @ 0.46 | 9 @ 0.49');
    expect(new Set(changes)).toEqual(new Set(['yes', 'no']));
  });

  test('PM-41 have a gap while the connection is gone, and are whole again after it', async () => {
    const { simulator, exchange, quote } = await play({ bids: ['10 @ 0.45'], asks: ['7 @ 0.50'] });
    const feed = feedOf(simulator.wsUrl);
    await until(() => topOf(feed, 'yes') === '10 @ 0.45 | 7 @ 0.5');
    await simulator.close();
    await until(() => topOf(feed, 'yes') === '10 @ 0.45 | 7 @ 0.5 gap');
    quote(['3 @ 0.46'], ['9 @ 0.49']);
    const port = Number(new URL(simulator.url).port);
    opened(await startPolymarketSimulator({ exchange, port, accounts: [] }));
    await until(() => topOf(feed, 'yes') === '3 @ 0.46 | 9 @ 0.49');
  });

  test('PM-42 of a quiet market stay fresh as long as the connection answers our ping', async () => {
    const { simulator } = await play({ bids: ['10 @ 0.45'] });
    let clockMs = START_MS;
    const feed = feedOf(simulator.wsUrl, () => clockMs);
    await until(() => topOf(feed, 'yes') === '10 @ 0.45 | -');
    clockMs += 30_000;
    await until(() => feed.book(of('yes'))?.heardAtMs === clockMs);
  });

  test('PM-43 of a connection that is silent too long are given up and built anew', async () => {
    const deaf = await scriptedVenue(
      // Once: a word that comes after the clock was moved would end the silence.
      ({ say, messages }) => {
        if (messages.length === 1) say(book('10 @ 0.45', '7 @ 0.50'));
      },
      { answersPings: false },
    );
    let clockMs = START_MS;
    const feed = feedOf(deaf.wsUrl, () => clockMs);
    await until(() => topOf(feed, 'yes') === '10 @ 0.45 | 7 @ 0.5');
    clockMs += timings.silenceMs + 1;
    await until(() => deaf.connections() === 2);
  });

  test('PM-49 that were asked for while the venue answered nothing come once it does', async () => {
    const { simulator, exchange } = await play({ bids: ['10 @ 0.45'] });
    exchange.conditions.goOut('silent', LONG_MS);
    const feed = feedOf(simulator.wsUrl);
    const unanswered = () => exchange.faults.script.counts().kinds.outage_stream_met ?? 0;
    await until(() => unanswered() > 0);
    exchange.conditions.resume();
    await until(() => topOf(feed, 'yes') === '10 @ 0.45 | -');
  });

  test('PM-39 a simulator closes under a connection that it never answered', async () => {
    const { simulator, exchange } = await play();
    exchange.conditions.goOut('silent', LONG_MS);
    feedOf(simulator.wsUrl);
    const unanswered = () => exchange.faults.script.counts().kinds.outage_stream_met ?? 0;
    await until(() => unanswered() > 0);
    await simulator.close();
  });

  test('PM-44 of a resolved market are forgotten', async () => {
    const { simulator, later } = await play({ bids: ['10 @ 0.45'] });
    const feed = feedOf(simulator.wsUrl);
    await until(() => topOf(feed, 'yes') === '10 @ 0.45 | -');
    later(RESOLVES_MS - START_MS);
    await until(() => topOf(feed, 'yes') === 'nothing');
    feed.subscribe([rain]);
    expect(topOf(feed, 'yes')).toBe('nothing');
  });

  test('PM-45 that cross are asked for again on the same stream', async () => {
    const venue = await scriptedVenue(({ say, message, asked }) => {
      if (!message.includes('subscribe') && asked > 1) return;
      if (message.includes('unsubscribe')) return;
      say(asked === 1 ? book('10 @ 0.45', '7 @ 0.50') : book('3 @ 0.46', '9 @ 0.49'));
      if (asked === 1) say(change('BUY', '1 @ 0.50'));
    });
    const feed = feedOf(venue.wsUrl);
    await until(() => topOf(feed, 'yes') === '3 @ 0.46 | 9 @ 0.49');
    expect(venue.messages.filter((message) => message.includes('unsubscribe'))).not.toEqual([]);
  });

  test('PM-46 are not priced after a change of tick, until the market is known by its new one', async () => {
    const tick = {
      event_type: 'tick_size_change',
      asset_id: '1111',
      market: rain.market,
      new_tick_size: '0.001',
    };
    const venue = await scriptedVenue(({ say, asked }) => {
      if (asked > 1) return;
      say(book('10 @ 0.45', '7 @ 0.50'));
      say(tick);
    });
    const feed = feedOf(venue.wsUrl);
    await until(() => topOf(feed, 'yes') === '10 @ 0.45 | 7 @ 0.5 gap');
    const finer = { start: price('0.001'), end: price('0.999'), step: price('0.001') };
    feed.subscribe([{ ...rain, priceBands: [finer] }]);
    expect(topOf(feed, 'yes')).toBe('10 @ 0.45 | 7 @ 0.5');
  });

  test('PM-47 are unmoved by words that are no events', async () => {
    const venue = await scriptedVenue(({ say, asked, raw }) => {
      if (asked > 1) return;
      say(book('10 @ 0.45', '7 @ 0.50'));
      raw('PONG');
      raw('{"half":');
      say({ event_type: 'last_trade_price', asset_id: '1111', price: '0.47' });
      say({
        event_type: 'price_change',
        market: rain.market,
        timestamp: '2',
        price_changes: 'many',
      });
      say(change('BUY', '11 @ 0.45'));
    });
    const feed = feedOf(venue.wsUrl);
    await until(() => topOf(feed, 'yes') === '11 @ 0.45 | 7 @ 0.5');
  });
});

describe('our own orders and trades', () => {
  test('PM-50 are told as they happen, to their settlement', async () => {
    const { venue, simulator, later, nowMs } = await play({ asks: ['100 @ 0.50'] });
    const { stream, told, connects } = streamOf({ simulator, nowMs });
    await until(() => connects() === 1);
    const order = await venue.prepare(orderOf({ name: 'a', limit: '0.50', contracts: '10' }), rain);
    await venue.place(order, 2_000);
    await until(
      () => told.includes('fill 10 @ 0.5 provisional') && told.includes('order filled 10'),
    );
    later(3_000);
    await until(() => told.includes('fill 10 @ 0.5 final'));
    await stream.close();
  });

  test('PM-51 that FAILED are told as a reversal', async () => {
    const faults = { a: ['failed_settlement'] } as const;
    const { venue, simulator, later, nowMs } = await play({ asks: ['100 @ 0.50'], faults });
    const { told, connects } = streamOf({ simulator, nowMs });
    await until(() => connects() === 1);
    const order = await venue.prepare(orderOf({ name: 'a', limit: '0.50', contracts: '10' }), rain);
    await venue.place(order, 2_000);
    later(5_000);
    await until(() => told.includes('reversal 10 @ 0.5'));
  });

  test('PM-52 that were missed are in the pages, and every reconnection says so', async () => {
    const { venue, simulator, exchange, nowMs } = await play({ asks: ['100 @ 0.50'] });
    const { told, connects } = streamOf({ simulator, nowMs });
    await until(() => connects() === 1);
    const order = await venue.prepare(orderOf({ name: 'a', limit: '0.50', contracts: '10' }), rain);
    await simulator.close();
    // Between the two connections the rival's order meets ours; here: ours is taken in by the exchange.
    exchange.place({
      ...{ account: 'desk', market: rain.market, outcome: 'yes', side: 'buy', timeInForce: 'IOC' },
      ...{
        limitPrice: price('0.50'),
        fixed: order.order.fixed,
        isReduceOnly: false,
        isPostOnly: false,
      },
      ...{ venueOrderId: order.venueOrderId ?? '', clientKey: 'missed' },
    });
    const port = Number(new URL(simulator.url).port);
    opened(
      await startPolymarketSimulator({
        exchange,
        port,
        accounts: [{ account: 'desk', credentials }],
      }),
    );
    await until(() => connects() === 2);
    expect(told).toEqual([]);
    const pages = await venue.entriesSince(START_MS);
    expect(pages).toMatchObject({ kind: 'read', value: [{ venueOrderId: order.venueOrderId }] });
  });

  test('PM-53 are told to nobody with another passphrase', async () => {
    const { simulator, nowMs } = await play();
    const strange = { ...credentials, passphrase: 'guessed' };
    const { told, connects } = streamOf({ simulator, nowMs, as: strange });
    const right = streamOf({ simulator, nowMs });
    await until(() => right.connects() === 1);
    expect(told).toEqual([]);
    expect(connects()).toBe(0);
  });
});

interface StreamStage extends Pick<Stage, 'simulator' | 'nowMs'> {
  readonly as?: typeof credentials;
}

function streamOf({ simulator, nowMs, as = credentials }: StreamStage) {
  const stream: PrivateStream = opened(
    openPolymarketStream({
      ...{ account: 'desk', credentials: as, nowMs, timings },
      ...{ wsUrl: simulator.wsUrl, baseUrl: simulator.url },
    }),
  );
  const told: string[] = [];
  let connects = 0;
  stream.onConnect(() => {
    connects += 1;
  });
  stream.onEntry((entry) => {
    const finality = entry.kind === 'fill' ? ` ${entry.finality}` : '';
    told.push(
      `${entry.kind} ${formatAmount(entry.quantity)} @ ${formatAmount(entry.price)}${finality}`,
    );
  });
  stream.onOrder((order) => {
    told.push(`order ${order.state} ${formatAmount(order.cumulativeQuantity)}`);
  });
  return { stream, told, connects: () => connects };
}

/** A message that came in, how often books were asked for by then, and what can be answered. */
interface Scene {
  readonly message: string;
  /** All that came in, this one last. */
  readonly messages: readonly string[];
  readonly asked: number;
  readonly say: (event: object) => void;
  readonly raw: (text: string) => void;
}
type Script = (scene: Scene) => void;

/** A venue that says exactly what the story wants, also what a real one must never say. */
async function scriptedVenue(script: Script, options = { answersPings: true }) {
  const server = new WebSocketServer({
    host: '127.0.0.1',
    port: 0,
    autoPong: options.answersPings,
  });
  await new Promise((resolve) => server.once('listening', resolve));
  const messages: string[] = [];
  let connections = 0;
  let asked = 0;
  server.on('connection', (socket: WebSocket) => {
    connections += 1;
    socket.on('message', (data: Buffer) => {
      const message = data.toString('utf8');
      messages.push(message);
      if (message.includes('1111') && !message.includes('unsubscribe')) asked += 1;
      const raw = (text: string) => socket.send(text);
      script({ message, messages, asked, raw, say: (event) => raw(JSON.stringify(event)) });
    });
  });
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return opened({
    wsUrl: `ws://127.0.0.1:${port}`,
    messages,
    connections: () => connections,
    close: async () => {
      for (const client of server.clients) client.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

const level = (text: string) => {
  const [size = '', at = ''] = text.split(' @ ');
  return { price: at, size };
};
const book = (bid: string, ask: string) => ({
  ...{ event_type: 'book', market: rain.market, asset_id: '1111', timestamp: '1', hash: 'unknown' },
  ...{ bids: [level(bid)], asks: [level(ask)] },
});
const change = (side: 'BUY' | 'SELL', text: string) => ({
  ...{ event_type: 'price_change', market: rain.market, timestamp: '2' },
  price_changes: [{ asset_id: '1111', side, ...level(text) }],
});
