import type { FastifyRequest } from 'fastify';
import type { SimulatedExchange, WireAnswer, WireFront } from '../../simulation/index.js';
import { codeClasses, statusClasses } from '../answers.js';
import type { SimulatedKey } from './gate.js';
import { errorBody, tooManyRequests, venueError } from './venue-error.js';

const ORDERS = '/portfolio/events/orders';

type Known = ReturnType<WireFront['subjectOf']>;

/** What Kalshi's requests are about, and what it says when it does not do them. */
export function kalshiWireFront(
  exchange: SimulatedExchange,
  keys: readonly SimulatedKey[],
): WireFront {
  exchange.faults.script.learnAnswers(kalshiAnswers.keys());
  return {
    exchange,
    subjectOf: (request) => {
      const said = request.headers['kalshi-access-key'];
      const who = keys.find(({ keyId }) => keyId === said);
      const told = who && operationOf(exchange, request);
      return told && { ...told, account: who.account };
    },
    answerNamed: (name) => kalshiAnswers.get(name),
    answerIn: (state, { operation }) => {
      if (operation === 'cancel' && state !== 'halted' && state !== 'restarting') return undefined;
      if (operation !== 'place' && operation !== 'cancel') return undefined;
      return kalshiAnswers.get(stateAnswers[state]);
    },
    idFields: ['order_id'],
  };
}

/** A trading pause lets cancels pass, an exchange pause does not (reference/venues.md 1.5, 1.9). */
const stateAnswers = {
  paused: 'trading_is_paused',
  halted: 'exchange_paused',
  restarting: 'exchange_unavailable',
  post_only: 'trading_is_paused',
} as const;

/** Every row of the adapter's table, in the envelope and with the status that it comes with. */
export const kalshiAnswers: ReadonlyMap<string, WireAnswer> = new Map([
  ...Object.entries(codeClasses).map(([code, means]): [string, WireAnswer] => {
    const status = code === 'exchange_unavailable' ? 503 : statuses()[means];
    const body = errorBody(venueError(status, code, code.replaceAll('_', ' ')));
    return [code, { status, body: status === 429 ? tooManyRequests : body }];
  }),
  ...Object.keys(statusClasses).map((status): [string, WireAnswer] => {
    const error = venueError(Number(status), 'not_in_the_table', `HTTP ${status}`);
    return [`http_${status}`, { status: Number(status), body: errorBody(error) }];
  }),
]);

function statuses() {
  return {
    exists: 409,
    funds: 400,
    rate: 429,
    venue_state: 409,
    market_closed: 400,
    no_match: 409,
    terminal: 400,
  } as const;
}

function operationOf(exchange: SimulatedExchange, request: FastifyRequest): Known {
  const { method, url, body } = request;
  const path = url.split('?', 1)[0] ?? '';
  if (method === 'POST' && path.endsWith(ORDERS)) return placement(body);
  const id = path.split('/').at(-1) ?? '';
  const order = exchange.order(id);
  const about = order && { clientKey: order.clientKey, market: order.market, side: order.side };
  if (method === 'DELETE' && path.includes(ORDERS)) return { operation: 'cancel', ...about };
  if (method !== 'GET') return undefined;
  if (path.includes('/orders')) return { operation: 'read_orders', ...about };
  if (path.endsWith('/fills')) return { operation: 'read_fills' };
  return path.endsWith('/balance') ? { operation: 'read_balance' } : undefined;
}

/** A reduce-only order is how our own adapter states a sale; any other is a purchase. */
function placement(body: unknown): Known {
  const sent = typeof body === 'object' && body !== null ? body : {};
  const text = (name: string) => {
    const value: unknown = Object.entries(sent).find(([key]) => key === name)?.[1];
    return typeof value === 'string' ? value : undefined;
  };
  const isSale = 'reduce_only' in sent && sent.reduce_only === true;
  return {
    operation: 'place',
    clientKey: text('client_order_id'),
    market: text('ticker'),
    side: isSale ? 'sell' : 'buy',
    isPostOnly: 'post_only' in sent && sent.post_only === true,
  };
}
