import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestDesk, readyToTrade, type TestDesk } from '../support/desk.js';
import { atVenues, expectEnd, sentOrder, soon, traded } from '../support/desk-ends.js';
import { intentOf } from '../support/desk-intent.js';
import {
  booksAgree,
  bothFilled,
  commanded,
  counting,
  legs,
  MATCHED,
  missedReads,
  PATIENCE_MS,
  reconnecting,
  SOLD,
  scripted,
  tellCommand,
  tellFault,
  tradedWhile,
} from './fault-desk.js';

// Connections and clocks. One after the other: what breaks is everybody's.

const CHANGES_LOST = 2;
/** The other leg of these is found by its pages and streams, and nothing else. */
const pairs = [
  ...legs.flatMap(({ letter }) => [`drop${letter}`, `half${letter}`, `more${letter}`]),
  ...['gap', 'lagging', 'ahead', 'aheadp', 'off', 'offp'],
];

let desk: TestDesk;
beforeAll(async () => {
  desk = await openTestDesk({
    pairs: Object.fromEntries(pairs.map((pairId) => [pairId, {}])),
    terms: { answerTimeoutMs: PATIENCE_MS },
  });
});
afterAll(async () => desk.close());

const breaks = [
  ['are dropped', 'drop', 'drop_streams'],
  ['are half open', 'half', 'half_open_streams'],
] as const;

describe.each(legs)('$venue', ({ venue, what, letter }) => {
  test.for(breaks)(
    'its streams %s in the middle of a trade: its fill is found on the pages, and trading goes on',
    async ([, name, command], context) => {
      const intentId = `${name}${letter}.1`;
      const fault = { kind: 'late_fill', afterMs: 800, shown: 'live' } as const;
      scripted(desk, intentId, [
        { what, fault },
        { what, fault: { kind: 'no_answer', at: 'after' } },
      ]);
      const reconnected = reconnecting(desk, venue);
      let isBroken = () => 0;
      const result = await tradedWhile(desk, intentOf(intentId, `${name}${letter}`), async () => {
        await soon(() => sentOrder(desk, intentId, what));
        const broken = commanded(desk, venue, { command });
        isBroken = broken.injected;
      });

      expectEnd(result, MATCHED);
      expect(atVenues(desk, intentId)).toEqual(bothFilled);
      const done = { command: { command }, venue, injected: isBroken };
      tellCommand(context, done, result.kind);
      await reconnected();
    },
  );
});

test('a book with a hole in its sequence is asked for anew, and its true prices are traded', async (context) => {
  const done = commanded(desk, 'kalshi', { command: 'lose_book_changes', count: CHANGES_LOST });
  const { kalshi } = desk.pairs.pair('gap');
  // The bid that the trade wants is gone, and we did not hear of it; then one more change shows it.
  desk.pairs.show(kalshi, { bids: '50 @ 0.51', asks: '50 @ 0.54' });
  await soon(() => expect(done.injected()).toBe(CHANGES_LOST));
  desk.pairs.show(kalshi, { bids: '50 @ 0.51', asks: '50 @ 0.55' });
  await isGone('gap', { yes: '0.4', no: '0.48' });
  const limitPrice = { yes: '0.4', no: '0.49' };
  const result = await traded(desk, intentOf('gap.1', 'gap', { limitPrice }));

  expectEnd(result, MATCHED);
  expect(atVenues(desk, 'gap.1')).toEqual([
    'entry/no kalshi buys no @ 0.49: 10',
    'entry/yes polymarket buys yes @ 0.4: 10 CONFIRMED',
  ]);
  tellCommand(context, done, result.kind);
});

/** Our books have heard: what would be approved at these prices is not there any more. */
async function isGone(pairId: string, limitPrice: { yes: string; no: string }): Promise<void> {
  let asked = 0;
  await soon(async () => {
    asked += 1;
    const dry = intentOf(`${pairId}.dry.${String(asked)}`, pairId, { limitPrice, dryRun: true });
    const { verdict, handle } = await desk.client.arbitrage(dry);
    await handle.result();
    expect(verdict).toMatchObject({ kind: 'denied', denial: { code: 'LIQUIDITY_TOO_SMALL' } });
  });
  // What was too little rests its pair for a moment.
  await soon(async () => {
    const resting = sql`select 1 from pair_holds where pair_id = ${pairId} and until > now()`;
    expect((await resting.execute(desk.db)).rows).toEqual([]);
  });
}

