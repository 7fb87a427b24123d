import {
  type Approved,
  approvedBy,
  approvedByHolding,
  assert,
  type ChildOrder,
  type Pair,
  type PlaceAnswer,
  type PreparedOrder,
  type Quantity,
  type Reservation,
  type SendOutcome,
  type UnownedHolding,
  unreachable,
  type Venue,
} from '../domain/index.js';
import { heldPairOf, recordAnswer, reservationOf } from '../store/index.js';
import { marketOf, type TradingDesk } from './trading-desk.js';

/** What of the desk an order is signed with. */
type SigningDesk = Pick<TradingDesk, 'db' | 'venueOf'>;

/** An order that is ready for the wire, and the venue account that will send it. */
export interface Prepared {
  readonly venue: Venue;
  readonly request: PreparedOrder;
}

export interface ForShot {
  readonly workflowId: string;
  readonly pair: Pair;
  readonly orders: readonly ChildOrder[];
}

/**
 * Approves, builds and signs the orders of a shot. The brand of an approval is lost in JSON, so the
 * trade's reservation in Postgres is asked again whether it covers them.
 */
export async function preparedLegs(
  desk: SigningDesk,
  { workflowId, pair, orders }: ForShot,
): Promise<readonly Prepared[]> {
  const reservation = await reservationOf(desk.db, workflowId);
  return Promise.all(orders.map((order) => preparedUnder(desk, { pair, order }, reservation)));
}

interface OfPair {
  readonly pair: Pair;
  readonly order: ChildOrder;
}

export interface ForExit extends OfPair {
  /** What is left of the trade's own contracts. */
  readonly left: Quantity;
}

/**
 * The same for an exit. A trade that has ended has no reservation any more: where its match is being
 * flattened, what it still holds bounds the order, which may only sell.
 */
export async function preparedExit(
  desk: TradingDesk,
  { pair, order, left }: ForExit,
): Promise<Prepared> {
  const reservation = await reservationOf(desk.db, order.workflowId);
  const match = reservation ? undefined : await heldPairOf(desk.db, order.workflowId);
  if (!match?.isFlattening || order.side !== 'sell') {
    return preparedUnder(desk, { pair, order }, reservation);
  }
  const { account, instrument } = order;
  return preparedForPosition(desk, {
    ...{ pair, order },
    holding: { account, instrument, quantity: left },
  });
}

export interface ForPosition extends OfPair {
  readonly holding: UnownedHolding;
}

/** The same for contracts that no trade has reserved for: what is held bounds it. */
export async function preparedForPosition(
  desk: TradingDesk,
  { pair, order, holding }: ForPosition,
): Promise<Prepared> {
  const approved = approvedByHolding(holding, order);
  assert(approved !== undefined, `order ${order.clientOrderId} only takes risk away`);
  return signed(desk, pair, approved);
}

async function preparedUnder(
  desk: SigningDesk,
  { pair, order }: OfPair,
  reservation: Reservation | undefined,
): Promise<Prepared> {
  const approved = reservation && approvedBy(reservation, order);
  assert(approved !== undefined, `order ${order.clientOrderId} is covered by its reservation`);
  return signed(desk, pair, approved);
}

async function signed(
  desk: SigningDesk,
  pair: Pair,
  approved: Approved<ChildOrder>,
): Promise<Prepared> {
  const { clientOrderId, instrument, account } = approved;
  const market = marketOf(pair, instrument);
  assert(market !== undefined, `${clientOrderId} trades a market of ${pair.pairId}`);
  const venue = desk.venueOf(instrument.venue, account);
  return { venue, request: await venue.prepare(approved, market) };
}

/** What an answer says about the order. "Exists" is not yet an answer: the order is looked up. */
export function outcomeOf(answer: PlaceAnswer): SendOutcome {
  switch (answer.kind) {
    case 'accepted':
    case 'refused':
    case 'unknown':
      return answer;
    case 'exists':
      return { kind: 'unknown', code: answer.code, reason: 'the venue has this order already' };
    default:
      return unreachable(answer);
  }
}

/** The order's row says what the answer said before anybody acts on it. */
export async function recordOutcome(
  desk: Pick<TradingDesk, 'db' | 'nowMs'>,
  clientOrderId: string,
  outcome: SendOutcome,
): Promise<void> {
  await recordAnswer(desk.db, { clientOrderId, ...rowOf(outcome), atMs: desk.nowMs() });
}

function rowOf(outcome: SendOutcome) {
  switch (outcome.kind) {
    case 'notSent':
      return { event: 'notSent', status: 'denied', detail: outcome } as const;
    case 'refused':
      return { event: 'rejected', status: 'rejected', detail: outcome } as const;
    case 'unknown':
      return { event: 'silence', status: 'unknown', detail: outcome } as const;
    case 'accepted': {
      const { venueOrderId, cumulativeQuantity, state } = outcome;
      const detail = { kind: outcome.kind, venueOrderId, state };
      return {
        event: 'accepted',
        status: state,
        venueOrderId,
        cumulativeQuantity,
        detail,
      } as const;
    }
    default:
      return unreachable(outcome);
  }
}
