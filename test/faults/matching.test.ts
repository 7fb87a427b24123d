import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestDesk, type TestDesk } from '../support/desk.js';
import { atVenues, traded } from '../support/desk-ends.js';
import { intentOf } from '../support/desk-intent.js';
import type { FaultStory } from './fault-desk.js';
import {
  booksAgree,
  bothFilled,
  boughtAfterAll,
  COMPLETED,
  legs,
  MATCHED,
  PATIENCE_MS,
  refusedAndFoundAsOld,
  scripted,
  tellFault,
  tellStories,
} from './fault-desk.js';

/** So soon that what answers twice has its second answer within our patience. */
const ARCHIVE_AFTER_MS = 30;

const stories: readonly FaultStory[] = [
  {
    name: 'a part is filled on Kalshi, then silence: the rest is bought once the part is known',
    pairId: 'partk',
    wrongs: [
      { what: 'entry/no', fault: { kind: 'partial_fill', part: 0.3 } },
      { what: 'entry/no', fault: { kind: 'no_answer', at: 'after' } },
    ],
    orders: [
      'entry/no kalshi buys no @ 0.48: 3',
      'entry/yes polymarket buys yes @ 0.4: 10 CONFIRMED',
      'exit/yes/0 kalshi buys no @ 0.48: 7',
    ],
    result: COMPLETED,
  },
  {
    name: 'a part is filled on Polymarket, then silence: the rest is bought once the part is known',
    pairId: 'partp',
    wrongs: [
      { what: 'entry/yes', fault: { kind: 'partial_fill', part: 0.3 } },
      { what: 'entry/yes', fault: { kind: 'no_answer', at: 'after' } },
    ],
    orders: [
      'entry/no kalshi buys no @ 0.48: 10',
      'entry/yes polymarket buys yes @ 0.4: 3 CONFIRMED',
      'exit/no/0 polymarket buys yes @ 0.4: 7 CONFIRMED',
    ],
    result: COMPLETED,
  },
  ...(['live', 'delayed'] as const).flatMap((shown): readonly FaultStory[] => [
    {
      name: `Polymarket says ${shown} with nothing, and fills later: that fill is the leg`,
      pairId: `${shown}fills`,
      wrongs: [{ what: 'entry/yes', fault: { kind: 'late_fill', afterMs: 300, shown } }],
      orders: bothFilled,
      result: MATCHED,
    },
    {
      name: `Polymarket says ${shown} and never fills: its leg is bought when that is certain`,
      pairId: `${shown}empty`,
      wrongs: [
        { what: 'entry/yes', fault: { kind: 'late_fill', afterMs: 300, shown, fills: false } },
      ],
      orders: [
        'entry/no kalshi buys no @ 0.48: 10',
        'entry/yes polymarket buys yes @ 0.4: 0',
        'exit/no/0 polymarket buys yes @ 0.4: 10 CONFIRMED',
      ],
      result: COMPLETED,
    },
  ]),
  {
    name: 'Kalshi says resting with nothing, and fills later: that fill is the leg',
    pairId: 'livekalshi',
    wrongs: [{ what: 'entry/no', fault: { kind: 'late_fill', afterMs: 300, shown: 'live' } }],
    orders: bothFilled,
    result: MATCHED,
  },
  {
    name: 'a duplicate of an order that still lives is that order, found and waited for',
    pairId: 'duplive',
    wrongs: [
      { what: 'entry/no', fault: { kind: 'late_fill', afterMs: 300, shown: 'live' } },
      { what: 'entry/no', fault: { kind: 'sent_twice' } },
    ],
    orders: bothFilled,
    result: MATCHED,
  },
  {
    name: 'a duplicate of an order that is over and archived is that order, found among the old',
    pairId: 'dupold',
    wrongs: [
      {
        what: 'entry/no',
        fault: { kind: 'sent_twice', afterMs: 2 * ARCHIVE_AFTER_MS },
        met: (at, intentId) => refusedAndFoundAsOld(at, 'kalshi', { intentId, what: 'entry/no' }),
      },
      // A report that is faster than the second answer would tell how it ended, and nobody would ask.
      { what: 'entry/no', fault: { kind: 'report_lost' } },
    ],
    orders: bothFilled,
    result: MATCHED,
  },
  {
    name: 'an exit that Kalshi oversells flips the position: a residual that freezes its pair',
    pairId: 'flip',
    wrongs: [
      { what: 'entry/yes', fault: { kind: 'pulled_liquidity', part: 1 } },
      { what: 'exit/no/0', fault: { kind: 'overfill', by: '2' } },
    ],
    orders: ['entry/no kalshi buys no @ 0.48: 10', 'exit/no/0 kalshi reduces, sells no @ 0.46: 12'],
    result: { kind: 'residual', residual: { leg: 'yes', quantity: 2_000_000_000n } },
  },
  {
    name: 'more shares than ordered for the same dollars are matched by more on Kalshi',
    pairId: 'more',
    wrongs: [{ what: 'entry/yes', fault: { kind: 'better_price', by: '0.05' } }],
    orders: [
      'entry/no kalshi buys no @ 0.48: 10',
      'entry/yes polymarket buys yes @ 0.4: 11.42 CONFIRMED',
      'exit/yes/0 kalshi buys no @ 0.48: 1.42',
    ],
    result: { kind: 'exited', contracts: 11_420_000_000n },
  },
  ...legs.map(
    ({ venue, what, letter }): FaultStory => ({
      name: `${venue} refuses the entry for now: it is bought again under a new id`,
      ...{ pairId: `reject${letter}`, wrongs: [{ what, fault: { kind: 'reject' } }] },
      ...{ orders: boughtAfterAll[venue], result: COMPLETED },
    }),
  ),
  ...legs.flatMap(({ venue, what, letter }) =>
    (['never', 1_000] as const).map(
      (afterMs): FaultStory => ({
        name: `${venue} takes the entry in and answers ${afterMs === 'never' ? 'never' : 'late'}`,
        pairId: `silent${letter}${afterMs}`,
        wrongs: [{ what, fault: { kind: 'timeout_after_acceptance', afterMs } }],
        ...{ orders: bothFilled, result: MATCHED },
      }),
    ),
  ),
];

