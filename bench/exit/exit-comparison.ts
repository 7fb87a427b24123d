import type { Outcome, Pair, PricedArbitrage, Quantity, TradeState } from '../../domain/index.js';
import {
  bestArbitrage,
  buysOf,
  heldOf,
  money,
  ONE,
  price,
  quantity,
  resultOf,
  standingFills,
  sumOf,
} from '../../domain/index.js';
import type { FaultKind } from '../../venues/simulation/index.js';
import { simulatedPairs } from '../../venues/simulation/index.js';
import { deskTerms } from '../../workers/trading/desk-terms.js';
import { entryIdOf, tradeToItsEnd } from './mismatched-trade.js';
import { STARTED_AT_MS, TwoVenues } from './two-venues.js';

export const exitPolicies = ['cheapest', 'step_down'] as const;
export type ExitPolicy = (typeof exitPolicies)[number];

/** What getting out of one mismatch came to. Floats: these are figures about trades, no amounts. */
export interface ExitFigures {
  /** Contracts that were left alone, and those of them that stayed so. */
  readonly excess: number;
  readonly kept: number;
  /** Dollars, fees included; what was kept counts as what it had cost. Negative = a gain. */
  readonly cost: number;
  /** Contracts × seconds that only one leg was held. */
  readonly exposureSeconds: number;
  readonly exitOrders: number;
}

export interface Mismatch {
  readonly seed: number;
  readonly fault: FaultKind;
  /** The leg that was hit, and the pair. */
  readonly leg: Outcome;
  readonly pairId: string;
  readonly figures: Readonly<Record<ExitPolicy, ExitFigures>>;
}

const faultKinds = ['reject', 'partial_fill', 'pulled_liquidity'] as const;
const CONTRACTS_MAX = quantity('40');
const CASH = money('100000');
const EDGE_MIN = price('0.01');
/** A pair is looked at this often, and given up after so long. */
const LOOK_EVERY_MS = 250;
const LOOK_FOR_MS = 40_000;
/** What closes sooner would end the exit, not the policy. */
const OPEN_FOR_MS = 150_000;

/**
 * One seed's mismatch, got out of under each policy from the very same books: an arbitrage of the
 * simulated world of which one leg is hit by a fault. `undefined` where the seed brings none.
 */
export function mismatchOf(seed: number): Mismatch | undefined {
  const opportunity = opportunityOf(seed);
  if (!opportunity) return undefined;
  const fault = faultKinds[seed % faultKinds.length] ?? 'reject';
  const leg: Outcome = Math.floor(seed / faultKinds.length) % 2 === 0 ? 'yes' : 'no';
  const figuresUnder = (policy: ExitPolicy) =>
    figuresOf({ ...opportunity, seed, fault, leg, policy });
  const figures = { cheapest: figuresUnder('cheapest'), step_down: figuresUnder('step_down') };
  if (figures.cheapest.excess === 0) return undefined;
  return { seed, fault, leg, pairId: opportunity.pair.pairId, figures };
}

export interface Opportunity {
  readonly pair: Pair;
  readonly priced: PricedArbitrage;
  readonly atMs: number;
}

export function opportunityOf(seed: number): Opportunity | undefined {
  const pairs = simulatedPairs({ seed, startedAtMs: STARTED_AT_MS, nowMs: STARTED_AT_MS });
  const open = pairs.filter(
    ({ kalshi, approval }) => approval.by !== '' && kalshi.closesAtMs > STARTED_AT_MS + OPEN_FOR_MS,
  );
  const pair = open[seed % Math.max(open.length, 1)];
  if (!pair || pair.polymarket.isTakerDelayed) return undefined;
  const venues = worldOf({ seed, pair, atMs: STARTED_AT_MS, faultsOf: () => [] });
  while (venues.nowMs < STARTED_AT_MS + LOOK_FOR_MS) {
    venues.passes(LOOK_EVERY_MS);
    const priced = bestArbitrage({
      pair,
      bookOf: (instrument) => venues.book(instrument),
      ...{ contractsMax: CONTRACTS_MAX, edgeMin: EDGE_MIN },
    });
    if (priced) return { pair, priced, atMs: venues.nowMs };
  }
  return undefined;
}

interface Case extends Opportunity {
  readonly seed: number;
  readonly fault: FaultKind;
  readonly leg: Outcome;
  readonly policy: ExitPolicy;
}

function figuresOf({ seed, pair, priced, atMs, fault, leg, policy }: Case): ExitFigures {
  const intentId = `bench.${seed}`;
  const hit = entryIdOf(intentId, leg);
  const faultsOf = (id: string): readonly FaultKind[] => (id === hit ? [fault] : []);
  const venues = worldOf({ seed, pair, atMs, faultsOf });
  const terms = deskTerms({ terms: { exit: { policy } } });
  const state = tradeToItsEnd({ venues, pair, priced, terms, intentId });
  return measured(state, venues.nowMs);
}

function worldOf({ seed, pair, atMs, faultsOf }: World): TwoVenues {
  return new TwoVenues({ seed, pair, startsAtMs: atMs, cash: CASH, faultsOf });
}

interface World {
  readonly seed: number;
  readonly pair: Pair;
  readonly atMs: number;
  readonly faultsOf: (clientOrderId: string) => readonly FaultKind[];
}

/** What the trade was worth when both entries had ended, less what it is worth at its end. */
function measured(state: TradeState, nowMs: number): ExitFigures {
  const bought = { yes: entered(state, 'yes'), no: entered(state, 'no') };
  const leg: Outcome = bought.yes.contracts > bought.no.contracts ? 'yes' : 'no';
  const excess = Math.abs(bought.yes.contracts - bought.no.contracts);
  const held = { yes: contractsOf(heldOf(state, 'yes')), no: contractsOf(heldOf(state, 'no')) };
  const kept = Math.abs(held.yes - held.no);
  const basis = bought[leg].contracts === 0 ? 0 : bought[leg].paid / bought[leg].contracts;
  const matched = Math.min(bought.yes.contracts, bought.no.contracts);
  const result = resultOf(state, nowMs);
  const cashOfExits = contractsOf(result.net) - contractsOf(result.contracts) + paidIn(bought);
  const before = matched + excess * basis;
  const after = contractsOf(result.contracts) + kept * basis + cashOfExits;
  return {
    ...{ excess, kept, cost: before - after },
    exposureSeconds: contractsOf(result.exposureContractSeconds),
    exitOrders: state.orders.filter(({ order }) => order.purpose.kind === 'exit').length,
  };
}

interface Entered {
  readonly contracts: number;
  readonly paid: number;
}

function entered(state: TradeState, leg: Outcome): Entered {
  const fills = buysOf(state, leg)
    .filter(({ order }) => order.purpose.kind === 'entry')
    .flatMap((order) => standingFills(state, order));
  const paid = fills.reduce((sum, fill) => sum - contractsOf(fill.cash), 0);
  return { contracts: contractsOf(sumOf(fills)), paid };
}

const paidIn = ({ yes, no }: Readonly<Record<Outcome, Entered>>): number => yes.paid + no.paid;

/** A figure about amounts, never an amount again. */
const contractsOf = (amount: Quantity | bigint): number => Number(amount) / Number(ONE);
