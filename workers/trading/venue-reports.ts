import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { CustodyDoor } from '../../client/index.js';
import {
  instrumentKey,
  isAccountedFor,
  isTradeRow,
  type TradeRow,
  toWire,
} from '../../domain/index.js';
import {
  type BookedEntry,
  type Database,
  insertFreeze,
  openBreak,
  resultOfTrade,
  tradeRows,
} from '../../store/index.js';
import { venueReportSignal } from '../../workflows/messages.js';
import { handToCustody, tellPositions } from './hand-to-custody.js';

/** Reports of one trade that come within this time go as one signal: each costs a workflow task. */
const GATHER_MS = 10;

export interface VenueReportsOptions {
  readonly temporal: Client;
  readonly db: Kysely<Database>;
  readonly custody: CustodyDoor;
  readonly nowMs: () => number;
  readonly log: Logger;
}

/**
 * Wakes the workflow that an entry belongs to. What no living one takes is custody's. Of a trade that
 * has ended it is a break as well, and freezes its pair: its result says something else. A case of
 * custody has no result; what late rows move there is a position, as if nobody had had it.
 */
export class VenueReports {
  readonly #gathered = new Map<string, { pairId: string | undefined; rows: TradeRow[] }>();
  readonly #options: VenueReportsOptions;
  #sending: Promise<void> | undefined;

  constructor(options: VenueReportsOptions) {
    this.#options = options;
  }

  /** Gathers; the workflows hear of it a moment later. The rows are committed by now. */
  tell(booked: readonly BookedEntry[]): void {
    for (const { entry, workflowId, pairId } of booked) {
      if (!isTradeRow(entry) || workflowId === undefined) continue; // strays are swept up by age
      const gathered = this.#gathered.get(workflowId) ?? { pairId, rows: [] };
      gathered.rows.push(entry);
      this.#gathered.set(workflowId, gathered);
    }
    if (this.#gathered.size > 0) this.#sending ??= this.#sendSoon();
  }

  /** Resolves when everybody has been told. */
  async told(): Promise<void> {
    while (this.#sending) await this.#sending;
  }

  async #sendSoon(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
    const gathered = [...this.#gathered];
    this.#gathered.clear();
    const signals = gathered.map(([workflowId, { pairId, rows }]) =>
      this.#signal(workflowId, pairId, rows),
    );
    // Booked all the same: a trade reads its rows at its next question, a stray is swept up by age.
    for (const result of await Promise.allSettled(signals)) {
      if (result.status === 'rejected') this.#options.log.error({ err: result.reason }, 'not told');
    }
    this.#sending = this.#gathered.size > 0 ? this.#sendSoon() : undefined;
  }

  async #signal(
    workflowId: string,
    pairId: string | undefined,
    rows: readonly TradeRow[],
  ): Promise<void> {
    const { temporal, log } = this.#options;
    try {
      const report = { rows: rows.map((row) => toWire(row)) };
      await temporal.workflow.getHandle(workflowId).signal(venueReportSignal, report);
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) await this.#unowned(workflowId, pairId, rows);
      // The rows are booked: the trade reads them at its next question, so nothing is lost.
      else log.warn({ err: error, workflowId }, 'a trade could not be told of its rows');
    }
  }

  /** A question may have read the rows before the report came: then the result has them already. */
  async #wasKnown(workflowId: string): Promise<boolean> {
    const { db } = this.#options;
    const result = await resultOfTrade(db, workflowId);
    return result !== undefined && isAccountedFor(result, await tradeRows(db, workflowId));
  }

  async #unowned(
    workflowId: string,
    pairId: string | undefined,
    rows: readonly TradeRow[],
  ): Promise<void> {
    if (await this.#wasKnown(workflowId)) return;
    const handed = await handToCustody(this.#options, workflowId, rows);
    if (handed === 'taken') return;
    if (handed === 'trade_ended') await this.#reportUnowned(workflowId, pairId, rows);
    await tellPositions(this.#options, pairId, rows); // last: the freeze waits for nobody
  }

  async #reportUnowned(
    workflowId: string,
    pairId: string | undefined,
    rows: readonly TradeRow[],
  ): Promise<void> {
    const { db, nowMs, log } = this.#options;
    const atMs = nowMs();
    const detail = rows.map((row) => ({
      instrument: instrumentKey(row.instrument),
      executionId: row.executionId,
      kind: row.kind,
    }));
    log.error({ workflowId, pairId, detail }, 'a report without a living workflow');
    const about = pairId === undefined ? {} : { pairId };
    const kind = 'report_without_workflow';
    await openBreak(db, { kind, key: workflowId, ...about, detail, atMs });
    if (pairId === undefined) return;
    await insertFreeze(db, {
      freezeId: `unowned/${workflowId}`,
      scope: { kind: 'pair', key: pairId },
      cause: 'reconciliation_break',
      why: `a venue reported about ${workflowId}, which has ended`,
      by: 'booker',
      action: 'leave',
      atMs,
    });
  }
}
