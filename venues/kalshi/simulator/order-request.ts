import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Outcome } from '../../../domain/instrument.js';
import type { Price, Quantity } from '../../../domain/money.js';
import { parseAmount } from '../../../domain/money.js';
import type { PlaceRequest, SimulatedExchange } from '../../simulation/index.js';
import { fromBookSide, outcomeBought } from '../book-side.js';
import type { VenueError } from './venue-error.js';
import { venueError } from './venue-error.js';

const text = (form: RegExp, says: string) => z.string().regex(form, says);

/** What the venue asks of `POST /portfolio/events/orders` (reference/venues.md 1.3). */
const createOrder = z.object({
  ticker: z.string().min(1),
  client_order_id: z.string().min(1).max(64).optional(),
  side: z.enum(['bid', 'ask']),
  count: text(/^\d{1,9}(\.\d{1,2})?$/, 'a count has at most two decimals'),
  price: text(/^\d\.\d{2,4}$/, 'a price has two to four decimals'),
  time_in_force: z.enum(['fill_or_kill', 'good_till_canceled', 'immediate_or_cancel']),
  self_trade_prevention_type: z.enum(['taker_at_cross', 'maker']),
  expiration_time: z.number().int().optional(),
  post_only: z.boolean().optional(),
  reduce_only: z.boolean().optional(),
  cancel_order_on_pause: z.boolean().optional(),
  order_group_id: z.string().min(1).optional(),
});
type CreateOrder = z.infer<typeof createOrder>;

export type ReadOrder =
  | { readonly kind: 'request'; readonly request: PlaceRequest }
  | { readonly kind: 'error'; readonly error: VenueError };

/** Checks an order's form as the venue would, and says it in the exchange's words. */
export function readOrder(exchange: SimulatedExchange, account: string, body: unknown): ReadOrder {
  const read = createOrder.safeParse(body);
  if (!read.success) return invalid('invalid_parameters', z.prettifyError(read.error));
  const problem = timeProblem(read.data, exchange.now());
  if (problem !== undefined) return invalid('invalid_order', problem);
  return { kind: 'request', request: placeRequest(exchange, account, read.data) };
}

function timeProblem(order: CreateOrder, nowMs: number): string | undefined {
  if (order.expiration_time === undefined) return undefined;
  if (order.time_in_force !== 'good_till_canceled') return 'only a GTC order may expire';
  return order.expiration_time * 1000 > nowMs ? undefined : 'the expiration time has passed';
}

function placeRequest(
  exchange: SimulatedExchange,
  account: string,
  order: CreateOrder,
): PlaceRequest {
  const quantity = amount(order.count) as Quantity; // its form is checked
  const yesPrice = amount(order.price) as Price; // as above
  const position = signedPosition(exchange, account, order.ticker);
  const outcome = outcomeMeant(order, position, quantity);
  const { side, price } = fromBookSide(order.side, yesPrice, outcome);
  const venueOrderId = orderIdOf(account, order.client_order_id);
  return {
    account,
    market: order.ticker,
    outcome,
    side,
    limitPrice: price,
    timeInForce: timesInForce[order.time_in_force],
    ...(order.expiration_time !== undefined && { expiresAtMs: order.expiration_time * 1000 }),
    fixed: { kind: 'contracts', contracts: quantity },
    venueOrderId,
    clientKey: order.client_order_id ?? venueOrderId,
    isReduceOnly: order.reduce_only ?? false,
    isPostOnly: order.post_only ?? false,
    ...(order.order_group_id !== undefined && { orderGroupId: order.order_group_id }),
  };
}

const timesInForce = {
  fill_or_kill: 'FOK',
  good_till_canceled: 'GTC',
  immediate_or_cancel: 'IOC',
} as const;

/** A bid or ask that only reduces is a sale of what is held; any other is a purchase. */
function outcomeMeant(order: CreateOrder, position: bigint, quantity: Quantity): Outcome {
  const bought = outcomeBought(order.side);
  const held = bought === 'yes' ? -position : position;
  const isSale = held > 0n && (held >= quantity || order.reduce_only === true);
  if (!isSale) return bought;
  return bought === 'yes' ? 'no' : 'yes';
}

/** + YES, − NO. */
export function signedPosition(
  exchange: SimulatedExchange,
  account: string,
  market: string,
): bigint {
  return exchange
    .positions(account)
    .filter((position) => position.market === market)
    .reduce(
      (sum, { outcome, quantity }) => (outcome === 'yes' ? sum + quantity : sum - quantity),
      0n,
    );
}

/** A UUID of the client's id, so that two runs of one seed name their orders alike. */
function orderIdOf(account: string, clientOrderId: string | undefined): string {
  if (clientOrderId === undefined) return randomUUID();
  const hex = createHash('sha256').update(`${account}\n${clientOrderId}`).digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20, 32),
  ].join('-');
}

const amount = (decimal: string): bigint => parseAmount(decimal) ?? 0n;

const invalid = (code: string, message: string): ReadOrder => ({
  kind: 'error',
  error: venueError(400, code, message),
});
