import { type Admission, type ChildOrder, shotText } from '../domain/index.js';
import { nameOrder, ordersOf } from '../store/index.js';
import { preparedLegs } from './send-order.js';
import type { AdoptRequest } from './trade-activities.js';
import type { TradingDesk } from './trading-desk.js';

/**
 * Gives the orders of an adopted shot the names that they have at their venue before it answers:
 * Polymarket's is the hash of what was signed, and without it nobody can ask about an order that was
 * never answered. The engine's record tells the order, so that it is made here once more; where that
 * does not come to the very bytes that were written down, it is named by nobody.
 */
export async function nameFired(
  desk: TradingDesk,
  { shot, workflowId }: AdoptRequest,
  admission: Admission,
): Promise<Admission> {
  if (admission.kind !== 'approved') return admission;
  const stored = await ordersOf(desk.db, workflowId);
  const unnamed = stored.filter(
    ({ order, venueOrderId }) => venueOrderId === undefined && isNamedAhead(order),
  );
  const orders = unnamed.map(({ order }) => order);
  const legs = await preparedLegs(desk, { workflowId, pair: admission.pair, orders });
  for (const { request } of legs) {
    const { clientOrderId } = request.order;
    const sent = unnamed.find(({ order }) => order.clientOrderId === clientOrderId);
    if (request.venueOrderId === undefined || !sent || !isSame(request, sent)) {
      desk.warn({ workflowId, clientOrderId }, 'a fired order is not what this build would send');
      continue;
    }
    const { venueOrderId } = request;
    await nameOrder(desk.db, { clientOrderId, venueOrderId, shot: shotText(shot) }, desk.nowMs());
  }
  return admission;
}

/**
 * An engine writes the API key, which a body names as its owner, as so many asterisks; a build before
 * it wrote it out.
 */
const isSame = (one: { readonly body: string }, other: { readonly body: string }): boolean =>
  withoutOwner(one.body) === withoutOwner(other.body);

const withoutOwner = (body: string): string => body.replace(/"owner":"[^"]*"/, '"owner":""');

const isNamedAhead = ({ instrument }: ChildOrder): boolean => instrument.venue === 'polymarket';
