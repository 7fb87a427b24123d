import type { Kysely } from 'kysely';
import type { Reached } from '../../activities/index.js';
import type { CustodyDoor } from '../../client/index.js';
import {
  custodyPlaceOfTrade,
  instrumentKey,
  positionCaseKey,
  type TradeRow,
  tradeCaseKey,
} from '../../domain/index.js';
import {
  type CaseToOpen,
  type Database,
  inOneMoment,
  openCase,
  openCaseOf,
  readStoredTrade,
  unownedContracts,
} from '../../store/index.js';

export interface HandOver {
  readonly db: Kysely<Database>;
  readonly custody: CustodyDoor;
  readonly nowMs: () => number;
  readonly reached: Reached;
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
  const { db, custody } = given;
  const adopted = await openCaseOf(db, tradeCaseKey(workflowId));
  if (adopted) {
    await custody.venueReport(adopted.place, rows);
    return 'taken';
  }
  const stored = await readStoredTrade(db, workflowId);
  if (!stored) return 'no_trade';
  const { admission, rows: booked } = stored.trade;
  if (stored.isClosed || admission?.kind !== 'approved') return 'trade_ended';
  const why = 'a venue reported about it, and its workflow does not run';
  const key = tradeCaseKey(workflowId);
  await openAndTell(given, {
    place: custodyPlaceOfTrade(admission.entries, booked),
    found: { kind: 'trade', key, workflowId, by: 'booker', why },
    pairId: stored.trade.intent.pairId,
  });
  return 'taken';
}

/** The workflow has ended: what its late rows have moved is a position that nobody answers for. */
export async function tellPositions(
  given: HandOver,
  pairId: string | undefined,
  rows: readonly TradeRow[],
): Promise<void> {
  const { db } = given;
  const moved = new Map(rows.map((row) => [instrumentKey(row.instrument), row]));
  for (const { account, instrument } of moved.values()) {
    const place = { account, instrument };
    const quantity = await inOneMoment(db, (tx) => unownedContracts(tx, place));
    if (quantity === 0n) continue;
    const key = positionCaseKey(account, instrument);
    const why = 'no open trade and no held pair explains these contracts';
    const found = { kind: 'position', key, instrument, quantity, why } as const;
    await openAndTell(given, { place, found, ...(pairId !== undefined && { pairId }) });
  }
}

/** The case first: whoever comes second, the other venue's booker, tells the same custody. */
async function openAndTell(
  { db, custody, nowMs, reached }: HandOver,
  toOpen: Omit<CaseToOpen, 'atMs'>,
): Promise<void> {
  const { place, found } = await openCase(db, { ...toOpen, atMs: nowMs() });
  reached('booking: case written, custody not told', found.key);
  await custody.found(place, [found]);
}
