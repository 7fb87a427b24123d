import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { SimulatedExchange, WireAnswer, WireFront } from '../../simulation/index.js';
import { parsed } from '../answers.js';
import type { Hex } from '../contracts.js';
import { type DocumentedAnswer, documentedAnswers } from '../documented-answers.js';
import { orderHash } from '../signing.js';
import type { Listing } from './listing.js';
import { sentOrderShape } from './sent-order.js';
import { textOf, type VenueFront } from './venue-front.js';

type Known = ReturnType<WireFront['subjectOf']>;

/** What Polymarket's requests are about, and what it says when it does not do them. */
export function polymarketWireFront(front: VenueFront): WireFront {
  const { exchange, listing } = front;
  exchange.faults.script.learnAnswers(polymarketAnswers.keys());
  return {
    exchange,
    subjectOf: (request) => {
      const said = request.headers.poly_api_key;
      const who = front.accounts.find(({ credentials }) => credentials.apiKey === said);
      const told = who && operationOf(exchange, listing, request);
      return told && { ...told, account: who.account };
    },
    answerNamed: (name, request) => answerNamed(name, hashIn(front, request)),
    answerIn: (state, { operation, isPostOnly }) => {
      const isPlacing = operation === 'place';
      if (!isPlacing && operation !== 'cancel') return undefined;
      if (state === 'restarting') return answerNamed('engine_restarting');
      if (state === 'halted') return answerNamed('trading_disabled');
      if (!isPlacing || (state === 'post_only' && isPostOnly)) return undefined;
      return state === 'paused' ? answerNamed('cancel_only') : POST_ONLY_MODE;
    },
    idFields: ['orderID'],
  };
}

/** With its own body: reference/venues.md 2.7. */
const POST_ONLY_MODE: WireAnswer = {
  status: 503,
  body: { error: 'post-only mode', code: 'post_only_mode', retry_after_seconds: 1 },
};

/**
 * Every row of the adapter's table: by its text where it has one, since one code may have several,
 * and by its code, which is the first of them.
 */
export const polymarketAnswers: ReadonlyMap<string, DocumentedAnswer> = new Map(
  [...documentedAnswers]
    .reverse()
    .flatMap((answer): [string, DocumentedAnswer][] => [
      ...(answer.text === undefined ? [] : [[answer.text, answer] as [string, DocumentedAnswer]]),
      [answer.code, answer],
    ]),
);

function answerNamed(name: string, venueOrderId = ''): WireAnswer | undefined {
  const answer = polymarketAnswers.get(name);
  if (!answer) return undefined;
  if (answer.code === 'post_only_mode') return POST_ONLY_MODE;
  const {
    status: [status = 400],
    text = answer.code,
  } = answer;
  const error = text.replace('{id}', venueOrderId).replaceAll('{}', '1');
  return { status, body: { error } };
}

/** The venue's name for the order in a request, taken in or not. */
function hashIn({ listing, contracts }: VenueFront, request: FastifyRequest): Hex | undefined {
  const read = sentOrderShape.safeParse(parsed(textOf(request)));
  if (!read.success) return undefined;
  const { order } = read.data;
  const tokens = listing.token(order.tokenId)?.market.tokens;
  const fields = { ...order, salt: BigInt(order.salt), timestampMs: Number(order.timestamp) };
  return tokens && orderHash(fields, { contracts, tokens });
}

function operationOf(
  exchange: SimulatedExchange,
  listing: Listing,
  request: FastifyRequest,
): Known {
  const { method, url } = request;
  const path = url.split('?', 1)[0] ?? '';
  if (method === 'POST' && path === '/order') return placement(listing, request);
  if (method === 'DELETE') return { operation: 'cancel', ...canceled(exchange, request) };
  if (method !== 'GET') return undefined;
  if (path.startsWith('/data/order/')) return { operation: 'read_orders', ...aboutOrder(path) };
  if (path === '/data/orders') return { operation: 'read_orders' };
  if (path === '/data/trades') return { operation: 'read_fills' };
  return path === '/balance-allowance' ? { operation: 'read_balance' } : undefined;

  function aboutOrder(of: string) {
    const order = exchange.order(of.split('/').at(-1) ?? '');
    return order && { clientKey: order.clientKey, market: order.market, side: order.side };
  }
}

function placement(listing: Listing, request: FastifyRequest): Known {
  const read = sentOrderShape.safeParse(parsed(textOf(request)));
  if (!read.success) return { operation: 'place' };
  const { order, postOnly } = read.data;
  return {
    operation: 'place',
    clientKey: order.salt.toString(),
    market: listing.token(order.tokenId)?.market.market,
    side: order.side === 'BUY' ? 'buy' : 'sell',
    isPostOnly: postOnly ?? false,
  };
}

function canceled(exchange: SimulatedExchange, request: FastifyRequest) {
  const read = z.object({ orderID: z.string() }).safeParse(parsed(textOf(request)));
  const order = read.success ? exchange.order(read.data.orderID) : undefined;
  return order && { clientKey: order.clientKey, market: order.market, side: order.side };
}
