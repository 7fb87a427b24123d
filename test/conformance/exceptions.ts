import type { ClientName } from './operations.js';

/** A call of a client that is not driven: where its package has it, and why it is not. */
export interface Exception {
  readonly client: ClientName;
  readonly call: string;
  /** File and line below `node_modules`. */
  readonly at: string;
  readonly why: string;
}

interface Group {
  readonly client: ClientName;
  readonly file: string;
  readonly why: string;
  /** "call:line", with spaces between. What is no method is said as it stands in that line. */
  readonly calls: string;
}

const groups: readonly Group[] = [
  {
    client: 'kalshi-typescript',
    file: 'kalshi-typescript/dist/api/account-api.js',
    why: 'tokens and tiers are fixed in the simulator; Legwork never changes its tier',
    calls: `
      getAccountApiLimits:285 getAccountApiUsageLevelVolumeProgress:294
      getAccountEndpointCosts:303 upgradeAccountApiUsageLevel:312`,
  },
  {
    client: 'kalshi-typescript',
    file: 'kalshi-typescript/dist/api/api-keys-api.js',
    why: "keys are made by an operator on the venue's own page, never by Legwork",
    calls: `
      createApiKey:318 deleteApiKey:328 generateApiKey:338 getApiKeys:348`,
  },
  {
    client: 'kalshi-typescript',
    file: 'kalshi-typescript/dist/api/communications-api.js',
    why: 'requests for quotes and block trades are off the book that Legwork trades on',
    calls: `
      acceptBlockTradeProposal:1353 acceptQuote:1365 acceptRFQQuote:1377 confirmQuote:1389
      confirmRFQQuote:1401 createQuote:1411 createRFQ:1421 deleteQuote:1432 deleteRFQ:1442
      deleteRFQQuote:1453 getBlockTradeProposals:1466 getCommunicationsID:1475 getQuote:1486
      getQuotes:1506 getRFQ:1516 getRFQQuote:1527 getRFQs:1544 proposeBlockTrade:1554`,
  },
  {
    client: 'kalshi-typescript',
    file: 'kalshi-typescript/dist/api/events-api.js',
    why: 'the simulated listing is of markets; events and their forecasts are not traded',
    calls: `
      getEvent:622 getEventFeeChanges:634 getEventForecastPercentilesHistory:649
      getEventMetadata:659 getEvents:677 getMarketCandlesticksByEvent:691
      getMultivariateEvents:705`,
  },
  {
    client: 'kalshi-typescript',
    file: 'kalshi-typescript/dist/api/exchange-api.js',
    why: 'a simulated market keeps the fees that it was listed with',
    calls: `
      getSeriesFeeChanges:299`,
  },
  {
    client: 'kalshi-typescript',
    file: 'kalshi-typescript/dist/api/fcm-api.js',
    why: 'only brokers (FCM members) may call it',
    calls: `
      createFCMSubtrader:585 deleteFCMEventContractDailyCap:595 getFCMEventContractDailyCap:605
      getFCMOrders:623 getFCMPositions:639 listFCMSubtraders:648
      updateFCMEventContractDailyCap:658`,
  },
  {
    client: 'kalshi-typescript',
    file: 'kalshi-typescript/dist/api/historical-api.js',
    why: "the archive that is simulated is the account's own: orders, fills and their cutoff",
    calls: `
      getHistoricalMarket:703 getHistoricalMarkets:718 getHistoricalPositions:746
      getMarketCandlesticksHistorical:759 getTradesHistorical:774`,
  },
  {
    client: 'kalshi-typescript',
    file: 'kalshi-typescript/dist/api/incentive-programs-api.js',
    why: 'rewards are paid outside of trading',
    calls: `
      getIncentivePrograms:155`,
  },
  {
    client: 'kalshi-typescript',
    file: 'kalshi-typescript/dist/api/live-data-api.js',
    why: 'what happens in the world is not simulated',
    calls: `
      getEventLiveData:514 getGameStats:524 getLiveData:536 getLiveDataByMilestone:547
      getLiveDatas:558 getWeatherIndex:572 getWeatherIndexCalibrations:582`,
  },
  {
    client: 'kalshi-typescript',
    file: 'kalshi-typescript/dist/api/market-api.js',
    why: 'no history of prices and no trades of others are kept: books and own fills are',
    calls: `
      batchGetMarketCandlesticks:797 getMarketCandlesticks:822 getTrades:906`,
  },
  {
    client: 'kalshi-typescript',
    file: 'kalshi-typescript/dist/api/market-api.js',
    why: 'the simulated listing has no series',
    calls: `
      getSeries:877 getSeriesList:891`,
  },
  {
    client: 'kalshi-typescript',
    file: 'kalshi-typescript/dist/api/milestone-api.js',
    why: 'what happens in the world is not simulated',
    calls: `
      getMilestone:234 getMilestones:252`,
  },
  {
    client: 'kalshi-typescript',
    file: 'kalshi-typescript/dist/api/multivariate-api.js',
    why: 'combinations of markets are not listed here',
    calls: `
      createMarketInMultivariateEventCollection:275 getMultivariateEventCollection:285
      getMultivariateEventCollections:299`,
  },
  {
    client: 'kalshi-typescript',
    file: 'kalshi-typescript/dist/api/orders-api.js',
    why: 'the simulated exchange changes no order in place, and Legwork never does: it cancels',
    calls: `
      amendOrderV2:852 decreaseOrderV2:917`,
  },
  {
    client: 'kalshi-typescript',
    file: 'kalshi-typescript/dist/api/orders-api.js',
    why: 'entries are immediate: no order of ours waits in a queue',
    calls: `
      getOrderQueuePosition:937 getOrderQueuePositions:949`,
  },
  {
    client: 'kalshi-typescript',
    file: 'kalshi-typescript/dist/api/portfolio-api.js',
    why: 'one account without subaccounts, shards, deposits or withdrawals is simulated',
    calls: `
      applySubaccountTransfer:1293 createSubaccount:1303 getDeposits:1325
      getIntraExchangeInstanceTransfer:1352 getIntraExchangeInstanceTransfers:1363
      getPortfolioRestingOrderTotalValue:1372 getSubaccountBalances:1413 getSubaccountNetting:1422
      getSubaccountTransfers:1433 getTargetBalanceAllocation:1442 getWithdrawals:1453
      intraExchangeInstanceTransfer:1463 setTargetBalanceAllocation:1473
      updateSubaccountNetting:1483`,
  },
  {
    client: 'kalshi-typescript',
    file: 'kalshi-typescript/dist/auth.js',
    why: 'body and query are not signed: a changed byte in them is not noticed',
    calls: `
      msgString:24`,
  },
  {
    client: 'kalshi-typescript',
    file: 'kalshi-typescript/dist/base.js',
    why: 'body and query are not signed: a changed byte in them is not noticed',
    calls: `
      pathname:52`,
  },
  {
    client: 'kalshi-typescript',
    file: 'kalshi-typescript/dist/base.js',
    why: 'no host is signed: at another one of the same path that has the key, it is the same request',
    calls: `
      basePath:51`,
  },
  {
    client: 'kalshi-typescript',
    file: 'kalshi-typescript/dist/api/search-api.js',
    why: 'free-text search is not simulated',
    calls: `
      getFiltersForSports:169 getTagsForSeriesCategories:178`,
  },
  {
    client: 'kalshi-typescript',
    file: 'kalshi-typescript/dist/api/structured-targets-api.js',
    why: 'what happens in the world is not simulated',
    calls: `
      getStructuredTarget:206 getStructuredTargets:220`,
  },
  {
    client: 'clob-client-v2',
    file: '@polymarket/clob-client-v2/dist/client.js',
    why: "no order of ours rests on this venue, so the simulator keeps no dead-man's switch",
    calls: `
      postHeartbeat:69`,
  },
  {
    client: 'clob-client-v2',
    file: '@polymarket/clob-client-v2/dist/client.js',
    why: 'reduced listings for liquidity rewards; getMarkets lists the same markets',
    calls: `
      getSamplingSimplifiedMarkets:88 getSamplingMarkets:91 getSimplifiedMarkets:94`,
  },
  {
    client: 'clob-client-v2',
    file: '@polymarket/clob-client-v2/dist/client.js',
    why: 'no history of prices and no trades of others are kept: books and own trades are',
    calls: `
      getLastTradePrice:185 getLastTradesPrices:188 getPricesHistory:191 getMarketTradesEvents:843`,
  },
  {
    client: 'clob-client-v2',
    file: '@polymarket/clob-client-v2/dist/client.js',
    why: 'an account has one key here, which may read and trade',
    calls: `
      createReadonlyApiKey:265 getReadonlyApiKeys:275 deleteReadonlyApiKey:285`,
  },
  {
    client: 'clob-client-v2',
    file: '@polymarket/clob-client-v2/dist/client.js',
    why: 'builders have no keys and no earnings here; orders with their code are taken',
    calls: `
      getBuilderTrades:356 createBuilderApiKey:813 getBuilderApiKeys:823 revokeBuilderApiKey:833`,
  },
  {
    client: 'clob-client-v2',
    file: '@polymarket/clob-client-v2/dist/client.js',
    why: 'messages for people are not simulated',
    calls: `
      getNotifications:368 dropNotifications:381`,
  },
  {
    client: 'clob-client-v2',
    file: '@polymarket/clob-client-v2/dist/client.js',
    why: "no order is older than the venue's current contracts here",
    calls: `
      getPreMigrationOrders:519`,
  },
  {
    client: 'clob-client-v2',
    file: '@polymarket/clob-client-v2/dist/client.js',
    why: 'rewards are paid outside of trading',
    calls: `
      isOrderScoring:670 areOrdersScoring:683 getEarningsForUserForDay:698
      getTotalEarningsForUserForDay:723 getUserEarningsAndMarketsConfig:740
      getRewardPercentages:768 getCurrentRewards:782 getRawRewardsForMarket:792`,
  },
  {
    client: 'clob-client-v2',
    file: '@polymarket/clob-client-v2/dist/client.js',
    why: 'no call of its own: a step of the calls that are driven',
    calls: `
      createMarketOrder:448 waitForResolvedTrades:593 resolveTransactionsHashes:607 canL1Auth:846
      canL2Auth:849 isBuilderOrder:853 getBuilderTakerFeeRate:856 adjustBuyAmountForBalance:861
      _ensureMarketInfoCached:866 ensureBuilderFeeRateCached:875 _resolveTickSize:884
      _resolveFeeRateBps:891 resolveVersion:896 _retryOnVersionUpdate:902
      _isOrderVersionMismatch:909 throwIfError:914 get:918 post:922 del:926`,
  },
  {
    client: 'clob-client-v2',
    file: '@polymarket/clob-client-v2/dist/client.js',
    why: 'the query is not signed, so a changed byte of it is not noticed',
    calls: `
      requestPath:240`,
  },
  {
    client: 'clob-client-v2',
    file: '@polymarket/clob-client-v2/dist/signing/hmac.js',
    why: 'neither host nor its base path is signed: at another that has the key, it is the same request',
    calls: `
      requestPath:23`,
  },
  {
    client: 'clob-client-v2',
    file: '@polymarket/clob-client-v2/dist/order-builder/helpers/createOrder.js',
    why: 'the simulated wallets are plain accounts (type 0): no proxies, safes or deposit wallets',
    calls: `
      POLY_1271:12`,
  },
  {
    client: 'clob-client-v2',
    file: '@polymarket/clob-client-v2/dist/order-builder/helpers/createOrder.js',
    why: 'orders of version 1 went out of force with the contracts that took them',
    calls: `
      exchange:19`,
  },
  {
    client: 'ccxt kalshi',
    file: 'ccxt/js/src/prediction/kalshi.js',
    why: 'reads a count that the venue no longer sends (`position`); the row itself is right',
    calls: `
      yesContracts:1696`,
  },
  {
    client: 'ccxt kalshi',
    file: 'ccxt/js/src/prediction/kalshi.js',
    why: 'sends 0.5, and the venue takes two to four decimals: prices with one are not driven',
    calls: `
      yesPrice:1994`,
  },
  {
    client: 'ccxt kalshi',
    file: 'ccxt/js/src/prediction/kalshi.js',
    why: 'asks for events, candles or trades of others, which the simulator does not keep',
    calls: `
      fetchOHLCV:44 fetchOpenInterest:45 fetchTicker:53 fetchTickers:54 fetchTrades:55
      fetchEvent:40 fetchEvents:41`,
  },
  {
    client: 'ccxt kalshi',
    file: 'ccxt/js/src/prediction/kalshi.js',
    why: 'a flag of the client, not a call',
    calls: `
      prediction:56`,
  },
  {
    client: 'ccxt kalshi',
    file: 'ccxt/js/src/prediction/kalshi.js',
    why: 'neither host nor what is before /trade-api is signed: both may differ, and nothing is refused',
    calls: `
      tradeApiIndex:2610`,
  },
  {
    client: 'ccxt kalshi',
    file: 'ccxt/js/src/base/Exchange.js',
    why: 'a flag of the client, not a call',
    calls: `
      publicAPI:2284 privateAPI:2285`,
  },
  {
    client: 'ccxt polymarket',
    file: 'ccxt/js/src/prediction/polymarket.js',
    why: 'asks for events, candles or trades of others, which the simulator does not keep',
    calls: `
      fetchMarkets:55 fetchStatus:65 fetchOHLCV:57 fetchOpenInterest:58 fetchTicker:66
      fetchTickers:67 fetchTrades:69 fetchEvent:52 fetchEvents:53`,
  },
  {
    client: 'ccxt polymarket',
    file: 'ccxt/js/src/prediction/polymarket.js',
    why: 'looks for a token by the name that it had in the data API before its second version',
    calls: `
      fetchPosition:1732 asset:1746`,
  },
  {
    client: 'ccxt polymarket',
    file: 'ccxt/js/src/prediction/polymarket.js',
    why: 'its default is a deposit wallet (type 3); the simulated wallets are plain accounts',
    calls: `
      signatureType:1641`,
  },
  {
    client: 'ccxt polymarket',
    file: 'ccxt/js/src/prediction/polymarket.js',
    why: 'the streams are driven by our own feeds; this client adds no other protocol',
    calls: `
      watchMyTrades:73 watchOrderBook:74 watchOrders:75 watchTicker:76 watchTrades:77`,
  },
  {
    client: 'ccxt polymarket',
    file: 'ccxt/js/src/prediction/polymarket.js',
    why: 'a flag of the client, not a call',
    calls: `
      prediction:72`,
  },
  {
    client: 'ccxt polymarket',
    file: 'ccxt/js/src/prediction/polymarket.js',
    why: 'neither host nor its base path is signed: at another that has the key, it is the same request',
    calls: `
      requestPath:2742`,
  },
  {
    client: 'ccxt polymarket',
    file: 'ccxt/js/src/prediction/polymarket.js',
    why: 'an attestation is signed for Polygon whatever chain the client is set to; orders are not',
    calls: `
      chainId:2813`,
  },
  {
    client: 'ccxt polymarket',
    file: 'ccxt/js/src/base/Exchange.js',
    why: 'a flag of the client, not a call',
    calls: `
      publicAPI:2284 privateAPI:2285`,
  },
];

export const exceptions: readonly Exception[] = groups.flatMap(({ client, file, why, calls }) =>
  calls
    .trim()
    .split(/\s+/)
    .map((text) => {
      const [call = '', line = ''] = text.split(':');
      return { client, call, at: `${file}:${line}`, why };
    }),
);
