import { sql } from 'kysely';
import type { TestDesk } from './desk.js';

interface Locked {
  readonly release: () => Promise<void>;
}

/** No order row can be written until the release, so a shot stands between admission and gate. */
export const lockOrders = (desk: TestDesk): Promise<Locked> => lockTable(desk, 'orders');

/** No trade can be admitted or closed until the release, so an end stands before its result. */
export const lockIntents = (desk: TestDesk): Promise<Locked> => lockTable(desk, 'intents');

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
