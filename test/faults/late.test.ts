import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBreaks, openCases, readControl } from '../../store/index.js';
import { openTestDesk, type TestDesk } from '../support/desk.js';
import { atVenues, becameAtMs, expectEnd, sentOrder, soon, traded } from '../support/desk-ends.js';
import { intentOf } from '../support/desk-intent.js';
import { quickTerms } from '../support/desk-terms.js';
import type { FaultStory } from './fault-desk.js';
import {
  booksAgree,
  bothFilled,
  COMPLETED,
  legs,
  MATCHED,
  SOLD,
  scripted,
  tellFault,
  tellStories,
  tellStoriesAtDesk,
} from './fault-desk.js';

// What comes when everybody thinks that it is over.

describe('while the trade still waits for its shares', () => {
  /** The leg was canceled with nothing and bought again; then the first order fills as well. */
  const twice = {
    polymarket: [
      'entry/no kalshi buys no @ 0.48: 10',
      'entry/yes polymarket buys yes @ 0.4: 10 CONFIRMED',
      'exit/no/0 polymarket buys yes @ 0.4: 10 CONFIRMED',
      'exit/yes/1 kalshi buys no @ 0.48: 10',
    ],
    kalshi: [
      'entry/no kalshi buys no @ 0.48: 10',
      'entry/yes polymarket buys yes @ 0.4: 10 CONFIRMED',
      'exit/no/1 polymarket buys yes @ 0.4: 10 CONFIRMED',
      'exit/yes/0 kalshi buys no @ 0.48: 10',
    ],
  } as const;
  const stories: readonly FaultStory[] = legs.map(({ venue, what, letter }) => ({
    name: `${venue} fills an order after it was canceled: what that is too much is matched, too`,
    pairId: `undead${letter}`,
    wrongs: [{ what, fault: { kind: 'fill_after_cancel', afterMs: 1_000 } }],
    ...{ orders: twice[venue], result: { kind: 'exited', contracts: 20_000_000_000n } },
  }));

  tellStoriesAtDesk(stories, { venues: { confirmMs: 3_000 } });
});

