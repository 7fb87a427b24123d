import { sql } from 'kysely';
import type { TestDesk } from './desk.js';

/** No order row can be written until the release, so a shot stands between admission and gate. */
export async function lockOrders({
  db,
}: TestDesk): Promise<{ readonly release: () => Promise<void> }> {
  let release: (() => void) | undefined;
  const isReleased = new Promise<void>((resolve) => {
    release = resolve;
  });
  let locked: (() => void) | undefined;
  const isLocked = new Promise<void>((resolve) => {
    locked = resolve;
  });
  const transaction = db.transaction().execute(async (tx) => {
    await sql`lock table orders in exclusive mode`.execute(tx);
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
