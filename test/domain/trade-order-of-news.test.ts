import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Quantity } from '../../domain/money.js';
import { negate, subtract, ZERO_QUANTITY } from '../../domain/money.js';
import { certainExcess } from '../../domain/trade/certain-excess.js';
import { nextStep } from '../../domain/trade/next-step.js';
import { admitted, openTrade } from '../../domain/trade/open-trade.js';
import { resultOf } from '../../domain/trade/result-of.js';
import type { SendOutcome, TradeState } from '../../domain/trade/trade.js';
import { fired, learned, reported } from '../../domain/trade/transitions.js';
import type { Fill, TradeRow } from '../../domain/venue-entry.js';
import { without } from '../../domain/without.js';
import { approvalFor, fillOf, intentOf } from './trade-fixture.js';

const LOT = 10_000_000n;
const { entries } = approvalFor();
const orders = { poly: entries.yesOrder, kalshi: entries.noOrder };
type Leg = keyof typeof orders;

/** What really happened to a leg: its fills in lots, which of them fail, and what we were answered. */
const truths = fc.record({
  lots: fc.array(fc.integer({ min: 1, max: 2_500 }), { maxLength: 4 }),
  failing: fc.integer({ min: -1, max: 3 }),
  answer: fc.constantFrom('told', 'unknown'),
});
type Truth = typeof truths extends fc.Arbitrary<infer T> ? T : never;

type News = (state: TradeState, atMs: number) => TradeState;
const stories = fc
  .record({ poly: truths, kalshi: truths.map((truth) => ({ ...truth, failing: -1 })) })
  .chain(({ poly, kalshi }) => {
    const news = [...newsOf('poly', poly), ...newsOf('kalshi', kalshi), shot(poly, kalshi)];
    // Everything may come twice, and in any order.
    return fc.record({
      poly: fc.constant(poly),
      kalshi: fc.constant(kalshi),
      told: fc.shuffledSubarray([...news, ...news], { minLength: news.length * 2 }),
    });
  });

function newsOf(leg: Leg, truth: Truth): News[] {
  const fills = fillsOf(leg, truth);
  const failed = fills[truth.failing];
  const rows: TradeRow[] = fills.flatMap((fill) =>
    fill === failed ? [fill, reversalOf(fill)] : [fill, { ...fill, finality: 'final' }],
  );
  const reports = rows.map(
    (row): News =>
      (state, atMs) =>
        reported(state, [row], atMs),
  );
  return truth.answer === 'told' ? reports : [...reports, evidence(leg, truth)];
}

/** Evidence is asked for after the shot: before it there is nothing to be asked about. */
function evidence(leg: Leg, truth: Truth): News {
  const found = {
    kind: 'found',
    clientOrderId: leg,
    order: orders[leg],
    venueOrderId: `v-${leg}`,
    state: 'canceled',
    cumulativeQuantity: grossOf(truth),
    rows: [],
  } as const;
  return (state, atMs) => (isShot(state) ? learned(state, [found], atMs) : state);
}

function shot(poly: Truth, kalshi: Truth): News {
  const outcomes = { poly: outcomeOf('poly', poly), kalshi: outcomeOf('kalshi', kalshi) };
  return (state, atMs) => fired(state, outcomes, atMs);
}

function outcomeOf(leg: Leg, truth: Truth): SendOutcome {
  if (truth.answer === 'unknown') return { kind: 'unknown', code: 'TIMEOUT', reason: 'silence' };
  const cumulativeQuantity = grossOf(truth);
  return { kind: 'accepted', venueOrderId: `v-${leg}`, state: 'canceled', cumulativeQuantity };
}

const isShot = ({ orders: known }: TradeState): boolean =>
  known.some((order) => order.status !== 'planned');

function fillsOf(leg: Leg, { lots }: Truth): Fill[] {
  const order = orders[leg];
  return lots.map((count, index) => {
    const contracts = (BigInt(count) * LOT) as Quantity; // whole lots
    const executionId = `${leg}-${index}`;
    return fillOf(order, { executionId, contracts, price: order.limitPrice, atMs: index });
  });
}

const reversalOf = (fill: Fill): TradeRow =>
  without({ ...fill, kind: 'reversal' as const, cash: negate(fill.cash) }, 'finality');

const lotsOf = (counts: readonly number[]): Quantity =>
  (counts.reduce((sum, count) => sum + BigInt(count), 0n) * LOT) as Quantity; // whole lots
const grossOf = ({ lots }: Truth): Quantity => lotsOf(lots);
const netOf = ({ lots, failing }: Truth): Quantity =>
  lotsOf(lots.filter((_, index) => index !== failing));

const opened = admitted(openTrade(intentOf(), 'arbitrage/desk.1.1'), approvalFor());
const play = (told: readonly News[]): TradeState[] => {
  const states: TradeState[] = [];
  for (const [atMs, news] of told.entries()) states.push(news(states.at(-1) ?? opened, atMs));
  return states;
};

describe('news in any order, and twice', () => {
  const runs = { numRuns: 200 };

  test('the certain excess is never more than the fills that are known leave of it', () => {
    fc.assert(
      fc.property(stories, ({ poly, kalshi, told }) => {
        for (const state of play(told)) {
          const excess = certainExcess(state);
          if (!excess) continue;
          // A match that will fail still counts for its own leg; it never helps the other one.
          const [own, other] = excess.leg === 'yes' ? [poly, kalshi] : [kalshi, poly];
          const most = subtract(grossOf(own), netOf(other));
          expect(excess.quantity).toBeLessThanOrEqual(most);
          expect(excess.sellable).toBeLessThanOrEqual(excess.quantity);
        }
      }),
      runs,
    );
  });

  test('when all is told, the excess is what the venues hold', () => {
    fc.assert(
      fc.property(stories, ({ poly, kalshi, told }) => {
        const end = play([...told, ...newsOf('poly', poly), ...newsOf('kalshi', kalshi)]).at(-1);
        if (!end) throw new Error('there is always a shot');
        const difference = subtract(netOf(poly), netOf(kalshi));
        const size = difference < 0n ? negate(difference) : difference;
        expect(certainExcess(end)?.quantity ?? ZERO_QUANTITY).toBe(size);
        const step = nextStep(end, told.length * 10);
        expect(step.kind).toBe(size === 0n ? 'done' : 'exit');
      }),
      runs,
    );
  });

  test('the figures do not depend on the order in which they came', () => {
    fc.assert(
      fc.property(stories, ({ poly, kalshi, told }) => {
        const inOrder = [shot(poly, kalshi), ...newsOf('poly', poly), ...newsOf('kalshi', kalshi)];
        const again = [...newsOf('poly', poly), ...newsOf('kalshi', kalshi)];
        const first = play([...told, ...again]).at(-1);
        const second = play(inOrder).at(-1);
        if (!first || !second) throw new Error('there is always a shot');
        // Whether there ever was an excess is a matter of when it was known.
        const [one, other] = [first, second].map((state) => without(resultOf(state, 99), 'kind'));
        expect(one).toEqual(other);
      }),
      runs,
    );
  });
});
