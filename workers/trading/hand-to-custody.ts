import type { Kysely } from 'kysely';
import type { CustodyDoor } from '../../client/index.js';
import {
  custodyPlaceOfTrade,
  instrumentKey,
  positionCaseKey,
  type TradeRow,
  tradeCaseKey,
  unownedOf,
} from '../../domain/index.js';
import {
  type Database,
  openCase,
  openCaseOf,
  position,
  readExplanation,
  readStoredTrade,
} from '../../store/index.js';

export interface HandOver {
  readonly db: Kysely<Database>;
  readonly custody: CustodyDoor;
  readonly nowMs: () => number;
}

/**
 * `taken`: the trade has no result yet, so it is custody's with all its rows. `no_trade`: the order is
 * one that custody sent itself.
 */
export type Handed = 'taken' | 'trade_ended' | 'no_trade';

/**
 * Rows of a workflow that does not run go to whoever looks after them, now: the sweep would find the
 * trade a minute later.
 */
export async function handToCustody(
  given: HandOver,
  workflowId: string,
  rows: readonly TradeRow[],
): Promise<Handed> {
  const { db, custody, nowMs } = given;
  const adopted = await openCaseOf(db, tradeCaseKey(workflowId));
  if (adopted) {
    await custody.venueReport(adopted.place, rows);
    return 'taken';
  }
  const stored = await readStoredTrade(db, workflowId);
  if (!stored) return 'no_trade';
  const { admission, rows: booked } = stored.trade;
  if (stored.isClosed || admission?.kind !== 'approved') return 'trade_ended';
  const { pairId } = stored.trade.intent;
  const why = 'a venue reported about it, and its workflow does not run';
  const found = {
    kind: 'trade',
    key: tradeCaseKey(workflowId),
    workflowId,
    by: 'booker',
    why,
  } as const;
  const place = custodyPlaceOfTrade(admission.entries, booked);
  // The case first: both venues report, and whoever comes second hands it to the same custody.
  const opened = await openCase(db, { place, found, pairId, atMs: nowMs() });
  await custody.adoptTrade(opened.place, { workflowId, by: 'booker', why });
  return 'taken';
}

/** The workflow has ended: what its late rows have moved is a position that nobody answers for. */
export async function tellPositions(
  { db, custody, nowMs }: HandOver,
  pairId: string | undefined,
  rows: readonly TradeRow[],
): Promise<void> {
  const moved = new Map(rows.map((row) => [instrumentKey(row.instrument), row]));
  for (const { account, instrument } of moved.values()) {
    const place = { account, instrument };
    const held = await position(db, account, instrument);
    const by = await readExplanation(db, place);
    const quantity = unownedOf({ instrument, quantity: held }, by);
    if (quantity === 0n) continue;
    const key = positionCaseKey(account, instrument);
    const why = 'no open trade and no held pair explains these contracts';
    const found = { kind: 'position', key, instrument, quantity, why } as const;
    const about = pairId === undefined ? {} : { pairId };
    const opened = await openCase(db, { place, found, ...about, atMs: nowMs() });
    await custody.found(opened.place, [opened.found]);
  }
}
