import type { Kysely } from 'kysely';
import { toWire } from '../domain/index.js';
import { at, json, ms } from './sql-values.js';
import type { Database } from './tables.js';

/** One line of what happened to a trade, readable when no worker runs. */
export interface StoryLine {
  readonly workflowId: string;
  readonly atMs: number;
  readonly event: string;
  readonly text: string;
  readonly detail: unknown;
}

export interface ToldLine extends StoryLine {
  /** Grows with every line of every trade. */
  readonly seq: number;
}

/**
 * Adds lines. The same line (event, time and text) told again by a retry is one line. A workflow task
 * that ran out of time after its record was written, or that the server refused for a signal, has
 * another time when it is tried again: what it told stands there twice.
 */
export async function appendStory(
  db: Kysely<Database>,
  ...lines: readonly StoryLine[]
): Promise<void> {
  if (lines.length === 0) return;
  const rows = lines.map(({ workflowId, atMs, event, text, detail }) => ({
    ...{ workflow_id: workflowId, at: at(atMs), event, text },
    detail: json(toWire(detail)),
  }));
  await db
    .insertInto('story')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export async function storyOf(
  db: Kysely<Database>,
  workflowId: string,
): Promise<readonly ToldLine[]> {
  const rows = await db
    .selectFrom('story')
    .selectAll()
    .where('workflow_id', '=', workflowId)
    .orderBy('at')
    .orderBy('seq')
    .execute();
  return rows.map((row) => ({
    seq: row.seq,
    workflowId,
    atMs: ms(row.at),
    event: row.event,
    text: row.text,
    detail: row.detail,
  }));
}
