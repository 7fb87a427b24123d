import ccxt from 'ccxt';
import { describe, expect } from 'vitest';
import type { KalshiCredentials } from '../../venues/kalshi/index.js';
import { driveWith, noted } from './driven.js';
import { desk, openKalshi, RAIN, SUN, UNTIL_SETTLED_MS } from './kalshi-venue.js';

export type CcxtKalshi = InstanceType<typeof ccxt.prediction.kalshi>;

/** The published client, unmodified, with the simulated venue's address. */
export function ccxtKalshi(
  url: string,
  { keyId, privateKeyPem }: KalshiCredentials = desk,
): CcxtKalshi {
  const client = new ccxt.prediction.kalshi({
    ...{ apiKey: keyId, privateKey: privateKeyPem, enableRateLimit: false },
    urls: { api: { kalshi: url, elections: url } },
  });
  return noted(client);
}

/** The client types an id as one that may be missing; an order that was placed has one. */
export async function idOf(placed: Promise<{ readonly id?: string | undefined }>): Promise<string> {
  const { id } = await placed;
  if (id === undefined) throw new Error('the client told no id of the order');
  return id;
}

const drives = driveWith('ccxt kalshi', openKalshi);

export function ccxtKalshiStories(): void {
  describe('ccxt kalshi', () => {
    placing();
    reading();
    theAccount();
    theMarket();
  });
}

function placing(): void {
  drives('place fill_or_kill', async (at) => {
    const client = ccxtKalshi(at.url);
    const terms = { timeInForce: 'FOK' };
    const whole = await client.createOrder(RAIN, 'limit', 'buy', 6, 0.52, terms);
    expect(whole).toMatchObject({ status: 'closed', filled: 6, remaining: 0, side: 'buy' });
    const tooMuch = client.createOrder(RAIN, 'limit', 'buy', 80, 0.52, terms);
    await expect(tooMuch).rejects.toThrow();
    expect(at.exchange.positions('desk')).toMatchObject([{ outcome: 'yes' }]);
  });

  drives('place immediate_or_cancel', async (at) => {
    const client = ccxtKalshi(at.url);
    const order = await client.createOrder(RAIN, 'market', 'buy', 10, 0.51);
    expect(order).toMatchObject({ filled: 6, remaining: 0 });
    const no = await client.createOrder(`${SUN}-NO`, 'market', 'buy', 5, 0.52);
    expect(no).toMatchObject({ filled: 5 });
    expect(at.exchange.positions('desk')).toMatchObject([{ outcome: 'yes' }, { outcome: 'no' }]);
  });

  drives('place good_till_canceled', async (at) => {
    const order = await ccxtKalshi(at.url).createOrder(RAIN, 'limit', 'buy', 5, 0.41);
    expect(order).toMatchObject({ status: 'open', filled: 0, remaining: 5, price: 0.41 });
  });

  drives('cancel', async (at) => {
    const client = ccxtKalshi(at.url);
    const id = await idOf(client.createOrder(RAIN, 'limit', 'buy', 5, 0.41));
    expect(await client.cancelOrder(id)).toMatchObject({ id, status: 'canceled' });
    await expect(client.cancelOrder(id)).rejects.toThrow(/not_found/);
  });

  drives('cancel all', async (at) => {
    const client = ccxtKalshi(at.url);
    await client.createOrder(RAIN, 'limit', 'buy', 5, 0.41);
    await client.createOrder(SUN, 'limit', 'buy', 5, 0.41);
    expect(await client.cancelAllOrders()).toHaveLength(2);
    expect(at.exchange.orders({ account: 'desk', state: 'working' })).toEqual([]);
  });

  drives('replace an order', async (at) => {
    const client = ccxtKalshi(at.url);
    const id = await idOf(client.createOrder(RAIN, 'limit', 'buy', 5, 0.41));
    const replaced = await client.editOrder(id, RAIN, 'limit', 'buy', 4, 0.42);
    expect(replaced).toMatchObject({ status: 'open', remaining: 4 });
    expect(at.exchange.order(id)?.state).toBe('canceled');
  });
}

