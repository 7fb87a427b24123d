import axios, { isAxiosError } from 'axios';
import {
  Configuration,
  type CreateOrderV2Request,
  ExchangeApi,
  HistoricalApi,
  MarketApi,
  OrderGroupsApi,
  OrdersApi,
  PortfolioApi,
  CreateOrderV2RequestTimeInForceEnum as Tif,
} from 'kalshi-typescript';
import { describe, expect } from 'vitest';
import type { KalshiCredentials } from '../../venues/kalshi/index.js';
import { driveWith, noted } from './driven.js';
import {
  ARCHIVED_AFTER_MS,
  desk,
  type KalshiAt,
  openKalshi,
  RAIN,
  rival,
  SUN,
  UNTIL_SETTLED_MS,
} from './kalshi-venue.js';

export type Wire = NonNullable<ConstructorParameters<typeof OrdersApi>[2]>;

/** The published client, unmodified, of one account: an axios instance is signed for by one key. */
export function kalshiClient(
  basePath: string,
  { keyId, privateKeyPem }: KalshiCredentials = desk,
  wire = axios.create({ proxy: false }) as unknown as Wire, // typed twice: to import, to require
) {
  const configuration = new Configuration({ apiKey: keyId, privateKeyPem, basePath });
  const api = <Api extends object>(
    Kind: new (configuration: Configuration, basePath: undefined, wire: Wire) => Api,
  ): Api => noted(new Kind(configuration, undefined, wire));
  return {
    orders: api(OrdersApi),
    portfolio: api(PortfolioApi),
    markets: api(MarketApi),
    exchange: api(ExchangeApi),
    historical: api(HistoricalApi),
    groups: api(OrderGroupsApi),
  };
}

/** "bid 10 @ 0.52", immediate or cancel unless told. */
export function said(
  text: string,
  changes: Partial<CreateOrderV2Request> = {},
): CreateOrderV2Request {
  const [side, count = '', , at = ''] = text.split(' ');
  return {
    ticker: RAIN,
    client_order_id: text.replaceAll(/[^a-z0-9]/g, '-'),
    side: side === 'ask' ? 'ask' : 'bid',
    count,
    price: at,
    time_in_force: Tif.ImmediateOrCancel,
    self_trade_prevention_type: 'taker_at_cross',
    ...changes,
  };
}

const gtc = { time_in_force: Tif.GoodTillCanceled } as const;

/** The status and the code of a refusal: "409 order_already_exists". */
export async function refusal(request: Promise<unknown>): Promise<string> {
  try {
    await request;
    return 'accepted';
  } catch (error) {
    if (!isAxiosError<{ error?: { code?: string } }>(error)) throw error;
    const { status, data } = error.response ?? {};
    return [status, data?.error?.code].filter((part) => part !== undefined).join(' ');
  }
}

async function place(at: KalshiAt, order: CreateOrderV2Request) {
  const { data } = await kalshiClient(at.url).orders.createOrderV2(order);
  return data;
}

const drives = driveWith('kalshi-typescript', openKalshi);

export function kalshiTypescriptStories(): void {
  describe('kalshi-typescript', () => {
    placing();
    reading();
    canceling();
    grouping();
    theAccount();
    theMarket();
  });
}

