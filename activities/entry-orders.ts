import {
  type ArbitrageIntent,
  type ChildOrder,
  clientOrderIdOf,
  type Denial,
  legInstrument,
  legMarket,
  type Outcome,
  type Pair,
  type PricedArbitrage,
  purposeLine,
  sizedOrder,
} from '../domain/index.js';

/**
 * However long a strategy is willing to wait, an entry priced now leaves soon or not at all; and an
 * order that may leave for hours could not be called absent for hours.
 */
const ENTRY_VALID_MS_MAX = 5_000;

export interface EntryRequest {
  readonly intent: ArbitrageIntent;
  readonly workflowId: string;
  readonly pair: Pair;
  readonly priced: PricedArbitrage;
  readonly orderGroupId?: string | undefined;
  readonly nowMs: number;
}

export type EntryOrders =
  | {
      readonly kind: 'sized';
      readonly orders: { readonly yesOrder: ChildOrder; readonly noOrder: ChildOrder };
    }
  | { readonly kind: 'denied'; readonly denial: Denial };

/** Both legs as complete orders: everything that will be signed, before any byte leaves. */
export function entryOrders(request: EntryRequest): EntryOrders {
  const yesOrder = entryOrder(request, 'yes');
  const noOrder = entryOrder(request, 'no');
  if (!yesOrder || !noOrder) return { kind: 'denied', denial: tooSmall(request) };
  return { kind: 'sized', orders: { yesOrder, noOrder } };
}

function entryOrder(request: EntryRequest, leg: Outcome): ChildOrder | undefined {
  const { intent, workflowId, pair, priced, orderGroupId, nowMs } = request;
  const instrument = legInstrument(pair, intent.type, leg);
  const sized = sizedOrder({
    market: legMarket(pair, intent.type, leg),
    instrument,
    side: 'buy',
    limitPrice: priced.limitPrice[leg],
    contracts: priced.contracts,
    expectedCost: priced.expectedCost[leg],
  });
  if (sized.kind === 'refused') return undefined;
  const purpose = { kind: 'entry', leg } as const;
  return {
    clientOrderId: clientOrderIdOf(workflowId, purposeLine(purpose), 0),
    workflowId,
    account: intent.account,
    purpose,
    instrument,
    side: 'buy',
    timeInForce: 'IOC',
    limitPrice: sized.limitPrice,
    fixed: sized.fixed,
    legalMaximum: sized.legalMaximum,
    isReduceOnly: false,
    ...(instrument.venue === 'kalshi' && orderGroupId !== undefined && { orderGroupId }),
    notAfterMs: Math.min(intent.notAfterMs, nowMs + ENTRY_VALID_MS_MAX),
    createdAtMs: nowMs,
  };
}

function tooSmall({ pair, intent, priced }: EntryRequest): Denial {
  const { contracts } = priced;
  const minimums = (['yes', 'no'] as const).map(
    (leg) => legMarket(pair, intent.type, leg).minimumQuantity,
  );
  const minimumQuantity = minimums.reduce((most, one) => (one > most ? one : most));
  return { code: 'LIQUIDITY_TOO_SMALL', contracts, minimumQuantity };
}
