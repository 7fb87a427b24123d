import type {
  Book,
  ChildOrder,
  Instrument,
  Level,
  Money,
  Pair,
  Refusal,
  SendOutcome,
  TradeRow,
  VenueName,
} from '../../domain/index.js';
import { mirror, negate, venueNames } from '../../domain/index.js';
import type {
  FaultKind,
  MarketScript,
  OpenExchange,
  PlaceResult,
  RefusalCode,
  SimulatedTrade,
  TradePart,
} from '../../venues/simulation/index.js';
import {
  createFaults,
  createMarketScript,
  memoryLedger,
  openExchange,
  venueRules,
} from '../../venues/simulation/index.js';

export const ACCOUNT = 'main';
/** The simulated world begins here, epoch milliseconds. */
export const STARTED_AT_MS = 1_000_000;

export interface WorldOptions {
  readonly seed: number;
  readonly pair: Pair;
  readonly startsAtMs: number;
  readonly cash: Money;
  /** Faults of an order, by its clientOrderId. */
  readonly faultsOf: (clientOrderId: string) => readonly FaultKind[];
}

/** Both venues of one pair, in memory, on one clock that moves when it is told to. */
export class TwoVenues {
  nowMs: number;
  readonly exchanges: Readonly<Record<VenueName, OpenExchange>>;

  constructor({ seed, pair, startsAtMs, cash, faultsOf }: WorldOptions) {
    this.nowMs = startsAtMs;
    const open = (venue: VenueName): OpenExchange =>
      openExchange({
        ...{ venue, seed },
        now: () => this.nowMs,
        ledger: memoryLedger(),
        accounts: [{ account: ACCOUNT, cash }],
        script: scriptOf(seed, pair[venue].market, venue),
        faults: createFaults({ seed, profile: 'none', scripted: faultsOf }),
        rules: venueRules[venue],
      });
    this.exchanges = { kalshi: open('kalshi'), polymarket: open('polymarket') };
  }

  passes(ms: number): void {
    this.nowMs += ms;
    for (const venue of venueNames) this.exchanges[venue].advance();
  }

  /** The instrument's book as its venue shows it now. */
  book(instrument: Instrument): Book | undefined {
    const shown = this.exchanges[instrument.venue].book(instrument.market);
    if (!shown) return undefined;
    const { bids, asks } = shown;
    const yes: Book = {
      instrument: { ...instrument, outcome: 'yes' },
      ...{ bids: taken(bids), asks: taken(asks) },
      ...{ heardAtMs: this.nowMs, hasGap: false },
    };
    return instrument.outcome === 'yes' ? yes : mirror(yes);
  }

  place(order: ChildOrder): SendOutcome {
    const { clientOrderId, instrument, account, side, limitPrice, timeInForce } = order;
    const { market, outcome } = instrument;
    const result = this.exchanges[instrument.venue].place({
      ...{ account, market, outcome, side, limitPrice, timeInForce, fixed: order.fixed },
      venueOrderId: `v-${clientOrderId}`,
      clientKey: clientOrderId,
      isReduceOnly: order.isReduceOnly,
      isPostOnly: false,
    });
    return outcomeOf(result);
  }

  /** Every row of our account that both venues tell now. */
  rows(): TradeRow[] {
    return venueNames.flatMap((venue) =>
      this.exchanges[venue]
        .trades({ account: ACCOUNT })
        .flatMap((trade) => trade.parts.flatMap((part) => rowsOf(venue, trade, part))),
    );
  }
}

/** The story of one market alone: whoever else trades at the venue does not matter here. */
function scriptOf(seed: number, market: string, venue: VenueName): MarketScript {
  const script = createMarketScript({ listing: { seed, startedAtMs: STARTED_AT_MS }, venue });
  return {
    ...script,
    listedBetween: (afterMs, untilMs) =>
      script.listedBetween(afterMs, untilMs).filter((one) => one.market.market === market),
  };
}

function outcomeOf(result: PlaceResult): SendOutcome {
  if (result.kind === 'refused') {
    const { code, reason } = result;
    return { kind: 'refused', refusal: refusals[code] ?? 'terminal', code, reason };
  }
  const { venueOrderId, state, filledQuantity: cumulativeQuantity } = result.order;
  const told = state === 'expired' ? 'canceled' : state;
  return { kind: 'accepted', venueOrderId, state: told, cumulativeQuantity };
}

const refusals: Readonly<Partial<Record<RefusalCode, Refusal>>> = {
  no_match: 'no_match',
  market_closed: 'market_closed',
  insufficient_funds: 'funds',
  insufficient_shares: 'funds',
  rejected: 'terminal',
};

function rowsOf(venue: VenueName, trade: SimulatedTrade, part: TradePart): TradeRow[] {
  if (part.account !== ACCOUNT) return [];
  const { outcome, account, venueOrderId, clientKey, side, quantity, price, fee, cash } = part;
  const row = {
    ...{ account, venueOrderId, clientOrderId: clientKey, side, quantity, price, fee },
    instrument: { venue, market: trade.market, outcome },
    executionId: trade.tradeId,
    atMs: trade.atMs,
  };
  const finality = trade.status === 'CONFIRMED' ? 'final' : 'provisional';
  const fill: TradeRow = { ...row, kind: 'fill', cash, finality };
  return trade.status === 'FAILED'
    ? [fill, { ...row, kind: 'reversal', cash: negate(cash) }]
    : [fill];
}

const taken = (levels: readonly Level[]): Level[] => levels.filter(({ quantity }) => quantity > 0n);
