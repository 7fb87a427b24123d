import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Market } from '../../../domain/instrument.js';
import { formatAmount } from '../../../domain/money.js';
import { tokenOf } from '../prepare-order.js';
import { addDataRoutes } from './data-routes.js';
import { type ListedToken, tickOf } from './listing.js';
import type { VenueFront } from './venue-front.js';

const NO_BOOK = { error: 'No orderbook exists for the requested token id' };

/** Everything that anybody may ask: time, markets, books, and the data API's view of a wallet. */
export function addPublicRoutes(app: FastifyInstance, front: VenueFront): void {
  const { exchange, listing } = front;
  const ofToken = (
    query: unknown,
    reply: FastifyReply,
    answer: (token: ListedToken) => unknown,
  ) => {
    const read = z.object({ token_id: z.string() }).safeParse(query);
    if (!read.success) return reply.code(400).send({ error: 'Invalid token id' });
    const token = listing.token(read.data.token_id);
    return token ? answer(token) : reply.code(404).send(NO_BOOK);
  };
  app.get('/ok', () => JSON.stringify('OK'));
  app.get('/time', (_request, reply) =>
    reply.type('application/json').send(Math.floor(exchange.now() / 1000).toString()),
  );
  app.get('/version', () => ({ version: 2 }));
  app.get('/book', ({ query }, reply) => ofToken(query, reply, (token) => listing.book(token)));
  app.get('/tick-size', ({ query }, reply) =>
    ofToken(query, reply, ({ market }) => ({ minimum_tick_size: numberOf(tickOf(market)) })),
  );
  app.get('/neg-risk', ({ query }, reply) =>
    ofToken(query, reply, ({ market }) => ({ neg_risk: market.tokens?.isNegRisk ?? false })),
  );
  app.get('/markets-by-token/:token', (request, reply) => {
    const { token } = z.object({ token: z.string() }).parse(request.params);
    const listed = listing.token(token);
    if (!listed) return reply.code(404).send({ error: 'market not found' });
    const [primary, secondary] = listing.tokensOf(listed.market).map((named) => named.token);
    return {
      condition_id: listed.market.market,
      primary_token_id: primary,
      secondary_token_id: secondary,
    };
  });
  app.get('/clob-markets/:condition', (request, reply) => {
    const { condition } = z.object({ condition: z.string() }).parse(request.params);
    const listed = listing.market(condition);
    if (!listed) return reply.code(404).send({ error: 'market not found' });
    return clobMarket(listed.market, listed.state === 'open');
  });
  addDataRoutes(app, front);
}

/** `GET /clob-markets/{condition}` with the fields that venues.md 2.6 names. */
function clobMarket(market: Market, isOpen: boolean) {
  const fees = market.fees.kind === 'polymarket_taker' ? market.fees : undefined;
  return {
    c: market.market,
    t: [
      { t: tokenOf(market, { outcome: 'yes' }), o: 'Yes' },
      { t: tokenOf(market, { outcome: 'no' }), o: 'No' },
    ],
    mts: numberOf(tickOf(market)),
    mos: numberOf(market.minimumQuantity),
    nr: market.tokens?.isNegRisk ?? false,
    ao: isOpen,
    itode: market.isTakerDelayed,
    sd: 0,
    ...(fees ? { fd: { r: numberOf(fees.rate), e: fees.powerOfVariance, to: true } } : {}),
    r: null,
  };
}

/** The venue writes these as JSON numbers; a decimal of at most nine places keeps its digits. */
const numberOf = (amount: bigint): number => Number(formatAmount(amount));