function placing(): void {
  drives('place fill_or_kill', async (at) => {
    const whole = said('bid 6 @ 0.50', { time_in_force: Tif.FillOrKill });
    expect(await place(at, whole)).toMatchObject({
      ...{ client_order_id: 'bid-6---0-50', fill_count: '6.00', remaining_count: '0.00' },
      average_fill_price: '0.5000',
    });
    const tooMuch = said('bid 60 @ 0.50', { time_in_force: Tif.FillOrKill });
    expect(await refusal(place(at, tooMuch))).toMatch(/^409 /);
  });

  drives('place immediate_or_cancel', async (at) => {
    const part = await place(at, said('bid 10 @ 0.50'));
    expect(part).toMatchObject({ fill_count: '6.00', remaining_count: '0.00' });
    expect(await place(at, said('bid 1 @ 0.40'))).toMatchObject({ fill_count: '0.00' });
  });

  drives('place good_till_canceled', async (at) => {
    const resting = await place(at, said('bid 10 @ 0.50', gtc));
    expect(resting).toMatchObject({ fill_count: '6.00', remaining_count: '4.00' });
  });

  drives('place good_till_canceled until a time', async (at) => {
    const expiration_time = Math.floor(Date.now() / 1000) + 60;
    const { order_id } = await place(at, said('bid 5 @ 0.40', { ...gtc, expiration_time }));
    at.later(61_000);
    const { data } = await kalshiClient(at.url).orders.getOrder(order_id);
    expect(data.order).toMatchObject({ status: 'canceled', remaining_count_fp: '0.00' });
    const ioc = said('bid 5 @ 0.41', { expiration_time: expiration_time + 120 });
    expect(await refusal(place(at, ioc))).toBe('400 invalid_order');
  });

  drives('place post_only', async (at) => {
    const resting = said('bid 5 @ 0.49', { ...gtc, post_only: true });
    expect(await place(at, resting)).toMatchObject({ remaining_count: '5.00' });
    const crossing = said('bid 5 @ 0.50', { ...gtc, post_only: true });
    expect(await refusal(place(at, crossing))).toBe('400 post_only_cross');
  });

  drives('place reduce_only', async (at) => {
    await place(at, said('bid 6 @ 0.50'));
    const exit = await place(at, said('ask 9 @ 0.48', { reduce_only: true }));
    expect(exit).toMatchObject({ fill_count: '6.00', remaining_count: '0.00' });
    const { data } = await kalshiClient(at.url).portfolio.getPositions();
    expect(data.market_positions).toEqual([]);
  });

  drives('place the same client_order_id twice', async (at) => {
    await place(at, said('bid 6 @ 0.50'));
    expect(await refusal(place(at, said('bid 6 @ 0.50')))).toBe('409 order_already_exists');
    expect(at.exchange.orders({ account: 'desk' })).toHaveLength(1);
  });

  drives('place a batch', async (at) => {
    const { data } = await kalshiClient(at.url).orders.batchCreateOrdersV2({
      orders: [said('bid 6 @ 0.50'), said('bid 5 @ 0.505', { client_order_id: 'off-grid' })],
    });
    expect(data.orders[0]).toMatchObject({ fill_count: '6.00' });
    expect(data.orders[1]?.error).toMatchObject({ code: 'invalid_order' });
  });
}

function reading(): void {
  drives('read an order', async (at) => {
    const { order_id } = await place(at, said('bid 10 @ 0.50', gtc));
    const { data } = await kalshiClient(at.url).orders.getOrder(order_id);
    expect(data.order).toMatchObject({
      ...{ order_id, client_order_id: 'bid-10---0-50', ticker: RAIN, status: 'resting' },
      ...{ yes_price_dollars: '0.5000', initial_count_fp: '10.00', remaining_count_fp: '4.00' },
    });
    const unknown = kalshiClient(at.url).orders.getOrder('00000000-0000-0000-0000-000000000000');
    expect(await refusal(unknown)).toBe('404 not_found');
  });

  drives('list orders, page by page', async (at) => {
    for (const count of ['1', '2', '3']) await place(at, said(`bid ${count} @ 0.40`, gtc));
    await place(at, said('bid 6 @ 0.50'));
    const { orders } = kalshiClient(at.url);
    const seen: (string | undefined)[] = [];
    let cursor: string | undefined;
    do {
      const page = await orders.getOrders(
        RAIN,
        undefined,
        undefined,
        undefined,
        'resting',
        2,
        cursor,
      );
      seen.push(...page.data.orders.map((order) => order.client_order_id));
      cursor = page.data.cursor;
    } while (cursor);
    expect(seen).toEqual(['bid-3---0-40', 'bid-2---0-40', 'bid-1---0-40']);
  });
}

function canceling(): void {
  drives('cancel', async (at) => {
    const { order_id } = await place(at, said('bid 5 @ 0.40', gtc));
    const { orders } = kalshiClient(at.url);
    const canceled = await orders.cancelOrderV2(order_id);
    expect(canceled.data).toMatchObject({ order_id, reduced_by: '5.00' });
    expect(await refusal(orders.cancelOrderV2(order_id))).toBe('404 not_found');
  });

  drives('cancel a batch', async (at) => {
    const one = await place(at, said('bid 5 @ 0.40', gtc));
    const other = await place(at, said('bid 6 @ 0.40', gtc));
    const { data } = await kalshiClient(at.url).orders.batchCancelOrdersV2({
      orders: [{ order_id: one.order_id }, { order_id: 'nobody' }],
    });
    expect(data.orders[0]).toMatchObject({ order_id: one.order_id, reduced_by: '5.00' });
    expect(data.orders[1]?.error).toMatchObject({ code: 'not_found' });
    expect(at.exchange.order(other.order_id)?.state).toBe('working');
  });

  drives('cancel all', async (at) => {
    await place(at, said('bid 5 @ 0.40', gtc));
    await place(at, said('ask 5 @ 0.60', { ...gtc, ticker: SUN }));
    const { status } = await kalshiClient(at.url).orders.cancelAllOrders();
    expect(status).toBeLessThan(300);
    expect(at.exchange.orders({ account: 'desk', state: 'working' })).toEqual([]);
  });
}

