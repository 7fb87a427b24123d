import { expect } from 'vitest';
import { price, quantity } from '../../../domain/index.js';
import type { Fault } from '../../../venues/simulation/index.js';
import { heldOpenUntilBooked } from '../../support/desk-locks.js';
import { quickTerms } from '../../support/desk-terms.js';
import type { Play, Story } from '../story.js';
import { MIRRORED, OTHER_WAY } from './straight.js';

export const NOTHING: Fault = { kind: 'pulled_liquidity', part: 1 };
export const A_PART: Fault = { kind: 'partial_fill', part: 0.3 };
const FAILS: Fault = { kind: 'failed_settlement' };
const REJECTED: Fault = { kind: 'reject' };
export const STEP_DOWN = { exit: { ...quickTerms.exit, policy: 'step_down' } } as const;

type Wrongs = Readonly<Record<string, readonly Fault[]>>;

/** Traded with these faults; its orders at the venues are then the ones that are told. */
function trades(wrongs: Wrongs, orders: readonly string[]): Play['tell'] {
  return async (story: Story) => {
    for (const [what, faults] of Object.entries(wrongs)) story.wrong(what, ...faults);
    await story.traded();
    expect(story.orders()).toEqual(orders);
    return story.workflowId;
  };
}

/** NO is filled while the end of the trade, which has neither leg, is being written. */
async function filledAtTheEnd(story: Story, toldMs: number): Promise<string> {
  story.wrong('entry/yes', NOTHING);
  story.wrong('entry/no', { kind: 'fill_after_cancel', afterMs: 150 });
  await story.asked();
  const { desk, workflowId } = story;
  await heldOpenUntilBooked(desk.db, workflowId, { toldMs });
  await story.over();
  expect(story.orders()).toEqual([NO, NO_IS_SOLD]);
  return workflowId;
}

const YES = 'entry/yes polymarket buys yes @ 0.4: 10 CONFIRMED';
const NO = 'entry/no kalshi buys no @ 0.48: 10';
const NO_IS_SOLD = 'exit/no/0 kalshi reduces, sells no @ 0.46: 10';
const YES_IS_SOLD = 'exit/yes/0 polymarket sells yes @ 0.38: 10 CONFIRMED';

