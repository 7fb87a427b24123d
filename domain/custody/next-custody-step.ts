import { assert } from '../assert.js';
import { nextStep } from '../trade/next-step.js';
import type { Ladder } from '../trade/trade.js';
import type { AdoptedTrade, CustodyItem, CustodyState, CustodyStep } from './custody-state.js';

/**
 * What custody does next, from what is known alone.
 *
 * 1. A dead trade is adopted first: its exits are claimed before anything of it is decided.
 * 2. Adopted, it goes on by its own rules; what custody may do with an excess is the policy's to say.
 * 3. A trade of which nothing is open is recorded, and only then is it over.
 * 4. An exit of a position is asked about until all of it is known, before the next is thought of.
 * 5. Everything else is looked at when it is due, and when something is told of it.
 * 6. Custody ends when nothing is left to look after.
 */
export function nextCustodyStep({ items }: CustodyState, nowMs: number): CustodyStep {
  const steps = items.map((item) => stepOf(item, nowMs));
  const due = steps.find((step) => step.kind !== 'wait');
  if (due) return due;
  if (items.length === 0) return { kind: 'done' };
  const times = steps.flatMap((step) =>
    step.kind === 'wait' && step.untilMs !== undefined ? [step.untilMs] : [],
  );
  return times.length === 0 ? { kind: 'wait' } : { kind: 'wait', untilMs: Math.min(...times) };
}

function stepOf(item: CustodyItem, nowMs: number): CustodyStep {
  if (isTrade(item) && item.adopted) return tradeStep(item, item.adopted, nowMs);
  const { nextAtMs } = item;
  if (nextAtMs === undefined) return { kind: 'wait' };
  if (nextAtMs > nowMs) return { kind: 'wait', untilMs: nextAtMs };
  if (isTrade(item)) return { kind: 'adopt', item };
  if (!isPosition(item)) return { kind: 'attend', item };
  const { exiting } = item;
  if (exiting?.openOrderId !== undefined) {
    return { kind: 'askOwn', item, clientOrderId: exiting.openOrderId };
  }
  return exiting ? { kind: 'exitPosition', item } : { kind: 'attend', item };
}

type TradeItem = Extract<CustodyStep, { readonly kind: 'adopt' }>['item'];
type PositionItem = Extract<CustodyStep, { readonly kind: 'askOwn' }>['item'];

export const isTrade = (item: CustodyItem): item is TradeItem => item.case.kind === 'trade';
export const isPosition = (item: CustodyItem): item is PositionItem =>
  item.case.kind === 'position';

function tradeStep(item: TradeItem, adopted: AdoptedTrade, nowMs: number): CustodyStep {
  const step = nextStep(adopted.trade, nowMs);
  assert(step.kind !== 'report', 'a resumed trade has no word of an operator to overrule');
  switch (step.kind) {
    case 'ask':
      return { kind: 'ask', item, clientOrderIds: step.clientOrderIds };
    case 'freeze':
      return { kind: 'freeze', item, clientOrderId: step.clientOrderId };
    case 'exit':
      assert(adopted.policy !== 'keep', 'what is kept is kept before the next step');
      return { ...step, item, ladder: withPolicy(adopted, step.ladder) };
    case 'wait':
      return step.untilMs === undefined
        ? { kind: 'wait' }
        : { kind: 'wait', untilMs: step.untilMs };
    case 'done':
      return { kind: 'record', item };
  }
}

/** A hedge only ever buys what is missing. */
function withPolicy({ policy }: AdoptedTrade, ladder: Ladder): Ladder {
  if (policy !== 'hedge') return ladder;
  return { ...ladder, without: [...new Set([...(ladder.without ?? []), ...NOT_HEDGING])] };
}

const NOT_HEDGING = ['sell', 'complement'] as const;
