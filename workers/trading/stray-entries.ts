import type { Kysely } from 'kysely';
import { instrumentKey, isTradeRow, type Pair, type Venue } from '../../domain/index.js';
import { type Database, entriesWithoutOrder, openFrozenBreak } from '../../store/index.js';

/** An answer that was overtaken by its fill has named its order by then. */
const STRAY_AFTER_MS = 20_000;

export interface StrayOptions {
  readonly db: Kysely<Database>;
  readonly venue: Venue;
  readonly pairs: () => readonly Pair[];
  readonly nowMs: () => number;
}

/**
 * Trade rows that no order of ours explains (somebody traded by hand, or an order left without a
 * record): each is a break that somebody sees, and its pair takes no new risk.
 */
export async function reportStrays({ db, venue, pairs, nowMs }: StrayOptions): Promise<void> {
  const atMs = nowMs();
  const { name, account } = venue;
  const bookedBeforeMs = atMs - STRAY_AFTER_MS;
  for (const entry of await entriesWithoutOrder(db, { venue: name, account, bookedBeforeMs })) {
    if (!isTradeRow(entry)) continue;
    const key = `${name}/${entry.venueOrderId}/${entry.executionId}`;
    const pair = pairs().find((one) => one[name].market === entry.instrument.market);
    const about = { account, venue: name, ...(pair && { pairId: pair.pairId }) };
    const detail = { instrument: instrumentKey(entry.instrument), kind: entry.kind };
    const freeze = {
      freezeId: `stray/${key}`,
      cause: 'reconciliation_break',
      why: `${detail.instrument} traded without an order of ours`,
      by: 'booker',
      action: 'leave',
      atMs,
    } as const;
    await openFrozenBreak(db, {
      found: { kind: 'entry_without_order', key, ...about, detail, atMs },
      ...(pair && { freeze: { ...freeze, scope: { kind: 'pair', key: pair.pairId } } }),
    });
  }
}