export const short = {
  'kalshi-short-polymarket-sold': {
    tell: trades({ 'entry/no': [NOTHING] }, [
      'entry/no kalshi buys no @ 0.48: 0',
      ...[YES, YES_IS_SOLD],
    ]),
  },
  'kalshi-short-completed': {
    tell: trades({ 'entry/no': [A_PART] }, [
      'entry/no kalshi buys no @ 0.48: 3',
      ...[YES, 'exit/yes/0 kalshi buys no @ 0.48: 7'],
    ]),
  },
  'polymarket-short-kalshi-sold': { tell: trades({ 'entry/yes': [NOTHING] }, [NO, NO_IS_SOLD]) },
  'polymarket-short-completed': {
    tell: trades({ 'entry/yes': [A_PART] }, [
      ...[NO, 'entry/yes polymarket buys yes @ 0.4: 3 CONFIRMED'],
      'exit/no/0 polymarket buys yes @ 0.4: 7 CONFIRMED',
    ]),
  },
  'polymarket-short-complement': {
    tell: async (story) => {
      story.wrong('entry/yes', NOTHING);
      story.wrong('exit/no/0', { kind: 'refuse', answer: 'market_already_closed' });
      await story.traded();
      // On the wire they are one order: what it was meant as is ours to say.
      const { orders } = await story.handle.state();
      const told = orders.map(({ order, status }) => [
        order.side,
        order.instrument.outcome,
        status,
      ]);
      expect(told.slice(2)).toEqual([
        ['sell', 'no', 'rejected'],
        ['buy', 'yes', 'filled'],
      ]);
      return story.workflowId;
    },
  },
  'mirrored-short-sold': {
    desk: MIRRORED,
    tell: async (story) => {
      story.wrong('entry/no', NOTHING);
      return story.traded(OTHER_WAY);
    },
  },
  'mirrored-short-completed': {
    desk: MIRRORED,
    tell: async (story) => {
      story.wrong('entry/no', A_PART);
      return story.traded(OTHER_WAY);
    },
  },
  'stepped-down': {
    desk: { terms: STEP_DOWN },
    tell: trades({ 'entry/yes': [NOTHING] }, [
      ...[NO, 'exit/no/0 kalshi reduces, sells no @ 0.48: 0'],
      'exit/no/1 kalshi reduces, sells no @ 0.47: 0',
      'exit/no/2 kalshi reduces, sells no @ 0.46: 10',
    ]),
  },
  'kalshi-short-stepped-down': {
    desk: { terms: STEP_DOWN },
    tell: async (story) => {
      story.wrong('entry/no', NOTHING);
      await story.traded();
      const { orders } = await story.handle.state();
      const exits = orders.filter(({ order }) => order.purpose.kind === 'exit');
      // Where nobody buys at its price, Polymarket refuses an order and has none.
      expect(exits.map(({ order, status }) => [order.limitPrice, status])).toEqual([
        [price('0.40'), 'rejected'],
        [price('0.39'), 'rejected'],
        [price('0.38'), 'filled'],
      ]);
      return story.workflowId;
    },
  },
  'more-than-ordered': {
    tell: trades({ 'entry/yes': [{ kind: 'better_price', by: '0.05' }] }, [
      ...[NO, 'entry/yes polymarket buys yes @ 0.4: 11.42 CONFIRMED'],
      'exit/yes/0 kalshi buys no @ 0.48: 1.42',
    ]),
  },
  oversold: {
    tell: trades({ 'entry/yes': [NOTHING], 'exit/no/0': [{ kind: 'overfill', by: '2' }] }, [
      ...[NO, 'exit/no/0 kalshi reduces, sells no @ 0.46: 12'],
    ]),
  },
  residual: {
    desk: { pairs: { rain: { polymarket: { bids: '50 @ 0.20', asks: '50 @ 0.40' } } } },
    tell: trades({ 'entry/no': [NOTHING] }, ['entry/no kalshi buys no @ 0.48: 0', YES]),
  },
  'kalshi-kept': {
    desk: { terms: { exit: { ...STEP_DOWN.exit, lossMax: price('0.03') } } },
    tell: async (story) => {
      story.wrong('entry/yes', NOTHING);
      await story.traded();
      const [entry, ...exits] = story.orders();
      expect(entry).toBe(NO);
      expect(exits[0]).toBe('exit/no/0 kalshi reduces, sells no @ 0.49: 0');
      expect(exits.filter((exit) => !exit.endsWith(': 0'))).toEqual([]);
      const residual = { leg: 'no', quantity: quantity('10'), reason: 'loss_limit' };
      expect(await story.handle.result()).toMatchObject({ kind: 'residual', residual });
      return story.workflowId;
    },
  },
  'failed-after-matched': {
    tell: trades({ 'entry/yes': [FAILS] }, [
      ...[NO, 'entry/yes polymarket buys yes @ 0.4: 10 FAILED'],
      'exit/no/0 polymarket buys yes @ 0.4: 10 CONFIRMED',
    ]),
  },
  'failed-after-matched-sold': {
    desk: { pairs: { rain: { polymarket: { bids: '', asks: '10 @ 0.40' } } } },
    tell: trades({ 'entry/yes': [FAILS] }, [
      ...[NO, 'entry/yes polymarket buys yes @ 0.4: 10 FAILED', NO_IS_SOLD],
    ]),
  },
  'kalshi-refused': {
    tell: trades({ 'entry/no': [REJECTED] }, [YES, 'exit/yes/0 kalshi buys no @ 0.48: 10']),
  },
  'polymarket-refused': {
    tell: trades({ 'entry/yes': [REJECTED] }, [
      ...[NO, 'exit/no/0 polymarket buys yes @ 0.4: 10 CONFIRMED'],
    ]),
  },
  'told-while-recorded': { tell: (story) => filledAtTheEnd(story, 2_000) },
  'end-refused': { tell: (story) => filledAtTheEnd(story, 150) },
  'both-refused': { tell: trades({ 'entry/yes': [REJECTED], 'entry/no': [REJECTED] }, []) },
  'exit-refused': {
    tell: trades(
      {
        'entry/yes': [NOTHING],
        'exit/no/0': [{ kind: 'refuse', answer: 'too_many_requests' }],
      },
      [NO, NO_IS_SOLD],
    ),
  },
} as const satisfies Record<string, Play>;
