import {
  type ApiKeyCreds,
  AssetType,
  Chain,
  ClobClient,
  OrderType,
  Side,
  type SignedOrder,
} from '@polymarket/clob-client-v2';
import axios from 'axios';
import { createWalletClient, custom } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { polygon } from 'viem/chains';
import { describe, expect } from 'vitest';
import type { PolymarketCredentials } from '../../venues/polymarket/index.js';
import { driveWith, noted } from './driven.js';
import {
  desk,
  type MarketName,
  markets,
  newcomer,
  openPolymarket,
  type PolymarketAt,
  yesOf,
} from './polymarket-venue.js';

axios.defaults.proxy = false; // the client calls axios itself; a proxy of the machine is none of ours

export interface ClobOptions {
  readonly credentials?: PolymarketCredentials;
  /** Without: the client has its wallet alone. */
  readonly hasKey?: boolean;
  readonly chain?: Chain;
  readonly useServerTime?: boolean;
}

/** The published client, unmodified; its wallet can sign and reaches no chain. */
export function clobClient(host: string, options: ClobOptions = {}): ClobClient {
  const { credentials = desk, hasKey = true, chain = Chain.POLYGON } = options;
  const { apiKey: key, secret, passphrase } = credentials;
  const creds: ApiKeyCreds = { key, secret, passphrase };
  return noted(
    new ClobClient({
      ...{ host, chain, signer: walletOf(credentials) },
      ...(hasKey && { creds }),
      useServerTime: options.useServerTime ?? false,
    }),
  );
}

export function walletOf({ privateKey }: Pick<PolymarketCredentials, 'privateKey'>) {
  const transport = custom({ request: () => Promise.reject(new Error('there is no chain here')) });
  return createWalletClient({
    account: privateKeyToAccount(privateKey),
    chain: polygon,
    transport,
  });
}

type UserOrder = Parameters<ClobClient['createOrder']>[0];
type Options = NonNullable<Parameters<ClobClient['createOrder']>[1]>;

/** "BUY 10 @ 0.52" of YES. */
export function said(text: string, market: MarketName = 'standard'): UserOrder {
  const [side, size = '', , price = ''] = text.split(' ');
  const tokenID = yesOf(market);
  return { tokenID, side: side === 'SELL' ? Side.SELL : Side.BUY, price: +price, size: +size };
}

export interface Posted {
  readonly success?: boolean;
  readonly status?: string | number;
  readonly orderID?: string;
  readonly error?: string;
}

/** Signs and posts; what comes back is the venue's answer, or its error as the client tells it. */
async function post(
  at: PolymarketAt,
  order: UserOrder,
  { type = OrderType.GTC, isPostOnly = false, version }: PostOptions = {},
): Promise<Posted> {
  const client = clobClient(at.url);
  const options: Options =
    version === undefined ? { tickSize: '0.01' } : { tickSize: '0.01', version };
  const signed = await client.createOrder(order, options);
  return client.postOrder(signed, type, isPostOnly);
}

interface PostOptions {
  readonly type?: OrderType;
  readonly isPostOnly?: boolean;
  readonly version?: 2 | 3;
}

const drives = driveWith('clob-client-v2', openPolymarket);

export function clobClientStories(): void {
  describe('clob-client-v2', () => {
    keys();
    placing();
    domains();
    reading();
    canceling();
    theAccount();
    theMarket();
  });
}