function grouping(): void {
  const groupAt = async (at: KalshiAt, contracts_limit: number) => {
    const { groups } = kalshiClient(at.url);
    return (await groups.createOrderGroup({ contracts_limit })).data.order_group_id;
  };

  drives('create an order group and place into it', async (at) => {
    const order_group_id = await groupAt(at, 5);
    await place(at, said('bid 5 @ 0.40', { ...gtc, order_group_id }));
    await place(at, said('bid 4 @ 0.50', { order_group_id }));
    // Six within the window are more than five: what rests ends, and nothing more is taken.
    await place(at, said('bid 2 @ 0.50', { order_group_id }));
    expect(at.exchange.orders({ account: 'desk', state: 'working' })).toEqual([]);
    const late = place(at, said('bid 1 @ 0.52', { order_group_id }));
    expect(await refusal(late)).toBe('400 exceeded_order_group_risk_limit');
    const nowhere = place(at, said('bid 1 @ 0.51', { order_group_id: 'nobody' }));
    expect(await refusal(nowhere)).toBe('404 order_group_not_found');
    expect(await place(at, said('bid 3 @ 0.52'))).toMatchObject({ fill_count: '3.00' });
  });

  drives('read and list order groups', async (at) => {
    const groupId = await groupAt(at, 100);
    const { order_id } = await place(at, said('bid 5 @ 0.40', { order_group_id: groupId }));
    const { groups } = kalshiClient(at.url);
    const one = await groups.getOrderGroup(groupId);
    expect(one.data).toMatchObject({ contracts_limit_fp: '100.00', orders: [order_id] });
    const row = { id: groupId, contracts_limit_fp: '100.00', is_auto_cancel_enabled: true };
    expect((await groups.getOrderGroups()).data.order_groups).toMatchObject([row]);
    const others = kalshiClient(at.url, rival);
    expect((await others.groups.getOrderGroups()).data.order_groups).toEqual([]);
    expect(await refusal(others.groups.getOrderGroup(groupId))).toBe('404 order_group_not_found');
  });

  drives('trigger an order group and reset it', async (at) => {
    const order_group_id = await groupAt(at, 100);
    const { groups } = kalshiClient(at.url);
    await place(at, said('bid 5 @ 0.40', { ...gtc, order_group_id }));
    const outside = await place(at, said('bid 5 @ 0.41', gtc));
    await groups.triggerOrderGroup(order_group_id);
    const working = at.exchange.orders({ account: 'desk', state: 'working' });
    expect(working.map(({ venueOrderId }) => venueOrderId)).toEqual([outside.order_id]);
    const barred = place(at, said('bid 1 @ 0.50', { order_group_id }));
    expect(await refusal(barred)).toBe('400 exceeded_order_group_risk_limit');
    await groups.resetOrderGroup(order_group_id);
    const again = said('bid 2 @ 0.50', { order_group_id });
    expect(await place(at, again)).toMatchObject({ fill_count: '2.00' });
  });

  drives('change the limit of an order group', async (at) => {
    const order_group_id = await groupAt(at, 100);
    await place(at, said('bid 5 @ 0.50', { order_group_id }));
    await place(at, said('bid 5 @ 0.40', { ...gtc, order_group_id }));
    const { groups } = kalshiClient(at.url);
    await groups.updateOrderGroupLimit(order_group_id, { contracts_limit: 5 });
    expect(at.exchange.orders({ account: 'desk', state: 'working' })).toHaveLength(1);
    await groups.updateOrderGroupLimit(order_group_id, { contracts_limit_fp: '4.00' });
    expect(at.exchange.orders({ account: 'desk', state: 'working' })).toEqual([]);
  });

  drives('delete an order group', async (at) => {
    const order_group_id = await groupAt(at, 100);
    await place(at, said('bid 5 @ 0.40', { ...gtc, order_group_id }));
    const { groups } = kalshiClient(at.url);
    await groups.deleteOrderGroup(order_group_id);
    expect(at.exchange.orders({ account: 'desk', state: 'working' })).toEqual([]);
    expect(await refusal(groups.resetOrderGroup(order_group_id))).toBe('404 order_group_not_found');
  });
}

