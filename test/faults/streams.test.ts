import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestDesk, readyToTrade, type TestDesk } from '../support/desk.js';
import { atVenues, sentOrder, soon, traded } from '../support/desk-ends.js';
import { intentOf } from '../support/desk-intent.js';
import {
  booksAgree,
  bothFilled,
  commanded,
  counting,
  legs,
  MATCHED,
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
  ...['gap', 'lagging', 'ahead', 'aheadp', 'behind', 'off'],
];

let desk: TestDesk;
beforeAll(async () => {
  desk = await openTestDesk({
    pairs: Object.fromEntries(pairs.map((pairId) => [pairId, {}])),
    terms: { answerTimeoutMs: 400 },
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
      const fault = { kind: 'late_fill', afterMs: 600, shown: 'live' } as const;
      scripted(desk, intentId, [
        { what, fault },
        { what, fault: { kind: 'no_answer', at: 'after' } },
      ]);
      let isBroken = () => 0;
      const result = await tradedWhile(desk, intentOf(intentId, `${name}${letter}`), async () => {
        await soon(() => sentOrder(desk, intentId, what));
        const broken = commanded(desk, venue, { command });
        isBroken = broken.injected;
      });

      expect(atVenues(desk, intentId)).toEqual(bothFilled);
      expect(result).toMatchObject(MATCHED);
      const done = { command: { command }, venue, injected: isBroken };
      tellCommand(context, done, result.kind);
      await readyToTrade(desk);
    },
  );
});

test('a book with a hole in its sequence is asked for anew, and its true prices are traded', async (context) => {
  const lost = counting(desk, 'kalshi', 'book_change_lost');
  const done = commanded(desk, 'kalshi', { command: 'lose_book_changes', count: CHANGES_LOST });
  const { kalshi } = desk.pairs.pair('gap');
  // The bid that the trade wants is gone, and we did not hear of it; then one more change shows it.
  desk.pairs.show(kalshi, { bids: '50 @ 0.51', asks: '50 @ 0.54' });
  await soon(() => expect(lost()).toBe(CHANGES_LOST));
  desk.pairs.show(kalshi, { bids: '50 @ 0.51', asks: '50 @ 0.55' });
  await isGone('gap', { yes: '0.4', no: '0.48' });
  const limitPrice = { yes: '0.4', no: '0.49' };
  const result = await traded(desk, intentOf('gap.1', 'gap', { limitPrice }));

  expect(atVenues(desk, 'gap.1')).toEqual([
    'entry/no kalshi buys no @ 0.49: 10',
    'entry/yes polymarket buys yes @ 0.4: 10 CONFIRMED',
  ]);
  expect(result).toMatchObject(MATCHED);
  tellCommand(context, { ...done, injected: lost }, result.kind);
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

  desk.venues.script.command('kalshi', { command: 'lag_pages', byMs: 0 });
  expect(atVenues(desk, 'lagging.1')).toEqual(bothFilled);
  expect(result).toMatchObject(MATCHED);
  tellCommand(context, lagged, result.kind);
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
      expect(atVenues(desk, `${pairId}.1`)).toEqual(bothFilled);
      expect(result).toMatchObject(MATCHED);
      expect(skewed.injected()).toBe(1);
      const fault = `skew_clock ${String(byMs)}`;
      tellFault(context, { fault, venue, injected: skewed.injected(), end: result.kind });
    },
  );

  test('a venue that does not believe our time refuses us, and the other leg is sold', async (context) => {
    // Its clock goes on from where it was set to: the last story of this desk.
    const skewed = commanded(desk, 'kalshi', { command: 'skew_clock', byMs: 60_000 });
    const result = await traded(desk, intentOf('off.1', 'off'));

    expect(atVenues(desk, 'off.1')).toEqual([
      'entry/yes polymarket buys yes @ 0.4: 10 CONFIRMED',
      'exit/yes/0 polymarket sells yes @ 0.38: 10 CONFIRMED',
    ]);
    expect(result).toMatchObject({ kind: 'exited', contracts: 0n });
    tellFault(context, {
      fault: 'skew_clock 60000',
      ...{ venue: 'kalshi', injected: skewed.injected(), end: result.kind },
    });
  });
});

test('afterwards our books are the venues’ ledgers', async () => {
  desk.venues.script.command('kalshi', { command: 'skew_clock', byMs: 0 });
  await booksAgree(desk);
});
