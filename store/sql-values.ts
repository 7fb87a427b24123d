import { type RawBuilder, sql } from 'kysely';

/** A moment for Postgres, from epoch milliseconds. */
export const at = (ms: number): Date => new Date(ms);

/** A moment from Postgres, as epoch milliseconds. */
export const ms = (time: Date): number => time.getTime();

/** A value for a jsonb column. It must be plain JSON: use `toWire` for domain values. */
export const json = (value: unknown): string => JSON.stringify(value);

/**
 * Beside a statement: it is told done before it is on disk, and seen by everybody at once. Only for
 * what somebody says again.
 */
export const withoutDisk = sql<string>`set_config('synchronous_commit', 'off', true)`.as('waits');

/** Whoever decides about a pair holds this name until it has committed. */
export const pairLock = (pairId: string): string => `pair/${pairId}`;

/**
 * Waits until no other transaction holds any of these names, and holds them until this one ends.
 * Names are taken in order, so that two that want the same ones never wait for each other.
 */
export function lockNames(names: readonly string[]): RawBuilder<unknown> {
  const sorted = [...new Set(names)].sort();
  return sql`
    select pg_advisory_xact_lock(hashtextextended(name, 0))
    from unnest(${sorted}::text[]) with ordinality as locks (name, position)
    order by position`;
}
