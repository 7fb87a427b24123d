import { allHandlersFinished, CancelledFailure, condition } from '@temporalio/workflow';
import type { TradeResult, Wire } from '../domain/index.js';
import { closingOf, describeResult, resultOf, toWire } from '../domain/index.js';
import { record } from './desk-activities.js';
import type { TradeDesk } from './trade-desk.js';

/**
 * Records and releases, answers whoever still waits for the verdict, then ends as cancelled if that
 * was asked. The true result of a cancelled trade is in Postgres, in `state` and in TradeState,
 * because a cancelled workflow returns nothing.
 */
export async function closeTrade(desk: TradeDesk): Promise<Wire<TradeResult>> {
  const result = resultOf(desk.state, Date.now());
  const story = desk.closed(describeResult(result));
  const closing = { ...closingOf(desk.state, result), story };
  if (desk.state.admission?.kind !== 'repeated') await record(closing);
  await condition(allHandlersFinished);
  if (result.isCanceled) throw new CancelledFailure(`cancelled; ${describeResult(result)}`);
  return toWire(result);
}
