import type { PlaceResult, SimulatedExchange } from '../../simulation/index.js';
import { isArchived, type Reads } from './account-routes.js';
import type { Answer, Call } from './answer.js';
import { answer, errorAnswer } from './answer.js';
import { readOrder } from './order-request.js';
import { dollars, fixedPoint, remainingOf } from './rows.js';
import { refusalError, venueError } from './venue-error.js';

/** `POST /portfolio/events/orders`. */
export function createOrder(reads: Reads, { account, body }: Call): Answer {
  const { exchange } = reads;
  const read = readOrder(exchange, account, body);
  if (read.kind === 'error') return errorAnswer(read.error);
  return placed(reads, exchange.place(read.request));
}

function placed(reads: Reads, result: PlaceResult): Answer {
  const { exchange } = reads;
  if (result.kind === 'refused') {
    const { existing, code, reason } = result;
    if (existing && isArchived(reads, existing)) {
      exchange.conditions.noteOld(existing.clientKey, 'refused');
    }
    return errorAnswer(refusalError(code, reason));
  }
  const { order, delivery } = result;
  const { filledQuantity, filledNotional, fees } = order;
  const body = {
    order_id: order.venueOrderId,
    client_order_id: order.clientKey,
    fill_count: fixedPoint(filledQuantity),
    remaining_count: fixedPoint(remainingOf(order)),
    ...(filledQuantity > 0n && {
      average_fill_price: perContract(filledNotional, filledQuantity),
      average_fee_paid: perContract(fees, filledQuantity),
    }),
    ts_ms: exchange.now(),
  };
  return { status: 201, body, delivery };
}

/** Six decimals, the most that the venue answers with. */
const MILLIONTH = 1_000n;

function perContract(total: bigint, contracts: bigint): string {
  const average = (total * 1_000_000_000n) / contracts;
  return dollars(average - (average % MILLIONTH));
}

/** `DELETE /portfolio/events/orders/{order_id}`. What has ended cannot be found to be canceled. */
export function cancelOrder(exchange: SimulatedExchange, { account, params }: Call): Answer {
  const result = exchange.cancel(account, params.order_id ?? '');
  if (result.kind === 'not_canceled') {
    return errorAnswer(venueError(404, 'not_found', `not canceled: ${result.code}`));
  }
  const { order } = result;
  return answer({
    order_id: order.venueOrderId,
    client_order_id: order.clientKey,
    reduced_by: fixedPoint(order.quantity - order.filledQuantity),
    ts_ms: exchange.now(),
  });
}

/** `DELETE /portfolio/events/orders`: everything that rests; no list comes back. */
export function cancelAllOrders(exchange: SimulatedExchange, { account }: Call): Answer {
  exchange.cancelAll(account);
  return answer({});
}
