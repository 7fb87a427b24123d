import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { Kysely } from 'kysely';
import { type TradeRow, toWire } from '../../domain/index.js';
import { type Database, tradeRows } from '../../store/index.js';
import { venueReportSignal } from '../../workflows/messages.js';

export interface Reopen {
  readonly temporal: Client;
  readonly db: Kysely<Database>;
  /** `reopened` of `activities/`: takes back a written end that lacks rows. `false`: it stands. */
  readonly reopen: (workflowId: string) => Promise<boolean>;
}

/**
 * A trade whose written end lacks rows is told of them: its end was decided without this signal, so a
 * server that takes it refuses the end. The trade lives, and takes it back.
 *
 * `false`: its workflow has ended, or custody has what it holds.
 */
export async function reopenLiving(
  { temporal, db, reopen }: Reopen,
  workflowId: string,
): Promise<boolean> {
  try {
    await tellRows(temporal, workflowId, await tradeRows(db, workflowId));
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
  return reopen(workflowId);
}

/** Rows that it knows change nothing. Throws `WorkflowNotFoundError` where it has ended. */
export async function tellRows(
  temporal: Client,
  workflowId: string,
  rows: readonly TradeRow[],
): Promise<void> {
  const report = { rows: rows.map((row) => toWire(row)) };
  await temporal.workflow.getHandle(workflowId).signal(venueReportSignal, report);
}
