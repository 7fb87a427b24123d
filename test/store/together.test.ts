import { type Kysely, sql } from 'kysely';
import { expect, test } from 'vitest';
import { claim, type Database, together } from '../../store/index.js';
import { lockNames } from '../../store/sql-values.js';
import { openDesk } from './desk.js';

const desk = openDesk();

const owned = (key: string) => ({ kind: 'test', key, holder: 'we' });

const holdersOf = async (db: Kysely<Database>, key: string): Promise<readonly string[]> => {
  const rows = await db.selectFrom('owners').select('holder').where('key', '=', key).execute();
  return rows.map(({ holder }) => holder);
};

test('what is begun after a lock is read under it', async () => {
  const locked = lockNames(['together']);
  let reading: Promise<unknown> | undefined;
  await desk.db.transaction().execute(async (first) => {
    await locked.execute(first);
    reading = desk.db
      .transaction()
      .execute((tx) =>
        together(tx, (go) => Promise.all([locked.execute(go), holdersOf(go, 'under a lock')])),
      );
    await isWaiting();
    await claim(first, owned('under a lock'));
  });
  expect(await reading).toMatchObject([{}, ['we']]);
});

/** The other transaction has got as far as the lock. */
async function isWaiting(): Promise<void> {
  await expect
    .poll(async () => {
      const { rows } =
        await sql`select from pg_locks where locktype = 'advisory' and not granted`.execute(
          desk.db,
        );
      return rows.length;
    })
    .toBeGreaterThan(0);
}

test('of several that fail the first is told, and nothing of them stays', async () => {
  const failing = desk.db
    .transaction()
    .execute((tx) =>
      together(tx, (go) =>
        Promise.all([
          claim(go, owned('before')),
          sql`select 1 / 0`.execute(go),
          claim(go, owned('after')),
        ]),
      ),
    );
  await expect(failing).rejects.toThrow('division by zero');
  expect(await holdersOf(desk.db, 'before')).toEqual([]);
  expect(await holdersOf(desk.db, 'after')).toEqual([]);
});

test('what is begun when the others are over is not sent', async () => {
  let late: Promise<unknown> | undefined;
  const failing = desk.db.transaction().execute((tx) =>
    together(tx, (go) =>
      Promise.all([
        sql`select 1 / 0`.execute(go),
        claim(go, owned('in time')).catch(() => {
          late = claim(go, owned('too late'));
          return late;
        }),
      ]),
    ),
  );
  await expect(failing).rejects.toThrow('division by zero');
  await expect(late).rejects.toThrow();
  expect(await holdersOf(desk.db, 'too late')).toEqual([]);
});
