import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { CancelResult, SimulatedExchange } from '../../simulation/index.js';
import { parsed } from '../answers.js';
import { placeOrder, type VenueAnswer } from './place-order.js';
import { placeOrders } from './place-orders.js';
import { signedRoute, textOf, type VenueFront } from './venue-front.js';

const BAD_PAYLOAD = { error: 'Invalid order payload' };
const CANCELS_MAX = 1_000;

/** Placing and canceling. */
export function addOrderRoutes(app: FastifyInstance, front: VenueFront): void {
  const signed = signedRoute(front);
  app.post(
    '/order',
    signed(async (who, request, reply) =>
      deliver(reply, await placeOrder(front, who, textOf(request)), front.later),
    ),
  );
  app.post(
    '/orders',
    signed(async (who, request, reply) =>
      deliver(reply, await placeOrders(front, who, textOf(request)), front.later),
    ),
  );
  app.delete(
    '/order',
    signed(({ account }, request, reply) => {
      const read = z.object({ orderID: z.string() }).safeParse(parsed(textOf(request)));
      return read.success
        ? cancel(front, account, [read.data.orderID])
        : reply.code(400).send(BAD_PAYLOAD);
    }),
  );
  app.delete(
    '/orders',
    signed(({ account }, request, reply) => {
      const read = z
        .array(z.string())
        .max(CANCELS_MAX)
        .safeParse(parsed(textOf(request)));
      return read.success ? cancel(front, account, read.data) : reply.code(400).send(BAD_PAYLOAD);
    }),
  );
  app.delete(
    '/cancel-all',
    signed(({ account }) => cancelAll(front.exchange, account)),
  );
  app.delete(
    '/cancel-market-orders',
    signed(({ account }, request, reply) => {
      const shape = z.object({ market: z.string().optional(), asset_id: z.string().optional() });
      const { data } = shape.safeParse(parsed(textOf(request)));
      const market = data?.market ?? front.listing.token(data?.asset_id ?? '')?.market.market;
      return market === undefined
        ? reply.code(400).send(BAD_PAYLOAD)
        : cancelAll(front.exchange, account, market);
    }),
  );
}

function deliver(
  reply: FastifyReply,
  { status, body, delivery }: VenueAnswer,
  later: VenueFront['later'],
) {
  if (delivery.kind === 'prompt') return reply.code(status).send(body);
  // The order stands, and its answer is late or lost: the client hears nothing meanwhile.
  if (delivery.kind === 'late') later(() => void reply.code(status).send(body), delivery.afterMs);
  return reply;
}

function cancel({ exchange }: VenueFront, account: string, ids: readonly string[]) {
  const results = [...new Set(ids)].map((id) => [id, exchange.cancel(account, id)] as const);
  const canceled = results.filter(([, result]) => result.kind === 'canceled').map(([id]) => id);
  const not_canceled = Object.fromEntries(
    results.flatMap(([id, result]) => (result.kind === 'canceled' ? [] : [[id, reasonOf(result)]])),
  );
  return { canceled, not_canceled };
}

function reasonOf({ code }: Extract<CancelResult, { kind: 'not_canceled' }>): string {
  const reasons = {
    unknown: "order can't be found - already canceled or matched",
    terminal: "order can't be canceled - already canceled or matched",
    in_flight: 'order is delayed and cannot be canceled yet',
  } as const;
  return reasons[code];
}

function cancelAll(exchange: SimulatedExchange, account: string, market?: string) {
  const canceled = exchange.cancelAll(account, market).map(({ venueOrderId }) => venueOrderId);
  const held = exchange
    .orders({ account, state: 'working', ...(market === undefined ? {} : { market }) })
    .map(
      ({ venueOrderId }) =>
        [venueOrderId, reasonOf({ kind: 'not_canceled', code: 'in_flight' })] as const,
    );
  return { canceled, not_canceled: Object.fromEntries(held) };
}
