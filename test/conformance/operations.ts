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
];
