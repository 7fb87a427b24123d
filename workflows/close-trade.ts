import { allHandlersFinished, CancelledFailure, condition, patched } from '@temporalio/workflow';
import type { TradeResult, Wire } from '../domain/index.js';
import { closingOf, describeResult, isAccountedFor, resultOf, toWire } from '../domain/index.js';
import { record } from './desk-activities.js';
import type { TradeDesk } from './trade-desk.js';

/** The name of a change, in histories for ever: what is told of a trade while its end is written counts. */
const TOLD_WHILE_RECORDED = 'told-while-recorded';

/**
 * Records and releases, and answers whoever still waits for the verdict. `undefined`: it was told of
 * rows meanwhile that this end lacks, so it goes on, and its next end takes the place of this one.
 */
export async function recordEnd(desk: TradeDesk): Promise<TradeResult | undefined> {
  const { rows } = desk.state;
  const result = resultOf(desk.state, Date.now());
  const story = desk.closed(describeResult(result));
  const closing = { ...closingOf(desk.state, result), story };
  if (desk.state.admission?.kind !== 'repeated') await record(closing);
  await condition(allHandlersFinished);
  const isTold = desk.state.rows.length > rows.length;
  const isWhole = !isTold || isAccountedFor(result, desk.state.rows);
  // Runs of before the patch ended all the same, and are replayed as they were.
  return isWhole || !patched(TOLD_WHILE_RECORDED) ? result : undefined;
}

/**
 * Ends as cancelled if that was asked. The true result of a cancelled trade is in Postgres, in `state`
 * and in TradeState, because a cancelled workflow returns nothing.
 */
export function endAs(result: TradeResult): Wire<TradeResult> {
  if (result.isCanceled) throw new CancelledFailure(`cancelled; ${describeResult(result)}`);
  return toWire(result);
}
