import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { shownUntilMs } from '../../simulation/index.js';
import type { ExchangeContracts } from '../contracts.js';
import type { SimulatedAccount } from './desk-accounts.js';
import { pageOf } from './pages.js';
import { orderRow, tradeRow } from './rows.js';
import { signedRoute, type VenueFront } from './venue-front.js';

/** What an account may read of itself: orders, trades, balances. */
export function addReadRoutes(app: FastifyInstance, front: VenueFront): void {
  const signed = signedRoute(front);
  app.get(
    '/data/order/:id',
    signed(({ account }, { params }, reply) => {
      const { id } = z.object({ id: z.string() }).parse(params);
      const order = front.exchange.order(id);
      // The venue says null for an order that it does not know.
      const about = order && { market: order.market, side: order.side, clientKey: order.clientKey };
      const untilMs = shownUntilMs(front.exchange, { operation: 'read_orders', account, ...about });
      const isShown = order?.account === account && order.createdAtMs <= untilMs;
      const row = isShown ? orderRow(order, front) : null;
      return reply.type('application/json').send(JSON.stringify(row));
    }),
  );
  app.get(
    '/data/orders',
    signed(({ account }, { query }) => openOrders(front, account, query)),
  );
  app.get(
    '/data/trades',
    signed((who, { query }, reply) => {
      const page = trades(front, who, query);
      return page ?? reply.code(400).send({ error: 'Invalid trade params payload' });
    }),
  );
  // Our balances are never cached, so there is nothing to update.
  app.get(
    '/balance-allowance/update',
    signed(() => ''),
  );
  app.get(
    '/balance-allowance',
    signed(({ account }, { query }, reply) => {
      const balance = balanceOf(front, account, query);
      if (balance === undefined) return reply.code(400).send({ error: 'Invalid asset type' });
      return {
        balance: (balance / MICRO).toString(),
        allowances: allowances(front.contracts),
      };
    }),
  );
}

/** One unit of the contracts' amounts, in our counts. */
const MICRO = 1_000n;

const pageQuery = { next_cursor: z.string().optional() };

function openOrders(front: VenueFront, account: string, query: unknown) {
  const shape = z.object({
    ...pageQuery,
    id: z.string().optional(),
    market: z.string().optional(),
    asset_id: z.string().optional(),
  });
  const { id, market, asset_id, next_cursor } = shape.parse(query);
  const read = { operation: 'read_orders', account, state: 'working' } as const;
  const untilMs = shownUntilMs(front.exchange, read) + 1;
  const rows = front.exchange
    .orders({ account, state: 'working', untilMs })
    .map((order) => orderRow(order, front))
    .filter((row) => (id ?? row.id) === row.id && (market ?? row.market) === row.market)
    .filter((row) => (asset_id ?? row.asset_id) === row.asset_id);
  return pageOf(rows, next_cursor);
}

const seconds = z
  .string()
  .regex(/^\d{1,12}$/)
  .transform((text) => Number(text) * 1000)
  .optional();

/** Newest first, so that a row that comes while pages are read moves others on, never away. */
function trades(front: VenueFront, { account, credentials }: SimulatedAccount, query: unknown) {
  const shape = z.object({
    ...pageQuery,
    id: z.string().optional(),
    market: z.string().optional(),
    asset_id: z.string().optional(),
    maker_address: z.string().optional(),
    after: seconds,
    before: seconds,
  });
  const read = shape.safeParse(query);
  if (!read.success) return undefined;
  const { id, market, asset_id, maker_address, after, before, next_cursor } = read.data;
  const isUs =
    (maker_address ?? credentials.address).toLowerCase() === credentials.address.toLowerCase();
  const untilMs = shownUntilMs(front.exchange, { operation: 'read_fills', account }) + 1;
  const rows = front.exchange
    .trades({
      account,
      ...(market === undefined ? {} : { market }),
      ...(after === undefined ? {} : { sinceMs: after }),
      untilMs: Math.min(before ?? untilMs, untilMs),
    })
    .flatMap((trade) => tradeRow(trade, account, front) ?? [])
    .filter(
      (row) => isUs && (id ?? row.id) === row.id && (asset_id ?? row.asset_id) === row.asset_id,
    );
  return pageOf(rows.reverse(), next_cursor);
}

/** Cash that is free, or the shares of a token that are on chain and not promised; our counts. */
function balanceOf(front: VenueFront, account: string, query: unknown): bigint | undefined {
  const shape = z.object({ asset_type: z.string(), token_id: z.string().optional() });
  const read = shape.safeParse(query);
  if (!read.success) return undefined;
  const { asset_type, token_id } = read.data;
  if (asset_type === 'COLLATERAL') return front.exchange.balance(account).available;
  const token = front.listing.token(token_id ?? '');
  // Protocol V2's positions are held by another contract, so they are asked for by another name.
  const isV3 = token?.market.tokens?.domainVersion === '3';
  if (asset_type !== (isV3 ? 'CONDITIONAL-V2' : 'CONDITIONAL') || !token) return undefined;
  const held = front.exchange
    .positions(account)
    .find(
      (position) => position.market === token.market.market && position.outcome === token.outcome,
    );
  return held ? held.quantity - held.lockedQuantity : 0n;
}

const UNLIMITED = (2n ** 256n - 1n).toString();
const allowances = ({ standardV2, negRiskV2, v3 }: ExchangeContracts) => ({
  [standardV2]: UNLIMITED,
  [negRiskV2]: UNLIMITED,
  [v3]: UNLIMITED,
});