test('pages of Kalshi that lag say so: an order is not given up before their time has come', async (context) => {
  const lagged = commanded(desk, 'kalshi', { command: 'lag_pages', byMs: 3_500 });
  const order = { what: 'entry/no' } as const;
  scripted(desk, 'lagging.1', [
    { ...order, fault: { kind: 'no_answer', at: 'after' } },
    { ...order, fault: { kind: 'report_lost' } },
  ]);
  const notAfterMs = Date.now() + 2_000;
  const result = await traded(desk, intentOf('lagging.1', 'lagging', { notAfterMs }));

  const missed = missedReads(desk, 'kalshi', { intentId: 'lagging.1', ...order });
  desk.venues.script.command('kalshi', { command: 'lag_pages', byMs: 0 });
  expectEnd(result, MATCHED);
  expect(atVenues(desk, 'lagging.1')).toEqual(bothFilled);
  tellCommand(context, { ...lagged, injected: () => missed }, result.kind);
});

describe('a clock that is wrong', () => {
  test.for([
    ['kalshi', 'ahead', 2_500],
    ['polymarket', 'aheadp', 20_000],
  ] as const)(
    '%s (%s): within what the venue allows, a trade is a trade',
    async ([venue, pairId, byMs], context) => {
      const skewed = commanded(desk, venue, { command: 'skew_clock', byMs });
      const result = await traded(desk, intentOf(`${pairId}.1`, pairId));
      expectEnd(result, MATCHED);
      expect(atVenues(desk, `${pairId}.1`)).toEqual(bothFilled);
      const fault = `skew_clock ${String(byMs)}`;
      tellFault(context, { fault, venue, injected: skewed.injected(), end: result.kind });
    },
  );

  // Rows never go back in time, whatever the clock is set to: the last stories of this desk.
  test.for([
    [
      'kalshi',
      'off',
      60_000,
      [
        'entry/yes polymarket buys yes @ 0.4: 10 CONFIRMED',
        'exit/yes/0 polymarket sells yes @ 0.38: 10 CONFIRMED',
      ],
    ],
    [
      'polymarket',
      'offp',
      120_000,
      ['entry/no kalshi buys no @ 0.48: 10', 'exit/no/0 kalshi reduces, sells no @ 0.46: 10'],
    ],
  ] as const)(
    '%s (%s) does not believe our time and refuses us: the other leg is sold',
    async ([venue, pairId, byMs, orders], context) => {
      await readyToTrade(desk); // the venue before has just come back to our time
      const refused = counting(desk, venue, 'skew_clock_refused');
      desk.venues.script.command(venue, { command: 'skew_clock', byMs });
      const result = await traded(desk, intentOf(`${pairId}.1`, pairId));
      desk.venues.script.command(venue, { command: 'skew_clock', byMs: 0 });

      expectEnd(result, SOLD);
      expect(atVenues(desk, `${pairId}.1`)).toEqual(orders);
      const fault = `skew_clock ${String(byMs)}`;
      tellFault(context, { fault, venue, injected: refused(), end: result.kind });
    },
  );
});

test('afterwards our books are the venues’ ledgers', async () => {
  await booksAgree(desk);
});

/** Set back it stands still for so long, then it goes on behind us: a desk of its own. */
describe('a clock that is behind ours', () => {
  let late: TestDesk;
  beforeAll(async () => {
    late = await openTestDesk({
      pairs: { behindk: {}, behindp: {} },
      terms: { answerTimeoutMs: PATIENCE_MS, latenessMs: 3_000 },
    });
  });
  afterAll(async () => late.close());

  test.for([
    ['kalshi', 'behindk', 'entry/no', -2_000],
    ['polymarket', 'behindp', 'entry/yes', -2_500],
  ] as const)(
    '%s (%s): an order whose answer never comes is found, though it is older there than here',
    async ([venue, pairId, what, byMs], context) => {
      const skewed = commanded(late, venue, { command: 'skew_clock', byMs });
      scripted(late, `${pairId}.1`, [
        { what, fault: { kind: 'no_answer', at: 'after' } },
        { what, fault: { kind: 'report_lost' } },
      ]);
      const result = await traded(late, intentOf(`${pairId}.1`, pairId));

      expectEnd(result, MATCHED);
      expect(atVenues(late, `${pairId}.1`)).toEqual(bothFilled);
      tellCommand(context, skewed, result.kind);
    },
  );

  test('afterwards our books are the venues’ ledgers', async () => {
    await booksAgree(late);
  });
});
