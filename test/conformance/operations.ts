/** The venues' published clients, as their packages name themselves. */
export const clients = [
  'kalshi-typescript',
  'clob-client-v2',
  'ccxt kalshi',
  'ccxt polymarket',
] as const;
export type ClientName = (typeof clients)[number];

/** Something a client does at a simulated venue, and the client's methods that do it. */
export interface Operation {
  readonly client: ClientName;
  readonly operation: string;
  readonly calls: readonly string[];
}

const of = (client: ClientName, rows: Readonly<Record<string, string>>): readonly Operation[] =>
  Object.entries(rows).map(([operation, calls]) => ({
    client,
    operation,
    calls: calls.split(' '),
  }));

/** Everything that must be driven. A row without a story makes the suite red. */
export const operations: readonly Operation[] = [
  ...of('kalshi-typescript', {
    'place fill_or_kill': 'createOrderV2',
    'place immediate_or_cancel': 'createOrderV2',
    'place good_till_canceled': 'createOrderV2',
    'place good_till_canceled until a time': 'createOrderV2',
    'place post_only': 'createOrderV2',
    'place reduce_only': 'createOrderV2',
    'place the same client_order_id twice': 'createOrderV2',
    'place a batch': 'batchCreateOrdersV2',
    'read an order': 'getOrder',
    'list orders, page by page': 'getOrders',
    cancel: 'cancelOrderV2',
    'cancel a batch': 'batchCancelOrdersV2',
    'cancel all': 'cancelAllOrders',
    balance: 'getBalance',
    positions: 'getPositions',
    'fills, page by page': 'getFills',
    settlements: 'getSettlements',
    'historical orders and fills': 'getHistoricalCutoff getHistoricalOrders getFillsHistorical',
    markets: 'getMarkets getMarket',
    books: 'getMarketOrderbook getMarketOrderbooks',
    'exchange status': 'getExchangeStatus getUserDataTimestamp',
  }),
  ...of('clob-client-v2', {
    'create an API key': 'createApiKey deriveApiKey',
    'derive an API key': 'deriveApiKey',
    'create or derive an API key': 'createOrDeriveApiKey',
    'list, replace and delete API keys': 'getApiKeys createApiKey deleteApiKey',
    'place GTC': 'createOrder postOrder',
    'place GTD': 'createOrder postOrder',
    'place FOK': 'createOrder postOrder',
    'place FAK': 'createOrder postOrder',
    'place post-only': 'createOrder postOrder',
    'place a market order': 'createAndPostMarketOrder',
    'place in one call': 'createAndPostOrder',
    'place a batch': 'postOrders',
    'place the same bytes twice': 'postOrder',
    'sell what is held': 'postOrder',
    'place in a neg-risk market': 'postOrder',
    'place in a market of Protocol V2': 'postOrder',
    'place exact amounts in Protocol V2': 'createExchangeV3OrderFromAmounts postOrder',
    'read an order': 'getOrder',
    'list open orders, page by page': 'getOpenOrders',
    'list trades, page by page': 'getTrades getTradesPaginated',
    cancel: 'cancelOrder',
    'cancel several': 'cancelOrders',
    'cancel all': 'cancelAll',
    "cancel a market's orders": 'cancelMarketOrders',
    balance: 'getBalanceAllowance updateBalanceAllowance',
    positions: 'getBalanceAllowance',
    'ban status': 'getClosedOnlyMode',
    books: 'getOrderBook getOrderBooks getOrderBookHash',
    prices: 'getMidpoint getMidpoints getPrice getPrices getSpread getSpreads calculateMarketPrice',
    markets:
      'getMarkets getMarket getClobMarketInfo getTickSize getNegRisk getFeeExponent getFeeRateBps',
    'time and version': 'getOk getServerTime getVersion',
  }),
  ...of('ccxt kalshi', {
    'place fill_or_kill': 'createOrder',
    'place immediate_or_cancel': 'createOrder',
    'place good_till_canceled': 'createOrder',
    cancel: 'cancelOrder',
    'cancel all': 'cancelAllOrders',
    'replace an order': 'editOrder',
    'read and list orders': 'fetchOrder fetchOpenOrders fetchClosedOrders fetchOrders',
    fills: 'fetchMyTrades',
    balance: 'fetchBalance',
    positions: 'fetchPositions',
    settlements: 'fetchSettlements',
    markets: 'fetchMarkets',
    books: 'fetchOrderBook',
    'exchange status': 'fetchStatus',
  }),
  ...of('ccxt polymarket', {
    'create or derive an API key': 'createOrDeriveApiKey createApiKey deriveApiKey',
    'place GTC': 'createOrder',
    'place GTD': 'createOrder',
    'place FOK': 'createOrder',
    'place FAK': 'createOrder',
    'place post-only': 'createOrder',
    'place a market order by its cost': 'createMarketBuyOrderWithCost',
    'place a batch': 'createOrders',
    'place in a neg-risk market': 'createOrder',
    'place in a market of Protocol V2': 'createOrder',
    cancel: 'cancelOrder cancelOrders cancelAllOrders',
    'read and list orders': 'fetchOrder fetchOpenOrders',
    trades: 'fetchMyTrades fetchOrderTrades',
    balance: 'fetchBalance',
    positions: 'fetchPositions fetchPosition',
    books: 'fetchOrderBook',
    'time and fee': 'fetchTime fetchTradingFee',
  }),
];
