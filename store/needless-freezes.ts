import type { Kysely } from 'kysely';
import { type Freeze, isTerminal } from '../domain/index.js';
import { openBreaks } from './breaks.js';
import { freezeIdOf, openCases } from './custody-cases.js';
import { readControl } from './freezes.js';
import { inOneMoment } from './in-one-moment.js';
import type { Database } from './tables.js';
import type { Transaction } from './transaction.js';

/**
 * Freezes in force, by their ids, of which the reason is over: whoever ends it lifts them, and did
 * not, so that their pairs would stay shut for ever. One of a residual or by hand is a person's to
 * lift, whatever has become of its reason.
 */
export async function needlessFreezes(db: Kysely<Database>): Promise<readonly string[]> {
  return inOneMoment(db, async (tx) => {
    const { freezes } = await readControl(tx);
    const isWaitedFor = await reasonsLeft(tx, freezes);
    return freezes.filter((freeze) => !isWaitedFor(freeze)).map(({ freezeId }) => freezeId);
  });
}

/** Whether what a freeze is about goes on; of those that a person lifts, always. */
async function reasonsLeft(
  tx: Transaction,
  freezes: readonly Freeze[],
): Promise<(freeze: Freeze) => boolean> {
  const cases = new Set((await openCases(tx)).map(({ caseId }) => freezeIdOf(caseId)));
  const resolved = await resolvedOrders(tx, freezes);
  const late = (await openBreaks(tx)).filter(({ kind }) => kind === LATE_ROWS);
  return ({ freezeId, liftsWhenResolved }) => {
    if (liftsWhenResolved !== undefined) return !resolved.has(liftsWhenResolved);
    if (freezeId.startsWith(OF_CUSTODY)) return cases.has(freezeId);
    if (!freezeId.startsWith(OF_LATE_ROWS)) return true;
    return late.some(({ key }) => freezeId.startsWith(`${OF_LATE_ROWS}${key}/`));
  };
}

const OF_CUSTODY = 'custody/';
/** As `activities/late-rows.ts` has them: a trade's break, and a freeze for each count of rows. */
const LATE_ROWS = 'report_without_workflow';
const OF_LATE_ROWS = 'unowned/';

/** Those that evidence has ended, or that were forbidden to leave. */
async function resolvedOrders(
  tx: Transaction,
  freezes: readonly Freeze[],
): Promise<ReadonlySet<string>> {
  const waitedFor = freezes.flatMap(({ liftsWhenResolved }) => liftsWhenResolved ?? []);
  if (waitedFor.length === 0) return new Set();
  const rows = await tx
    .selectFrom('orders')
    .select(['client_order_id', 'status'])
    .where('client_order_id', 'in', waitedFor)
    .execute();
  const ended = rows.filter(({ status }) => isTerminal(status));
  return new Set(ended.map((row) => row.client_order_id));
}
