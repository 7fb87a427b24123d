import type { Kysely } from 'kysely';
import { at, json, ms } from './sql-values.js';
import type { Database } from './tables.js';

/** Who changed what about the desk itself, and why. Append-only. */
export interface AuditLine {
  readonly atMs: number;
  readonly by: string;
  /** What was done: `freeze`, `unfreeze`, `limits`, `breaker_reset`, … */
  readonly action: string;
  /** To what: an account, a freeze, a pair. */
  readonly subject: string;
  readonly why: string;
  readonly detail: unknown;
}

/** Writes a line in the caller's transaction: without the change there is no line, nor the reverse. */
export async function writeAudit(db: Kysely<Database>, line: AuditLine): Promise<void> {
  const { atMs, by, action, subject, why, detail } = line;
  await db
    .insertInto('audit')
    .values({ at: at(atMs), by, action, subject, why, detail: json(detail) })
    .execute();
}

/** The latest lines, newest first. */
export async function auditLines(
  db: Kysely<Database>,
  limit: number,
): Promise<readonly AuditLine[]> {
  const rows = await db
    .selectFrom('audit')
    .selectAll()
    .orderBy('seq', 'desc')
    .limit(limit)
    .execute();
  return rows.map(({ at: time, by, action, subject, why, detail }) => ({
    atMs: ms(time),
    by,
    action,
    subject,
    why,
    detail,
  }));
}