const shared = {
  market: `0x${'5'.repeat(64)}`,
  tokens: { yesToken: '77', noToken: '78', isNegRisk: false, domainVersion: '3' },
} as const;

let desk: TestDesk;
beforeAll(async () => {
  desk = await openTestDesk({
    pairs: {
      ...Object.fromEntries(stories.map(({ pairId }) => [pairId, {}])),
      joint1: { polymarketMarket: shared },
      joint2: { polymarketMarket: shared },
    },
    terms: { answerTimeoutMs: PATIENCE_MS },
    venues: { archiveAfterMs: ARCHIVE_AFTER_MS },
  });
});
afterAll(async () => desk.close());

tellStories(() => desk, stories);

test('one trade that fills two of our orders is a fill of each', async (context) => {
  const fault = { kind: 'late_fill', afterMs: 50, shown: 'live', jointly: 'both' } as const;
  const names = ['joint1.1', 'joint2.1'].flatMap((intentId) =>
    scripted(desk, intentId, [{ what: 'entry/yes', fault }]),
  );
  const results = await Promise.all(
    ['joint1', 'joint2'].map((pairId) => traded(desk, intentOf(`${pairId}.1`, pairId))),
  );

  expect(results).toMatchObject([MATCHED, MATCHED]);
  expect(atVenues(desk, 'joint1.1')).toEqual(bothFilled);
  expect(atVenues(desk, 'joint2.1')).toEqual(bothFilled);
  const trades = desk.venues.polymarket.exchange.trades({ account: 'main', market: shared.market });
  expect(trades.map(({ parts }) => parts.length)).toEqual([3]);
  for (const name of names) {
    const told = desk.venues.script.injected(name);
    tellFault(context, { fault: 'late_fill jointly', ...told, end: 'matched' });
  }
});

test('afterwards our books are the venues’ ledgers', async () => {
  await booksAgree(desk);
});
