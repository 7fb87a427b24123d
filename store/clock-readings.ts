import type { Kysely } from 'kysely';
import { ms } from './sql-values.js';
import type { Database } from './tables.js';

/** What the kernel of an engine's host says of its clock (`adjtimex(2)`), in microseconds. */
export interface ClockReading {
  readonly host: string;
  readonly process: string;
  readonly atMs: number;
  /** Somebody keeps it right. */
  readonly isSynchronised: boolean;
  /** What it is most likely off by; absent: more than can be counted. */
  readonly estimatedErrorUs?: number;
  /** What it is off by at most; absent likewise. */
  readonly maximumErrorUs?: number;
}

/** The newest of each host. */
export async function clockReadings(db: Kysely<Database>): Promise<readonly ClockReading[]> {
  const rows = await db
    .selectFrom('clock_readings')
    .distinctOn('host')
    .selectAll()
    .orderBy('host')
    .orderBy('at', 'desc')
    .execute();
  return rows.map((row) => ({
    ...{ host: row.host, process: row.process_id, atMs: ms(row.at) },
    isSynchronised: row.is_synchronised,
    ...(row.estimated_error_us !== null && { estimatedErrorUs: row.estimated_error_us }),
    ...(row.maximum_error_us !== null && { maximumErrorUs: row.maximum_error_us }),
  }));
}