function theAccount(): void {
  drives('balance', async (at) => {
    await place(at, said('bid 6 @ 0.50', { time_in_force: Tif.FillOrKill }));
    const { data } = await kalshiClient(at.url).portfolio.getBalance();
    const { available } = at.exchange.balance('desk');
    expect(data.balance).toBe(Math.floor(Number(available) / 1e7));
    expect(data.balance).toBeLessThan(99_700);
  });

  drives('positions', async (at) => {
    await place(at, said('bid 6 @ 0.50'));
    await place(at, said('ask 5 @ 0.48', { ticker: SUN, client_order_id: 'no' }));
    const { portfolio } = kalshiClient(at.url);
    const rows = (await portfolio.getPositions()).data.market_positions;
    const held = rows.map(({ ticker, position_fp }) => `${ticker} ${position_fp}`);
    expect(held.sort()).toEqual([`${RAIN} 6.00`, `${SUN} -5.00`]);
    const one = await portfolio.getPositions(undefined, undefined, undefined, SUN);
    expect(one.data.market_positions).toHaveLength(1);
  });

  drives('fills, page by page', async (at) => {
    const { order_id } = await place(at, said('bid 10 @ 0.52'));
    const { portfolio } = kalshiClient(at.url);
    const first = await portfolio.getFills(RAIN, order_id, undefined, undefined, 1);
    const { cursor } = first.data;
    const second = await portfolio.getFills(RAIN, order_id, undefined, undefined, 1, cursor);
    const rows = [...first.data.fills, ...second.data.fills];
    expect(rows.map((row) => `${row.count_fp} @ ${row.yes_price_dollars}`)).toEqual([
      '4.00 @ 0.5200',
      '6.00 @ 0.5000',
    ]);
    expect(second.data.cursor).toBe('');
    expect(rows[0]).toMatchObject({ order_id, is_taker: true });
    expect(Number(rows[0]?.fee_cost)).toBeGreaterThan(0);
  });

  drives('settlements', async (at) => {
    await place(at, said('bid 6 @ 0.50'));
    at.later(UNTIL_SETTLED_MS);
    const { data } = await kalshiClient(at.url).portfolio.getSettlements();
    expect(data.settlements).toMatchObject([
      { ticker: RAIN, market_result: 'yes', yes_count_fp: '6.00', revenue: 600, value: 100 },
    ]);
  });

  drives('historical orders and fills', async (at) => {
    const { order_id } = await place(at, said('bid 6 @ 0.50'));
    const { historical, portfolio, orders } = kalshiClient(at.url);
    expect((await historical.getFillsHistorical()).data.fills).toEqual([]);
    at.later(ARCHIVED_AFTER_MS + 60_000);

    const { data } = await historical.getHistoricalCutoff();
    expect(Date.parse(data.trades_created_ts)).toBeGreaterThan(Date.now());
    expect((await historical.getHistoricalOrders()).data.orders).toMatchObject([
      { order_id, status: 'executed' },
    ]);
    expect((await historical.getFillsHistorical()).data.fills).toMatchObject([
      { order_id, count_fp: '6.00', yes_price_dollars: '0.5000' },
    ]);
    expect((await portfolio.getFills()).data.fills).toEqual([]);
    expect((await orders.getOrders()).data.orders).toEqual([]);
  });
}

function theMarket(): void {
  drives('markets', async (at) => {
    const { markets } = kalshiClient(at.url);
    const first = await markets.getMarkets(1);
    const second = await markets.getMarkets(1, first.data.cursor);
    const rows = [...first.data.markets, ...second.data.markets];
    expect(rows.map(({ ticker }) => ticker).sort()).toEqual([RAIN, SUN]);
    const { data } = await markets.getMarket(RAIN);
    expect(data.market).toMatchObject({ ticker: RAIN, status: 'active' });
  });

  drives('books', async (at) => {
    const { markets } = kalshiClient(at.url);
    const { data } = await markets.getMarketOrderbook(RAIN);
    const bids = ['0.4700', '0.4800'].map((bid) => [bid, '50.00']);
    expect(data.orderbook_fp.yes_dollars).toEqual(bids);
    expect(data.orderbook_fp.no_dollars.at(-1)).toEqual(['0.5000', '6.00']);
    const several = await markets.getMarketOrderbooks([RAIN, SUN]);
    expect(several.data.orderbooks.map(({ ticker }) => ticker)).toEqual([RAIN, SUN]);
  });

  drives('exchange status', async (at) => {
    const { exchange } = kalshiClient(at.url);
    const status = await exchange.getExchangeStatus();
    expect(status.data).toMatchObject({ exchange_active: true, trading_active: true });
    const { data } = await exchange.getUserDataTimestamp();
    expect(Math.abs(Date.parse(data.as_of_time) - Date.now())).toBeLessThan(60_000);
  });

  drives('announced pauses', async (at) => {
    const { exchange } = kalshiClient(at.url);
    const fromMs = Date.now() + 3_600_000;
    const untilMs = fromMs + 3_600_000;
    at.exchange.conditions.maintenance = [{ fromMs, untilMs }];
    const { data } = await exchange.getExchangeSchedule();
    expect(data.schedule.maintenance_windows).toEqual([
      {
        start_datetime: new Date(fromMs).toISOString(),
        end_datetime: new Date(untilMs).toISOString(),
      },
    ]);
  });
}