function keys(): void {
  const bare = { credentials: newcomer, hasKey: false };
  const { apiKey: key, secret, passphrase } = newcomer;

  drives('create an API key', async (at) => {
    const client = clobClient(at.url, bare);
    expect(await client.deriveApiKey()).toEqual({});
    expect(await client.createApiKey()).toEqual({ key, secret, passphrase });
    expect(await client.createApiKey()).toEqual({});
  });

  drives('derive an API key', async (at) => {
    const client = clobClient(at.url, { hasKey: false });
    const derived = await client.deriveApiKey();
    expect(derived.key).toBe(desk.apiKey);
    const { apiKey, ...rest } = { ...desk, apiKey: derived.key, ...derived };
    const reader = clobClient(at.url, { credentials: { ...rest, apiKey } });
    expect(await reader.getOpenOrders()).toEqual([]);
  });

  drives('create or derive an API key', async (at) => {
    const client = clobClient(at.url, bare);
    expect(await client.createOrDeriveApiKey()).toMatchObject({ key });
    expect(await client.createOrDeriveApiKey()).toMatchObject({ key });
  });

  drives('list, replace and delete API keys', async (at) => {
    const client = clobClient(at.url);
    expect(await client.getApiKeys()).toEqual({ apiKeys: [desk.apiKey] });
    const second = await client.createApiKey(1);
    expect(await client.getApiKeys()).toMatchObject({ status: 401 });
    const credentials = { ...desk, ...second, apiKey: second.key };
    const again = clobClient(at.url, { credentials });
    expect(await again.getApiKeys()).toEqual({ apiKeys: [second.key] });
    await again.deleteApiKey();
    expect(await again.getApiKeys()).toMatchObject({ status: 401 });
  });
}

function placing(): void {
  drives('place GTC', async (at) => {
    const partly = await post(at, said('BUY 10 @ 0.5'));
    expect(partly).toMatchObject({ success: true, status: 'matched', takingAmount: '6' });
    expect(await post(at, said('BUY 10 @ 0.4'))).toMatchObject({ status: 'live' });
  });

  drives('place GTD', async (at) => {
    const expiration = Math.floor(Date.now() / 1000) + 300;
    const soon = { ...said('BUY 10 @ 0.4'), expiration: expiration - 200 };
    const refused = await post(at, soon, { type: OrderType.GTD });
    expect(refused).toMatchObject({ error: 'invalid expiration', status: 400 });
    const order = { ...said('BUY 10 @ 0.4'), expiration };
    const { orderID = '' } = await post(at, order, { type: OrderType.GTD });
    const row = await clobClient(at.url).getOrder(orderID);
    expect(row).toMatchObject({ order_type: 'GTD', expiration: `${expiration}`, status: 'LIVE' });
    at.later(241_000); // a minute before its time
    expect(at.exchange.order(orderID)?.state).toBe('expired');
  });

  drives('place FOK', async (at) => {
    const type = OrderType.FOK;
    expect(await post(at, said('BUY 6 @ 0.5'), { type })).toMatchObject({ status: 'matched' });
    const { error } = await post(at, said('BUY 80 @ 0.5'), { type });
    expect(error).toMatch(/fully filled/);
  });

  drives('place FAK', async (at) => {
    const type = OrderType.FAK;
    const part = await post(at, said('BUY 10 @ 0.5'), { type });
    expect(part).toMatchObject({ success: true, status: 'matched', takingAmount: '6' });
    const { error } = await post(at, said('BUY 10 @ 0.4'), { type });
    expect(error).toMatch(/no orders found to match/);
  });

  drives('place post-only', async (at) => {
    const isPostOnly = true;
    expect(await post(at, said('BUY 10 @ 0.49'), { isPostOnly })).toMatchObject({ status: 'live' });
    const { error } = await post(at, said('BUY 10 @ 0.5'), { isPostOnly });
    expect(error).toMatch(/crosses book/);
  });

  drives('place a market order', async (at) => {
    const client = clobClient(at.url);
    const buy = { tokenID: yesOf('standard'), side: Side.BUY, amount: 5 };
    const bought = await client.createAndPostMarketOrder(buy, { tickSize: '0.01' }, OrderType.FAK);
    expect(bought).toMatchObject({ success: true, status: 'matched' });
    expect(Number(bought.makingAmount)).toBeCloseTo(5, 1); // shares come in hundredths
  });

  drives('place in one call', async (at) => {
    const client = clobClient(at.url);
    const order = await client.createAndPostOrder(said('BUY 10 @ 0.4'), { tickSize: '0.01' });
    expect(order).toMatchObject({ success: true, status: 'live' });
  });

  drives('place a batch', async (at) => {
    const client = clobClient(at.url);
    const good = await client.createOrder(said('BUY 6 @ 0.5'));
    const small = await client.createOrder(said('BUY 1 @ 0.5'));
    const type = OrderType.GTC;
    const orders = [good, small].map((order) => ({ order, orderType: type }));
    const answers = await client.postOrders(orders);
    expect(answers).toMatchObject([{ success: true, status: 'matched' }, { success: false }]);
    expect(answers[1]?.errorMsg).toMatch(/lower than the minimum: 5/);
  });

  drives('place the same bytes twice', async (at) => {
    const client = clobClient(at.url);
    const signed = await client.createOrder(said('BUY 10 @ 0.4'));
    const { orderID } = await client.postOrder(signed);
    const again: Posted = await client.postOrder(signed);
    expect(again.error).toBe(`order ${orderID} is invalid. Duplicated.`);
    expect(at.exchange.orders({ account: 'desk' })).toHaveLength(1);
  });

  drives('sell what is held', async (at) => {
    await post(at, said('BUY 6 @ 0.5'), { type: OrderType.FOK });
    at.later(40_000); // settled on chain by then
    const type = OrderType.FAK;
    expect(await post(at, said('SELL 6 @ 0.48'), { type })).toMatchObject({ status: 'matched' });
    const { error } = await post(at, said('SELL 6 @ 0.48'), { type });
    expect(error).toBe('not enough balance / allowance');
  });
}

