import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import { expect } from 'vitest';
import { tradeRows } from '../../store/index.js';
import type { TestDesk } from './desk.js';
import { soon } from './desk-ends.js';

interface Locked {
  readonly release: () => Promise<void>;
}

/** No order row can be written until the release, so a shot stands between admission and gate. */
export const lockOrders = (desk: TestDesk): Promise<Locked> => lockTable(desk, 'orders');

/** No trade can be admitted or closed until the release, so an end stands before its result. */
export const lockIntents = (desk: TestDesk): Promise<Locked> => lockTable(desk, 'intents');

/** Booked is told within this time; what is in the server by then is not in the task's history. */
const TOLD_MS = 500;

interface Held {
  readonly fills?: number;
  /** How long the end is held up after they are booked. */
  readonly toldMs?: number;
}

/** Nobody can write the end of this trade until so many of its fills are booked, and told. */
export async function heldOpenUntilBooked(
  db: TestDesk['db'],
  workflowId: string,
  { fills = 1, toldMs = TOLD_MS }: Held = {},
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await sql`select 1 from intents where workflow_id = ${workflowId} for update`.execute(tx);
    await soon(async () => expect(await tradeRows(db, workflowId)).toHaveLength(fills));
    await delay(toldMs);
  });
}

async function lockTable({ db }: TestDesk, table: 'orders' | 'intents'): Promise<Locked> {
  let release: (() => void) | undefined;
  const isReleased = new Promise<void>((resolve) => {
    release = resolve;
  });
  let locked: (() => void) | undefined;
  const isLocked = new Promise<void>((resolve) => {
    locked = resolve;
  });
  const transaction = db.transaction().execute(async (tx) => {
    await sql`lock table ${sql.table(table)} in share row exclusive mode`.execute(tx);
    locked?.();
    await isReleased;
  });
  await isLocked;
  return {
    release: async () => {
      release?.();
      await transaction;
    },
  };
}
