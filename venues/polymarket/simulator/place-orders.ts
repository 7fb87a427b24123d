import { z } from 'zod';
import { parsed } from '../answers.js';
import type { SimulatedAccount } from './desk-accounts.js';
import { type OrderDesk, placeOrder, type VenueAnswer } from './place-order.js';

const ORDERS_MAX = 15;
const batchShape = z.array(z.unknown()).min(1).max(ORDERS_MAX);

/** `POST /orders`: up to fifteen, each with an answer of its own (venues.md 2.6). */
export async function placeOrders(
  desk: OrderDesk,
  who: SimulatedAccount,
  body: string,
): Promise<VenueAnswer> {
  const batch = batchShape.safeParse(parsed(body));
  if (!batch.success) {
    const error = { error: 'Invalid order payload' };
    return { status: 400, body: error, delivery: { kind: 'prompt' } };
  }
  const answers: VenueAnswer[] = [];
  for (const one of batch.data) answers.push(await placeOrder(desk, who, JSON.stringify(one)));
  const held = answers.find(({ delivery }) => delivery.kind !== 'prompt');
  const delivery = held?.delivery ?? { kind: 'prompt' };
  return { status: 200, body: answers.map(itemOf), delivery };
}

const refusalShape = z.object({ error: z.string() });

function itemOf({ status, body }: VenueAnswer): unknown {
  if (status === 200) return body;
  const { data } = refusalShape.safeParse(body);
  const errorMsg = data?.error ?? 'Invalid order payload';
  return { success: false, errorMsg, orderID: '', status: '', makingAmount: '', takingAmount: '' };
}
