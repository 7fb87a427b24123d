import type { Kysely } from 'kysely';
import type { Freeze } from '../../domain/index.js';
import { type Database, firedCount, liveHolds, readControl } from '../../store/index.js';

/** What Postgres says that a scanner goes by: pairs in flight, freezes, how many were fired. */
export interface DeskView {
  /** When the reads began: whatever happened later is not in it. */
  readonly beganAtMs: number;
  readonly heldPairIds: ReadonlySet<string>;
  readonly freezes: readonly Freeze[];
  /** Trades that were fired or may still be. */
  readonly committedCount: number;
}

export async function readDeskView(db: Kysely<Database>, nowMs: number): Promise<DeskView> {
  const [holds, control, counted] = await Promise.all([
    liveHolds(db, nowMs),
    readControl(db),
    firedCount(db),
  ]);
  return {
    beganAtMs: nowMs,
    heldPairIds: new Set(holds.map(({ pairId }) => pairId)),
    freezes: control.freezes,
    committedCount: counted.committed,
  };
}