function domains(): void {
  drives('place in a neg-risk market', async (at) => {
    expect(await post(at, said('BUY 6 @ 0.5', 'negRisk'))).toMatchObject({ status: 'matched' });
    const client = clobClient(at.url);
    const order = said('BUY 6 @ 0.5', 'negRisk');
    const wrong = await client.createOrder(order, { tickSize: '0.01', negRisk: false });
    expect(await client.postOrder(wrong)).toMatchObject({ error: 'invalid signature' });
  });

  drives('place in a market of Protocol V2', async (at) => {
    const order = said('BUY 6 @ 0.5', 'protocolV2');
    expect(await post(at, order, { version: 3 })).toMatchObject({ status: 'matched' });
    const old: Posted = await post(at, order, { version: 2 });
    expect(old).toMatchObject({ error: 'order_version_mismatch', status: 400 });
  });

  drives('place exact amounts in Protocol V2', async (at) => {
    const client = clobClient(at.url);
    const signed: SignedOrder = await client.createExchangeV3OrderFromAmounts({
      ...{ tokenID: yesOf('protocolV2'), side: Side.BUY },
      ...{ makerAmount: '3000000', takerAmount: '6000000' },
    });
    expect(await client.postOrder(signed)).toMatchObject({ status: 'matched', takingAmount: '6' });
  });
}