describe('long after the other leg was final', () => {
  const FAILED_AFTER_MS = 3_000;
  /** Much longer than it takes to sell what was just bought. */
  const STALE_MS = 4_000;
  const stale = { kind: 'stale_balance' } as const;
  const refusedSales = { venue: 'polymarket', kind: 'stale_balance_refused' } as const;
  const staleReads = { venue: 'kalshi', kind: 'stale_balance_told' } as const;
  const stories: readonly FaultStory[] = [
    {
      name: 'a completion whose shares fail on chain is bought again',
      pairId: 'again',
      wrongs: [
        { what: 'entry/yes', fault: { kind: 'reject' } },
        { what: 'exit/no/0', fault: { kind: 'failed_settlement', retryingMs: 20, failedMs: 50 } },
      ],
      orders: [
        'entry/no kalshi buys no @ 0.48: 10',
        'exit/no/0 polymarket buys yes @ 0.4: 10 FAILED',
        'exit/no/1 polymarket buys yes @ 0.4: 10 CONFIRMED',
      ],
      result: COMPLETED,
    },
    {
      name: 'a sale whose shares fail on chain is sold again',
      pairId: 'unsold',
      wrongs: [
        { what: 'entry/no', fault: { kind: 'pulled_liquidity', part: 1 } },
        { what: 'exit/yes/0', fault: { kind: 'failed_settlement', retryingMs: 20, failedMs: 50 } },
      ],
      orders: [
        'entry/no kalshi buys no @ 0.48: 0',
        'entry/yes polymarket buys yes @ 0.4: 10 CONFIRMED',
        'exit/yes/0 polymarket sells yes @ 0.38: 10 FAILED',
        'exit/yes/1 polymarket sells yes @ 0.38: 10 CONFIRMED',
      ],
      result: SOLD,
    },
    {
      name: 'shares that the balance cache does not know yet: their sale is refused, and made once it does',
      pairId: 'stalep',
      wrongs: [
        { what: 'entry/yes', fault: { ...stale, forMs: STALE_MS }, met: refusedSales },
        { what: 'entry/no', fault: { kind: 'pulled_liquidity', part: 1 } },
      ],
      orders: [
        'entry/no kalshi buys no @ 0.48: 0',
        'entry/yes polymarket buys yes @ 0.4: 10 CONFIRMED',
        'exit/yes/0 polymarket sells yes @ 0.38: 10 CONFIRMED',
      ],
      result: SOLD,
    },
    {
      name: 'a balance that Kalshi still tells as it was before the match is read, and changes nothing',
      pairId: 'stalek',
      wrongs: [{ what: 'entry/no', fault: { ...stale, forMs: STALE_MS }, met: staleReads }],
      ...{ orders: bothFilled, result: MATCHED },
    },
  ];

  let desk: TestDesk;
  beforeAll(async () => {
    const more = [...stories.map(({ pairId }) => pairId), 'minutes', 'endp', 'endk'];
    desk = await openTestDesk({
      pairs: Object.fromEntries(more.map((pairId) => [pairId, {}])),
      terms: { exit: { ...quickTerms.exit, refusalWaitMsMax: 20_000 } },
    });
  });
  afterAll(async () => desk.close());

  tellStories(() => desk, stories);

  test('MATCHED, RETRYING and at last FAILED: the leg is bought again, fifty confirmations later', async (context) => {
    const fault = {
      kind: 'failed_settlement',
      retryingMs: 500,
      failedMs: FAILED_AFTER_MS,
    } as const;
    const [name = ''] = scripted(desk, 'minutes.1', [{ what: 'entry/yes', fault }]);
    const result = await traded(desk, intentOf('minutes.1', 'minutes'));

    const entry = sentOrder(desk, 'minutes.1', 'entry/yes');
    const failedAtMs = becameAtMs(desk, entry, 'FAILED');
    expect(becameAtMs(desk, entry, 'RETRYING')).toBeLessThan(failedAtMs);
    const finalAtMs = sentOrder(desk, 'minutes.1', 'entry/no').updatedAtMs;
    expect(failedAtMs - finalAtMs).toBeGreaterThan(FAILED_AFTER_MS / 2);
    expectEnd(result, COMPLETED);
    expect(atVenues(desk, 'minutes.1')).toEqual([
      'entry/no kalshi buys no @ 0.48: 10',
      'entry/yes polymarket buys yes @ 0.4: 10 FAILED',
      'exit/no/0 polymarket buys yes @ 0.4: 10 CONFIRMED',
    ]);
    tellFault(context, {
      fault: `failed_settlement after ${FAILED_AFTER_MS}`,
      ...desk.venues.script.injected(name),
      end: result.kind,
    });
  });

  for (const { venue, what, letter } of legs) {
    test(`a fill of ${venue} that comes when the trade has ended is booked, and freezes its pair`, async (context) => {
      const intentId = `end${letter}.1`;
      const fault = { kind: 'fill_after_cancel', afterMs: 5_000 } as const;
      const [name = ''] = scripted(desk, intentId, [{ what, fault }]);
      const result = await traded(desk, intentOf(intentId, `end${letter}`));
      expectEnd(result, COMPLETED);
      expect(atVenues(desk, intentId)).toHaveLength(3);
      expect(sentOrder(desk, intentId, what).filledQuantity).toBe(0n);

      await soon(() =>
        expect(sentOrder(desk, intentId, what).filledQuantity).toBe(10_000_000_000n),
      );
      await soon(async () => {
        const { freezes } = await readControl(desk.db);
        expect(freezes.map(({ scope }) => scope)).toContainEqual({
          kind: 'pair',
          key: `end${letter}`,
        });
        const breaks = await openBreaks(desk.db);
        expect(breaks.map(({ pairId }) => pairId)).toContain(`end${letter}`);
        // Ten that no trade has: they are custody's, which keeps them here.
        const { market, outcome } = sentOrder(desk, intentId, what);
        const instrument = { venue, market, outcome };
        const found = (await openCases(desk.db)).map((one) => one.found);
        expect(found).toContainEqual(
          expect.objectContaining({ kind: 'position', instrument, quantity: 10_000_000_000n }),
        );
      });
      tellFault(context, {
        fault: 'fill_after_cancel when it is over',
        ...desk.venues.script.injected(name),
        end: 'frozen',
      });
    });
  }

  test('afterwards our books are the venues’ ledgers', async () => {
    await booksAgree(desk);
  });
});
