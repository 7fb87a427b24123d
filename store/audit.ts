import type { Kysely } from 'kysely';
import { at, json, lockNames, ms } from './sql-values.js';
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

/** The same, of something that may be told again by a retry: one line per action, subject and time. */
export async function writeAuditOnce(db: Kysely<Database>, line: AuditLine): Promise<void> {
  const { action, subject, atMs } = line;
  await db.transaction().execute(async (tx) => {
    await lockNames([`audit/${action}/${subject}`]).execute(tx);
    const known = await tx
      .selectFrom('audit')
      .select('seq')
      .where('action', '=', action)
      .where('subject', '=', subject)
      .where('at', '=', at(atMs))
      .executeTakeFirst();
    if (!known) await writeAudit(tx, line);
  });
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