function reading(): void {
  drives('read and list orders', async (at) => {
    const client = ccxtKalshi(at.url);
    const resting = await idOf(client.createOrder(RAIN, 'limit', 'buy', 5, 0.41));
    const filled = await idOf(client.createOrder(RAIN, 'market', 'buy', 6, 0.52));
    expect(await client.fetchOrder(resting)).toMatchObject({
      ...{ id: resting, status: 'open', price: 0.41, amount: 5, remaining: 5 },
    });
    const idsOf = (orders: readonly { readonly id?: unknown }[]) => orders.map(({ id }) => id);
    expect(idsOf(await client.fetchOpenOrders())).toEqual([resting]);
    expect(idsOf(await client.fetchClosedOrders(RAIN))).toEqual([filled]);
    expect(new Set(idsOf(await client.fetchOrders()))).toEqual(new Set([resting, filled]));
  });

  drives('fills', async (at) => {
    const client = ccxtKalshi(at.url);
    const id = await idOf(client.createOrder(RAIN, 'market', 'buy', 10, 0.52));
    const trades = await client.fetchMyTrades(RAIN);
    expect(trades.map(({ order, amount, price }) => ({ order, amount, price }))).toEqual(
      expect.arrayContaining([
        { order: id, amount: 6, price: 0.5 },
        { order: id, amount: 4, price: 0.52 },
      ]),
    );
  });
}

function theAccount(): void {
  drives('balance', async (at) => {
    const balance = await ccxtKalshi(at.url).fetchBalance();
    expect(balance).toMatchObject({ USD: { free: 1000, total: 1000 } });
  });

  drives('positions', async (at) => {
    const client = ccxtKalshi(at.url);
    await client.createOrder(RAIN, 'market', 'buy', 6, 0.52);
    await client.createOrder(`${SUN}-NO`, 'market', 'buy', 5, 0.52);
    const positions = await client.fetchPositions();
    // The client's own `contracts` are of a field that the venue has dropped: an exception.
    expect(positions.map(({ info }): unknown => info)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ ticker: RAIN, position_fp: '6.00' }),
        expect.objectContaining({ ticker: SUN, position_fp: '-5.00' }),
      ]),
    );
    expect(await client.fetchPositions([SUN])).toHaveLength(1);
  });

  drives('settlements', async (at) => {
    const client = ccxtKalshi(at.url);
    await client.createOrder(RAIN, 'market', 'buy', 6, 0.52);
    at.later(UNTIL_SETTLED_MS);
    const settlements = await client.fetchSettlements();
    expect(settlements).toHaveLength(1);
    expect(tickerOf(settlements[0]?.info)).toBe(RAIN);
  });
}

function tickerOf(info: unknown): unknown {
  return typeof info === 'object' && info !== null && 'ticker' in info ? info.ticker : undefined;
}

function theMarket(): void {
  drives('markets', async (at) => {
    const markets = await ccxtKalshi(at.url).fetchMarkets();
    expect(markets.map((market) => market?.id).sort()).toEqual([RAIN, SUN]);
  });

  drives('books', async (at) => {
    const client = ccxtKalshi(at.url);
    const yes = await client.fetchOrderBook(RAIN);
    expect([yes.bids[0], yes.asks[0]]).toEqual([
      [0.48, 50],
      [0.5, 6],
    ]);
    const no = await client.fetchOrderBook(`${RAIN}-NO`);
    expect([no.bids[0], no.asks[0]]).toEqual([
      [0.5, 6],
      [0.52, 50],
    ]);
  });

  drives('exchange status', async (at) => {
    expect(await ccxtKalshi(at.url).fetchStatus()).toMatchObject({ status: 'ok' });
  });
}
