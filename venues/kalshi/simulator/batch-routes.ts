import { z } from 'zod';
import type { SimulatedExchange } from '../../simulation/index.js';
import type { Reads } from './account-routes.js';
import type { Answer, Call } from './answer.js';
import { answer, errorAnswer } from './answer.js';
import { cancelOrder, createOrder } from './order-routes.js';
import { fixedPoint } from './rows.js';
import { venueError } from './venue-error.js';

const shape = z.object({ orders: z.array(z.unknown()).min(1) });
const named = z.object({ order_id: z.string() });
const refusal = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** How many orders a batch names: each one costs its own tokens. */
export function batchSize(body: unknown): number {
  return shape.safeParse(body).data?.orders.length ?? 1;
}

/** `POST /portfolio/events/orders/batched`: each order is answered for itself. */
export function createOrders(reads: Reads, call: Call): Answer {
  const batch = shape.safeParse(call.body);
  if (!batch.success) return invalid(z.prettifyError(batch.error));
  const answers = batch.data.orders.map((body) => createOrder(reads, { ...call, body }));
  const held = answers.find(({ delivery }) => delivery && delivery.kind !== 'prompt');
  const orders = answers.map(({ status, body }) => (status < 300 ? body : errorOf(body)));
  return { status: 201, body: { orders }, ...(held?.delivery && { delivery: held.delivery }) };
}

/** `DELETE /portfolio/events/orders/batched`: only the orders that are named. */
export function cancelOrders(exchange: SimulatedExchange, call: Call): Answer {
  const batch = z.object({ orders: z.array(named).min(1) }).safeParse(call.body);
  if (!batch.success) return invalid(z.prettifyError(batch.error));
  const orders = batch.data.orders.map(({ order_id }) => {
    const { status, body } = cancelOrder(exchange, { ...call, params: { order_id } });
    return status < 300 ? body : { order_id, reduced_by: fixedPoint(0n), ...errorOf(body) };
  });
  return answer({ orders });
}

function errorOf(body: unknown): { readonly error: unknown } {
  const read = refusal.safeParse(body);
  return { error: read.data?.error ?? { code: 'internal_server_error' } };
}

const invalid = (message: string): Answer =>
  errorAnswer(venueError(400, 'invalid_parameters', message));
