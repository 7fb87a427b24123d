import { WorkflowNotFoundError } from '@temporalio/client';
import type { Logger } from 'pino';
import { type Reached, recordedOf, reportLateRows } from '../../activities/index.js';
import type { CustodyDoor } from '../../client/index.js';
import { isTradeRow, type TradeRow, tradeCaseKey } from '../../domain/index.js';
import { type BookedEntry, openCaseOf } from '../../store/index.js';
import { handToCustody, tellPositions } from './hand-to-custody.js';
import { type Reopen, reopenLiving, tellRows } from './reopen-living.js';

/** Reports of one trade that come within this time go as one signal: each costs a workflow task. */
const GATHER_MS = 10;

export interface VenueReportsOptions extends Reopen {
  readonly custody: CustodyDoor;
  readonly nowMs: () => number;
  readonly log: Logger;
  readonly reached: Reached;
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
    const { temporal, db, log } = this.#options;
    try {
      await tellRows(temporal, workflowId, rows);
      if ((await recordedOf(db, workflowId)) !== 'misses_some') return;
      // Its workflow may live on for a moment after its result is written.
      if (await reopenLiving(this.#options, workflowId)) return;
    } catch (error) {
      // The rows are booked: the trade reads them at its next question, so nothing is lost.
      if (!(error instanceof WorkflowNotFoundError)) {
        log.warn({ err: error, workflowId }, 'a trade could not be told of its rows');
        return;
      }
    }
    await this.#unowned(workflowId, pairId, rows);
  }

  async #unowned(
    workflowId: string,
    pairId: string | undefined,
    rows: readonly TradeRow[],
  ): Promise<void> {
    const { db } = this.#options;
    // A question may have read the rows before the report came: then the result has them already.
    if ((await recordedOf(db, workflowId)) === 'has_all') return;
    const handed = await handToCustody(this.#options, workflowId, rows);
    if (handed === 'taken' && (await openCaseOf(db, tradeCaseKey(workflowId)))) return;
    // Custody may have written the result meanwhile, with rows that it has asked for, or without these.
    const recorded = await recordedOf(db, workflowId);
    if (recorded === 'has_all') return;
    const isLate = handed === 'trade_ended' || recorded === 'misses_some';
    if (isLate) await this.#report(workflowId, pairId);
    await tellPositions(this.#options, pairId, rows); // last: the freeze waits for nobody
  }

  async #report(workflowId: string, pairId: string | undefined): Promise<void> {
    const { nowMs, log } = this.#options;
    log.error({ workflowId, pairId }, 'rows of a trade that has ended');
    const about = pairId === undefined ? {} : { pairId };
    await reportLateRows(this.#options, { workflowId, ...about, by: 'booker', atMs: nowMs() });
  }
}
