import { type Instrument, instrumentKey } from '../instrument.js';
import { ZERO_QUANTITY } from '../money.js';
import type { VenueOrder, VenuePosition } from '../venue.js';
import type { TradeRow } from '../venue-entry.js';
import {
  type CustodyCase,
  differenceCaseKey,
  leftoverCaseKey,
  orderCaseKey,
  positionCaseKey,
  reservationCaseKey,
  tradeCaseKey,
} from './custody-case.js';
import type { CustodyPlace } from './custody-place.js';
import { type Holding, unownedOf } from './unowned.js';

/** Our books of one account, as far as one of its venues is concerned. */
export interface OurBooks {
  readonly account: string;
  /** Every trade of the account that has no result. */
  readonly trades: readonly OpenTradeBook[];
  /** Ended trades of which a reservation, a hold or an unresolved order is left. */
  readonly leftovers: readonly LeftoverBook[];
  /** Whose row explains each open order of the venue, by the venue's id. */
  readonly explained: ReadonlyMap<string, string>;
  /** Positions at this venue, summed from its entries. */
  readonly positions: readonly Holding[];
  /** The legs of open held pairs at this venue. */
  readonly held: readonly Holding[];
}

export interface OpenTradeBook {
  readonly workflowId: string;
  readonly place: CustodyPlace;
  readonly instruments: readonly Instrument[];
  readonly isApproved: boolean;
  readonly hasReservation: boolean;
  /** Its pair is held for it: without that a second trade could begin. */
  readonly hasHold: boolean;
  /** Somebody has its exits: without that nobody could send one. */
  readonly hasOwner: boolean;
  /** Somebody else than the trade has its exits: an operator took them over. */
  readonly isTakenOver: boolean;
  readonly rows: readonly TradeRow[];
}

export interface LeftoverBook {
  readonly workflowId: string;
  readonly place: CustodyPlace;
  readonly what: string;
}

/** What the venue shows. */
export interface TheirBooks {
  readonly orders: readonly VenueOrder[];
  readonly positions: readonly VenuePosition[];
}

/** Workflows that were looked up and do not run. What was not looked up is taken to live. */
export type Dead = ReadonlySet<string>;

/** A case, and where it is looked after. */
export interface FoundCase {
  readonly place: CustodyPlace;
  readonly found: CustodyCase;
}

/**
 * What nobody answers for (DESIGN §1.6), from our books, the venue's, and who lives.
 *
 * 1. A trade without a result whose workflow does not run is custody's, with everything of it: its
 *    orders, its contracts, its reservation, its hold. So is one whose exits were taken over.
 * 2. A living trade that was approved has its reservation, its hold and its exits, or gets them back.
 * 3. Of a trade that has ended nothing stays open.
 * 4. An open order that no row of ours explains is somebody else's: it is canceled by its id.
 * 5. Contracts belong to a trade that has not ended or to a held pair; the rest is custody's.
 * 6. Where no trade is under way, the venue's position is the sum of its entries.
 * 7. The same books give the same cases, under the same keys: swept again, nothing is new.
 */
export function sweep(ours: OurBooks, theirs: TheirBooks, dead: Dead): readonly FoundCase[] {
  return [
    ...ours.trades.flatMap((trade) => tradeCases(trade, dead)),
    ...ours.leftovers.map(leftoverCase),
    ...theirs.orders.flatMap((order) => orderCases(ours, order)),
    ...ours.positions.flatMap((held) => positionCases(ours, held)),
    ...differences(ours, theirs),
  ];
}

function tradeCases(trade: OpenTradeBook, dead: Dead): readonly FoundCase[] {
  const { workflowId, place, isApproved, isTakenOver } = trade;
  if (dead.has(workflowId) || isTakenOver) {
    const why = isTakenOver
      ? 'its exits were taken over'
      : 'its workflow does not run and left no result';
    const found = { kind: 'trade', key: tradeCaseKey(workflowId), workflowId, why } as const;
    return [{ place, found: { ...found, by: 'sweep' } }];
  }
  const lost = lostBy(trade);
  if (!isApproved || lost === undefined) return [];
  const why = `it was approved, lives and has no ${lost}`;
  const key = reservationCaseKey(workflowId);
  return [{ place, found: { kind: 'reservation', key, workflowId, why } }];
}

function lostBy({ hasReservation, hasHold, hasOwner }: OpenTradeBook): string | undefined {
  if (!hasReservation) return 'reservation';
  if (!hasHold) return 'hold on its pair';
  return hasOwner ? undefined : 'owner of its exits';
}

function leftoverCase({ workflowId, place, what }: LeftoverBook): FoundCase {
  const key = leftoverCaseKey(workflowId);
  const why = `the trade has ended: ${what}`;
  return { place, found: { kind: 'leftover', key, workflowId, why } };
}

function orderCases(ours: OurBooks, order: VenueOrder): readonly FoundCase[] {
  const { venueOrderId, clientOrderId, instrument, createdAtMs, state } = order;
  if (state !== 'working' || ours.explained.has(venueOrderId)) return [];
  const found: CustodyCase = {
    kind: 'order',
    key: orderCaseKey(instrument, venueOrderId),
    instrument,
    venueOrderId,
    ...(clientOrderId !== undefined && { clientOrderId }),
    createdAtMs,
    why: 'no row of ours explains this order',
  };
  return [{ place: { account: ours.account, instrument }, found }];
}

function positionCases(ours: OurBooks, holding: Holding): readonly FoundCase[] {
  const { account, held, trades } = ours;
  const rows = trades.flatMap((trade) => trade.rows);
  const quantity = unownedOf(holding, { rows, held });
  if (quantity === ZERO_QUANTITY) return [];
  const { instrument } = holding;
  const key = positionCaseKey(account, instrument);
  const why = 'no open trade and no held pair explains these contracts';
  return [
    { place: { account, instrument }, found: { kind: 'position', key, instrument, quantity, why } },
  ];
}

function differences(ours: OurBooks, theirs: TheirBooks): readonly FoundCase[] {
  const { account } = ours;
  const busy = new Set(ours.trades.flatMap((trade) => trade.instruments).map(marketOf));
  const instruments = [...ours.positions, ...theirs.positions].map(({ instrument }) => instrument);
  const unique = new Map(instruments.map((one) => [instrumentKey(one), one]));
  return [...unique.values()].flatMap((instrument): FoundCase[] => {
    const held = quantityOf(ours.positions, instrument);
    const quantity = quantityOf(theirs.positions, instrument);
    if (held === quantity || busy.has(marketOf(instrument))) return [];
    const key = differenceCaseKey(account, instrument);
    const why = 'the venue states another position than its entries add up to';
    const found = { kind: 'difference', key, instrument, held, quantity, why } as const;
    return [{ place: { account, instrument }, found }];
  });
}

function quantityOf(holdings: readonly Holding[], instrument: Instrument) {
  const key = instrumentKey(instrument);
  const found = holdings.find((one) => instrumentKey(one.instrument) === key);
  return found?.quantity ?? ZERO_QUANTITY;
}

const marketOf = ({ venue, market }: Instrument): string => `${venue}/${market}`;
