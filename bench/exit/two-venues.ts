import type {
  Book,
  ChildOrder,
  Instrument,
  Level,
  Money,
  Pair,
  Quantity,
  Refusal,
  SendOutcome,
  TradeRow,
  VenueName,
} from '../../domain/index.js';
import { mirror, negate, venueNames } from '../../domain/index.js';
import type {
  Fault,
  FaultKind,
  MarketScript,
  OpenExchange,
  PlaceResult,
  RefusalCode,
  SimulatedOrder,
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
/** Somebody else, who has as much and no part in the trade. */
export const STRANGER = 'stranger';
/** The simulated world begins here, epoch milliseconds. */
export const STARTED_AT_MS = 1_000_000;

export interface WorldOptions {
  readonly seed: number;
  readonly pair: Pair;
  readonly startsAtMs: number;
  readonly cash: Money;
  /** Faults of an order, by its clientOrderId. */
  readonly faultsOf: (clientOrderId: string) => readonly FaultKind[];
  /** More that befalls an order, each with its terms. */
  readonly alsoOf?: (clientOrderId: string) => readonly Fault[];
  /** What of all rows the desk is told now, and how. Unless given: all of them. */
  readonly told?: (rows: readonly TradeRow[], nowMs: number) => readonly TradeRow[];
}

/** Both venues of one pair, in memory, on one clock that moves when it is told to. */
export class TwoVenues {
  nowMs: number;
  readonly exchanges: Readonly<Record<VenueName, OpenExchange>>;
  readonly #alsoOf: NonNullable<WorldOptions['alsoOf']>;
  readonly #told: NonNullable<WorldOptions['told']>;

  constructor({ seed, pair, startsAtMs, cash, faultsOf, alsoOf, told }: WorldOptions) {
    this.nowMs = startsAtMs;
    this.#alsoOf = alsoOf ?? (() => []);
    this.#told = told ?? ((rows) => rows);
    const open = (venue: VenueName): OpenExchange =>
      openExchange({
        ...{ venue, seed },
        now: () => this.nowMs,
        ledger: memoryLedger(),
        accounts: [ACCOUNT, STRANGER].map((account) => ({ account, cash })),
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
    const exchange = this.exchanges[instrument.venue];
    for (const fault of this.#alsoOf(clientOrderId)) {
      const name = `${fault.kind} of ${clientOrderId}`;
      exchange.faults.script.add({ name, when: { order: clientOrderId }, fault });
    }
    const result = exchange.place({
      ...{ account, market, outcome, side, limitPrice, timeInForce, fixed: order.fixed },
      venueOrderId: `v-${clientOrderId}`,
      clientKey: clientOrderId,
      isReduceOnly: order.isReduceOnly,
      isPostOnly: false,
    });
    return outcomeOf(result);
  }

  /** Where an order stands at its venue; `undefined` where it never came. */
  order({ clientOrderId, instrument }: ChildOrder): Standing | undefined {
    const known = this.exchanges[instrument.venue].order(`v-${clientOrderId}`);
    return known && standingOf(known);
  }

  /** The rows of our account that both venues tell now. */
  rows(): readonly TradeRow[] {
    const all = venueNames.flatMap((venue) =>
      this.exchanges[venue]
        .trades({ account: ACCOUNT })
        .flatMap((trade) => trade.parts.flatMap((part) => rowsOf(venue, trade, part))),
    );
    return this.#told(all, this.nowMs);
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
  const isLost = result.delivery.kind !== 'prompt';
  if (isLost) return { kind: 'unknown', code: 'NO_ANSWER', reason: 'the venue does not answer' };
  return { kind: 'accepted', ...standingOf(result.order) };
}

export interface Standing {
  readonly venueOrderId: string;
  readonly state: 'working' | 'filled' | 'canceled';
  readonly cumulativeQuantity: Quantity;
}

function standingOf({ venueOrderId, state, filledQuantity }: SimulatedOrder): Standing {
  const told = state === 'expired' ? 'canceled' : state;
  return { venueOrderId, state: told, cumulativeQuantity: filledQuantity };
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