function reading(): void {
  drives('read an order', async (at) => {
    const { orderID = '' } = await post(at, said('BUY 10 @ 0.5'));
    const row = await clobClient(at.url).getOrder(orderID);
    expect(row).toMatchObject({
      ...{ id: orderID, status: 'LIVE', owner: desk.apiKey, maker_address: desk.address },
      ...{ original_size: '10', size_matched: '6', price: '0.5', side: 'BUY', outcome: 'Yes' },
      ...{ asset_id: yesOf('standard'), market: markets.standard.market, order_type: 'GTC' },
    });
    const unknown: unknown = await clobClient(at.url).getOrder(`0x${'00'.repeat(32)}`);
    expect(unknown).toBeNull();
  });

  drives('list open orders, page by page', async (at) => {
    const client = clobClient(at.url);
    const placed: string[] = [];
    for (let batch = 0; batch < 8; batch += 1) {
      const signed = Array.from({ length: 15 }, () => client.createOrder(said('BUY 5 @ 0.1')));
      const orders = await Promise.all(signed);
      const type = OrderType.GTC;
      const posted = orders.map((order) => ({ order, orderType: type }));
      placed.push(...(await client.postOrders(posted)).map(({ orderID }) => orderID));
    }
    const open = await client.getOpenOrders({ market: markets.standard.market });
    expect(open.map(({ id }) => id).sort()).toEqual(placed.sort());
    const firstPage = await client.getOpenOrders({}, true);
    expect(firstPage.length).toBeLessThan(placed.length);
  });

  drives('list trades, page by page', async (at) => {
    const type = OrderType.FOK;
    const orders = [
      await post(at, said('BUY 6 @ 0.5'), { type }),
      await post(at, said('BUY 10 @ 0.52'), { type }),
    ];
    const client = clobClient(at.url);
    const trades = await client.getTrades({ asset_id: yesOf('standard') });
    expect(trades.map((trade) => trade.taker_order_id).reverse()).toEqual(
      orders.map(({ orderID }) => orderID),
    );
    expect(trades.map(({ size, price }) => `${size} @ ${price}`)).toEqual(['10 @ 0.52', '6 @ 0.5']);
    for (const trade of trades) expect(trade).toMatchObject({ trader_side: 'TAKER', side: 'BUY' });
    const page = await client.getTradesPaginated({ market: markets.standard.market });
    expect(page).toMatchObject({ next_cursor: 'LTE=', count: 2 });
    expect(await client.getTrades({ market: markets.negRisk.market })).toEqual([]);
  });
}

interface Canceled {
  readonly canceled: readonly string[];
  readonly not_canceled: Readonly<Record<string, string>>;
}

function canceling(): void {
  const rest = async (at: PolymarketAt, market: MarketName = 'standard') => {
    const { orderID = '' } = await post(at, said('BUY 10 @ 0.4', market));
    return orderID;
  };

  drives('cancel', async (at) => {
    const orderID = await rest(at);
    const client = clobClient(at.url);
    const first = (await client.cancelOrder({ orderID })) as Canceled; // the client says any
    expect(first).toEqual({ canceled: [orderID], not_canceled: {} });
    const again = (await client.cancelOrder({ orderID })) as Canceled; // as above
    expect(again.not_canceled[orderID]).toMatch(/already canceled or matched/);
  });

  drives('cancel several', async (at) => {
    const [one, other, kept] = [await rest(at), await rest(at), await rest(at)];
    const canceled = (await clobClient(at.url).cancelOrders([one, other])) as Canceled; // as above
    expect(canceled.canceled).toEqual([one, other]);
    expect(at.exchange.order(kept)?.state).toBe('working');
  });

  drives('cancel all', async (at) => {
    await rest(at);
    await rest(at, 'negRisk');
    const { canceled } = (await clobClient(at.url).cancelAll()) as Canceled; // as above
    expect(canceled).toHaveLength(2);
    expect(at.exchange.orders({ account: 'desk', state: 'working' })).toEqual([]);
  });

  drives("cancel a market's orders", async (at) => {
    const [here, there] = [await rest(at), await rest(at, 'negRisk')];
    const { market } = markets.standard;
    const client = clobClient(at.url);
    const { canceled } = (await client.cancelMarketOrders({ market })) as Canceled; // as above
    expect(canceled).toEqual([here]);
    expect(at.exchange.order(there)?.state).toBe('working');
    const asset_id = yesOf('negRisk');
    const rest_ = (await client.cancelMarketOrders({ asset_id })) as Canceled; // as above
    expect(rest_.canceled).toEqual([there]);
  });
}

