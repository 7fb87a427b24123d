import { type Kysely, sql } from 'kysely';
import { formatAmount, instrumentKey, isTerminal } from '../domain/index.js';
import { breaksToEnd, openCases } from './custody-cases.js';
import { accountNames } from './desk-reads.js';
import { inOneMoment } from './in-one-moment.js';
import { positions } from './positions.js';
import type { Database } from './tables.js';
import type { Transaction } from './transaction.js';
import { unownedContracts } from './unowned-contracts.js';

/**
 * What keeps the books from being final: orders that are not certain, breaks that are somebody's to
 * end, contracts without an owner, what is lent, and what was fired from it and is no trade yet.
 */
export async function unresolvedCount(db: Kysely<Database>): Promise<number> {
  const orders = await db
    .selectFrom('orders')
    .select(({ fn }) => ['status', fn.countAll<number>().as('count')])
    .groupBy('status')
    .execute();
  const uncertain = orders.filter(({ status }) => !isTerminal(status));
  const found = [...(await breaksToEnd(db)), ...(await ownerlessPositions(db))];
  const lent = await lentCount(db);
  return uncertain.reduce((sum, { count }) => sum + count, found.length + lent);
}

async function lentCount(db: Kysely<Database>): Promise<number> {
  const { rows } = await sql<{ readonly lent: number }>`
    select (select count(*) from leases where closed_at is null)::integer
      + (select count(*) from engine_shots
        where lease_epoch is not null and adopted_at is null and refused is null)::integer
      as lent`.execute(db);
  return rows[0]?.lent ?? 0;
}

/**
 * Contracts that neither an open trade nor a held pair explains and that custody does not look after,
 * each as `account/instrument quantity`: what the next sweep would find.
 */
export async function ownerlessPositions(db: Kysely<Database>): Promise<readonly string[]> {
  return inOneMoment(db, async (tx) => {
    const ownerless: string[] = [];
    const inCustody = await positionsInCustody(tx);
    for (const account of await accountNames(tx)) {
      for (const { instrument } of await positions(tx, account)) {
        const name = `${account}/${instrumentKey(instrument)}`;
        if (inCustody.has(name)) continue;
        const unowned = await unownedContracts(tx, { account, instrument });
        if (unowned > 0n) ownerless.push(`${name} ${formatAmount(unowned)}`);
      }
    }
    return ownerless;
  });
}

async function positionsInCustody(tx: Transaction): Promise<ReadonlySet<string>> {
  const cases = await openCases(tx);
  const taken = cases.filter(({ isTaken, found }) => isTaken && found.kind === 'position');
  return new Set(
    taken.map(({ place: { account, instrument } }) => `${account}/${instrumentKey(instrument)}`),
  );
}
