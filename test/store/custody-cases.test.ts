import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { positionCaseKey, quantity } from '../../domain/index.js';
import { closeCase, openBreaks, openCase, openCases, readControl } from '../../store/index.js';
import { ACCOUNT, NOW_MS, openDesk, YES } from './desk.js';

const desk = openDesk();
/** Longer than a busy machine takes, and shorter than a transaction may idle. */
const WAIT_MS = 5_000;

/** Three contracts of a market that nobody answers for, found by a sweep. */
function found(name: string, atMs = NOW_MS) {
  const instrument = { ...YES, market: `0x${name}` };
  const key = positionCaseKey(ACCOUNT, instrument);
  const why = 'no open trade and no held pair explains these contracts';
  return {
    ...{ place: { account: ACCOUNT, instrument }, pairId: name, atMs },
    found: { kind: 'position', key, instrument, quantity: quantity('3'), why },
  } as const;
}

/** What everybody sees of a pair: "case", "break", "freeze". */
async function seen(pairId: string): Promise<readonly string[]> {
  const cases = (await openCases(desk.db)).filter((one) => one.pairId === pairId);
  const breaks = (await openBreaks(desk.db)).filter((one) => one.pairId === pairId);
  const { freezes } = await readControl(desk.db);
  const frozen = freezes.filter(({ scope }) => scope.kind === 'pair' && scope.key === pairId);
  return [...cases.map(() => 'case'), ...breaks.map(() => 'break'), ...frozen.map(() => 'freeze')];
}

const over = (key: string) => closeCase(desk.db, { key, how: 'nothing is left', atMs: NOW_MS + 1 });

test('who dies while closing a case leaves it open, and the next look ends it', async () => {
  const toOpen = found('interrupted');
  await openCase(desk.db, toOpen);
  await sql`
    create function die() returns trigger language plpgsql as $$
    begin raise exception 'the worker has died'; end $$`.execute(desk.db);
  await sql`
    create trigger dies before update on freezes
    for each row execute function die()`.execute(desk.db);

  try {
    await expect(over(toOpen.found.key)).rejects.toThrow('the worker has died');
    expect(await seen('interrupted')).toEqual(['case', 'break', 'freeze']);
  } finally {
    await sql`drop trigger dies on freezes`.execute(desk.db);
  }
  await over(toOpen.found.key);
  expect(await seen('interrupted')).toEqual([]);
});

test('a case that is found again while it is closed has a break of its own', async () => {
  const { key } = found('again').found;
  await openCase(desk.db, found('again'));
  let closing: Promise<void> | undefined;
  let reopening: Promise<unknown> | undefined;
  await desk.db.transaction().execute(async (tx) => {
    // Whoever closes the case comes no further than to its break.
    await tx.selectFrom('breaks').select('break_id').where('key', '=', key).forUpdate().execute();
    closing = over(key);
    await expect.poll(waiting, { timeout: WAIT_MS }).toBe(1);
    let isOpen = false;
    reopening = openCase(desk.db, found('again', NOW_MS + 2)).then(() => (isOpen = true));
    const isAsFarAsItGets = async () => isOpen || (await waiting()) === 2;
    await expect.poll(isAsFarAsItGets, { timeout: WAIT_MS }).toBe(true);
  });
  await Promise.all([closing, reopening]);
  expect(await seen('again')).toEqual(['case', 'break', 'freeze']);
});

/** How many transactions of this database wait for another's rows. */
async function waiting(): Promise<number> {
  const { rows } = await sql<{ readonly count: number }>`
    select count(*)::int as count from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`.execute(desk.db);
  return rows[0]?.count ?? 0;
}
