import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { formatAmount } from '../../../domain/money.js';
import { ruleTextOf, type SimulatedMarket } from '../../simulation/index.js';
import { tickOf } from './listing.js';
import { pageOf } from './pages.js';
import type { VenueFront } from './venue-front.js';

/**
 * The catalogs: the CLOB's listing (`/markets`), and Gamma's, which has a host of its own at the
 * venue and a prefix here (`/gamma/markets`). Gamma names outcomes and tokens as JSON in strings.
 */
export function addCatalogRoutes(app: FastifyInstance, front: VenueFront): void {
  const { exchange, listing } = front;
  app.get('/markets', ({ query }) => {
    const { next_cursor } = z.object({ next_cursor: z.string().optional() }).parse(query);
    return pageOf(
      exchange.markets().map((market) => clobRow(front, market)),
      next_cursor,
    );
  });
  app.get('/markets/:condition', (request, reply) => {
    const { condition } = z.object({ condition: z.string() }).parse(request.params);
    const listed = listing.market(condition);
    return listed ? clobRow(front, listed) : reply.code(404).send({ error: 'market not found' });
  });
  const gammaQuery = z.object({
    clob_token_ids: z.union([z.string(), z.array(z.string())]).optional(),
    limit: z.coerce.number().int().positive().default(100),
  });
  app.get('/gamma/markets', ({ query }) => {
    const { clob_token_ids, limit } = gammaQuery.parse(query);
    const wanted = clob_token_ids === undefined ? undefined : [clob_token_ids].flat();
    const isWanted = (market: SimulatedMarket) =>
      wanted === undefined ||
      listing.tokensOf(market.market).some(({ token }) => wanted.includes(token));
    const shown = exchange.markets().filter(isWanted).slice(0, limit);
    return shown.map((market) => gammaRow(front, market));
  });
}

function clobRow({ exchange, listing }: VenueFront, { market, state, winner }: SimulatedMarket) {
  return {
    description: exchange.conditions.ruleTexts.get(market.market) ?? ruleTextOf(market),
    condition_id: market.market,
    question: market.title,
    active: true,
    closed: state !== 'open',
    accepting_orders: state === 'open',
    enable_order_book: true,
    end_date_iso: new Date(market.closesAtMs).toISOString(),
    minimum_order_size: Number(formatAmount(market.minimumQuantity)),
    minimum_tick_size: Number(formatAmount(tickOf(market))),
    neg_risk: market.tokens?.isNegRisk ?? false,
    tokens: listing.tokensOf(market).map(({ token, outcome }) => ({
      token_id: token,
      outcome: outcome === 'yes' ? 'Yes' : 'No',
      winner: outcome === winner,
    })),
  };
}

function gammaRow({ listing }: VenueFront, { market, state }: SimulatedMarket) {
  const tokens = listing.tokensOf(market).map(({ token }) => token);
  // Markets of Protocol V2 (domain "3") name position ids, older ones CLOB token ids.
  const isV3 = market.tokens?.domainVersion === '3';
  return {
    id: market.market,
    conditionId: market.market,
    question: market.title,
    slug: market.title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-'),
    active: true,
    closed: state !== 'open',
    acceptingOrders: state === 'open',
    endDate: new Date(market.closesAtMs).toISOString(),
    orderMinSize: Number(formatAmount(market.minimumQuantity)),
    orderPriceMinTickSize: Number(formatAmount(tickOf(market))),
    negRisk: market.tokens?.isNegRisk ?? false,
    outcomes: JSON.stringify(['Yes', 'No']),
    outcomePrices: JSON.stringify(['0.5', '0.5']),
    version: isV3 ? 'v2' : 'v1',
    clobTokenIds: JSON.stringify(tokens),
    ...(isV3 && { positionIds: JSON.stringify(tokens) }),
  };
}
