import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { OrderGroups } from '../../domain/index.js';
import { type Database, keptGroups } from '../../store/index.js';

export interface OrphanOptions {
  readonly db: Kysely<Database>;
  readonly venue: { readonly account: string; readonly orderGroups: OrderGroups };
  /** Between two looks. */
  readonly sweepEveryMs: number;
  readonly nowMs: () => number;
  readonly log: Logger;
}

/**
 * Deletes groups at the venue that no row of ours names: a process died between making one and
 * writing it down, and nobody will ever use it.
 *
 * 1. One that another process is just making looks the same, so only what two looks have seen goes.
 * 2. One that holds an order is somebody's: a deletion would cancel it. Entries of ours never rest.
 * 3. Looked at by whoever makes groups, between two rounds, so never beside a creation of its own.
 */
export class OrphanGroups {
  #suspected: ReadonlySet<string> = new Set();
  #nextAtMs = 0;
  readonly #options: OrphanOptions;

  constructor(options: OrphanOptions) {
    this.#options = options;
  }

  async lookIfDue(): Promise<void> {
    const { nowMs, sweepEveryMs } = this.#options;
    if (nowMs() < this.#nextAtMs) return;
    const left = await this.#orphans();
    if (!left) return;
    for (const groupId of left) if (this.#suspected.has(groupId)) await this.#remove(groupId);
    this.#suspected = new Set(left);
    this.#nextAtMs = nowMs() + sweepEveryMs;
  }

  /** The venue is read first: what was kept meanwhile is named. `undefined`: it did not answer. */
  async #orphans(): Promise<readonly string[] | undefined> {
    const { db, venue } = this.#options;
    const theirs = await venue.orderGroups.all();
    if (theirs.kind === 'unavailable') return undefined;
    const ours = new Set((await keptGroups(db, venue.account)).map(({ group }) => group.groupId));
    return theirs.value.filter((groupId) => !ours.has(groupId));
  }

  async #remove(groupId: string): Promise<void> {
    const { venue, log } = this.#options;
    const orders = await venue.orderGroups.ordersIn(groupId);
    if (orders.kind === 'unavailable' || orders.value.length > 0) return;
    const { kind } = await venue.orderGroups.remove(groupId);
    log.warn({ groupId, answer: kind }, 'an order group that nobody names is deleted');
  }
}