function theAccount(): void {
  drives('balance', async (at) => {
    const client = clobClient(at.url);
    const asset_type = AssetType.COLLATERAL;
    expect(await client.getBalanceAllowance({ asset_type })).toMatchObject({
      balance: '1000000000',
    });
    await post(at, said('BUY 10 @ 0.4'));
    await client.updateBalanceAllowance({ asset_type });
    const after = await client.getBalanceAllowance({ asset_type });
    expect(after.balance).toBe((at.exchange.balance('desk').available / 1_000n).toString());
    expect(Number(after.balance)).toBeLessThanOrEqual(996_000_000);
    expect(Object.keys(after.allowances)).toHaveLength(3);
  });

  drives('positions', async (at) => {
    await post(at, said('BUY 6 @ 0.5'), { type: OrderType.FOK });
    at.later(40_000);
    const asset_type = AssetType.CONDITIONAL;
    const token_id = yesOf('standard');
    const held = await clobClient(at.url).getBalanceAllowance({ asset_type, token_id });
    expect(held.balance).toBe('6000000');
  });

  drives('ban status', async (at) => {
    expect(await clobClient(at.url).getClosedOnlyMode()).toEqual({ closed_only: false });
  });
}

function theMarket(): void {
  const token_id = yesOf('standard');

  drives('books', async (at) => {
    const client = clobClient(at.url);
    const book = await client.getOrderBook(token_id);
    expect(book.bids.at(-1)).toEqual({ price: '0.48', size: '50' });
    expect(book.asks.at(-1)).toEqual({ price: '0.5', size: '6' });
    const told = book.hash;
    expect(await client.getOrderBookHash(book)).toBe(told);
    const side = Side.BUY;
    const several = [token_id, yesOf('negRisk')].map((token) => ({ token_id: token, side }));
    const books = await client.getOrderBooks(several);
    expect(books.map(({ asset_id }) => asset_id)).toEqual([token_id, yesOf('negRisk')]);
  });

  drives('prices', async (at) => {
    const client = clobClient(at.url);
    const side = Side.BUY;
    const both = [{ token_id, side }];
    const told: unknown[] = [
      await client.getMidpoint(token_id),
      await client.getPrice(token_id, 'BUY'),
      await client.getPrice(token_id, 'SELL'),
      await client.getSpread(token_id),
    ];
    expect(told).toEqual([
      { mid: '0.49' },
      { price: '0.48' },
      { price: '0.5' },
      { spread: '0.02' },
    ]);
    const several: unknown[] = [
      await client.getMidpoints(both),
      await client.getPrices(both),
      await client.getSpreads(both),
    ];
    expect(several).toEqual(
      ['0.49', { BUY: '0.48' }, '0.02'].map((value) => ({ [token_id]: value })),
    );
    expect(await client.calculateMarketPrice(token_id, side, 5, OrderType.FAK)).toBe(0.52);
  });

  drives('markets', async (at) => {
    const client = clobClient(at.url);
    const { market } = markets.negRisk;
    const listed = await client.getMarkets();
    expect(listed.count).toBe(3);
    const one = (await client.getMarket(market)) as { condition_id: string }; // the client says any
    expect(one.condition_id).toBe(market);
    const info = await client.getClobMarketInfo(market);
    expect(info).toMatchObject({ mts: 0.01, mos: 5, nr: true, ao: true, fd: { r: 0.05, e: 1 } });
    const token = yesOf('negRisk');
    expect(await client.getTickSize(token)).toBe('0.01');
    expect(await client.getNegRisk(token)).toBe(true);
    expect(await client.getFeeExponent(token)).toBe(1);
    expect(await client.getFeeRateBps(token)).toBe(0);
  });

  drives('time and version', async (at) => {
    const client = clobClient(at.url);
    const ok: unknown = await client.getOk();
    expect(ok).toBe('OK');
    expect(Math.abs((await client.getServerTime()) - Date.now() / 1000)).toBeLessThan(60);
    expect(await client.getVersion()).toBe(2);
  });
}
