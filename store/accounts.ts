import type { Kysely, Selectable } from 'kysely';
import { formatAmount, type Limits, money, quantity } from '../domain/index.js';
import { writeAudit } from './audit.js';
import type { Row } from './columns.js';
import { at } from './sql-values.js';
import type { Database, tables } from './tables.js';

/** What an account starts with: version 1, written when it is first seen. */
export const firstLimits: Omit<Limits, 'version'> = {
  positionMax: quantity('10000'),
  positionsMaxCount: 50,
  exposureMax: money('50000'),
  executionsPerMinuteMax: 120,
  contractsPerPairMax: quantity('1000'),
  errorsInARowMax: 5,
  lossPerDayMax: money('500'),
};

export interface LimitsChange {
  readonly account: string;
  readonly limits: Omit<Limits, 'version'>;
  readonly by: string;
  readonly why: string;
}

/** Opens an account with its first limits; one that is open already keeps those it has. */
export async function ensureAccount(db: Kysely<Database>, account: string): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const opened = await tx
      .insertInto('accounts')
      .values({ account, opened_at: new Date() })
      .onConflict((conflict) => conflict.column('account').doNothing())
      .returning('account')
      .executeTakeFirst();
    if (!opened) return;
    await writeLimits(tx, 1, { account, limits: firstLimits, by: 'legwork', why: 'first start' });
  });
}

/** The limits that count now; `undefined` for an account that nobody opened. */
export async function limitsOf(db: Kysely<Database>, account: string): Promise<Limits | undefined> {
  const row = await db
    .selectFrom('account_limits')
    .selectAll()
    .where('account', '=', account)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row && limitsFrom(row);
}

/** Writes the next version and who wanted it. Returns its number. The account must be open. */
export async function setLimits(db: Kysely<Database>, change: LimitsChange): Promise<number> {
  return db.transaction().execute(async (tx) => {
    // Two changes at once become two versions, one after the other.
    await tx
      .selectFrom('accounts')
      .select('account')
      .where('account', '=', change.account)
      .forUpdate()
      .executeTakeFirstOrThrow();
    const version = ((await limitsOf(tx, change.account))?.version ?? 0) + 1;
    await writeLimits(tx, version, change);
    return version;
  });
}

async function writeLimits(
  tx: Kysely<Database>,
  version: number,
  { account, limits, by, why }: LimitsChange,
): Promise<void> {
  const atMs = Date.now();
  const columns = {
    position_max: formatAmount(limits.positionMax),
    positions_max_count: limits.positionsMaxCount,
    exposure_max: formatAmount(limits.exposureMax),
    executions_per_minute_max: limits.executionsPerMinuteMax,
    contracts_per_pair_max: formatAmount(limits.contractsPerPairMax),
    errors_in_a_row_max: limits.errorsInARowMax,
    loss_per_day_max: formatAmount(limits.lossPerDayMax),
  };
  await tx
    .insertInto('account_limits')
    .values({ account, version, ...columns, by, why, at: at(atMs) })
    .execute();
  const detail = { version, ...columns };
  await writeAudit(tx, { action: 'limits', subject: account, by, why, detail, atMs });
}

function limitsFrom(row: Selectable<Row<(typeof tables)['account_limits']>>): Limits {
  return {
    version: row.version,
    positionMax: quantity(row.position_max),
    positionsMaxCount: row.positions_max_count,
    exposureMax: money(row.exposure_max),
    executionsPerMinuteMax: row.executions_per_minute_max,
    contractsPerPairMax: quantity(row.contracts_per_pair_max),
    errorsInARowMax: row.errors_in_a_row_max,
    lossPerDayMax: money(row.loss_per_day_max),
  };
}
