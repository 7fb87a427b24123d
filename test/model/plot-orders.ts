import type { Book } from '../../domain/book.js';
import type { ChildOrder } from '../../domain/child-order.js';
import type { ExitOrder, ExitPlan } from '../../domain/exit/exit-input.js';
import { planExit } from '../../domain/exit/plan-exit.js';
import type { Instrument, Market, Outcome } from '../../domain/instrument.js';
import { opposite } from '../../domain/instrument.js';
import type { Price, Quantity } from '../../domain/money.js';
import { ONE, price, quantity } from '../../domain/money.js';
import { sizedOrder } from '../../domain/order-sizing.js';
import { legInstrument, legMarket } from '../../domain/pair.js';
import { isLegTerminal } from '../../domain/trade/certain-excess.js';
import type { TradeTerms } from '../../domain/trade/terms.js';
import type { Step, TradeState } from '../../domain/trade/trade.js';
import { orderOf, pair, terms } from '../domain/trade-fixture.js';
import type { Move, Plot } from './moves.js';

export const LIMITS: Readonly<Record<Outcome, Price>> = { yes: price('0.52'), no: price('0.45') };

/** Short, so that an operator may say of a lost order that it never arrived. */
const LATENESS_MS = 1_500;

export const termsFor = ({ policy }: Plot): TradeTerms => {
  const { lossMax, ...exit } = terms.exit;
  const bound = policy === 'cheapest' && lossMax ? { lossMax } : {};
  return { ...terms, latenessMs: LATENESS_MS, exit: { ...exit, ...bound, policy } };
};

export const marketOf = ({ venue }: Instrument): Market => pair[venue];

/** An entry as the desk makes it: Polymarket's by the dollars that it spends, Kalshi's by contracts. */
export function entryOf({ type, contracts }: Plot, leg: Outcome): ChildOrder {
  const instrument = legInstrument(pair, type, leg);
  const limitPrice = LIMITS[leg];
  const sized = sizedOrder({
    market: legMarket(pair, type, leg),
    instrument,
    side: 'buy',
    limitPrice,
    contracts: quantity(String(contracts)),
  });
  if (sized.kind === 'refused') throw new Error(`an entry of ${String(contracts)} is legal`);
  const { fixed, legalMaximum } = sized;
  return orderOf({
    clientOrderId: `entry/${leg}`,
    purpose: { kind: 'entry', leg },
    ...{ instrument, limitPrice, fixed, legalMaximum, notAfterMs: 2_000 },
  });
}

type ExitStep = Extract<Step, { readonly kind: 'exit' }>;

export interface ExitTry {
  readonly state: TradeState;
  readonly step: ExitStep;
  readonly plot: Plot;
  readonly move: Move;
  readonly nowMs: number;
}

/** One try to get out, from books that the move draws. */
export function exitPlan({ state, step, plot, move, nowMs }: ExitTry): ExitPlan {
  const { excess, ladder } = step;
  const own = legInstrument(pair, plot.type, excess.leg);
  const other = legInstrument(pair, plot.type, opposite(excess.leg));
  return planExit({
    excess,
    ladder,
    own: {
      instrument: own,
      market: marketOf(own),
      book: bookOf(own, move),
      complement: bookOf({ ...own, outcome: opposite(own.outcome) }, move),
    },
    other: {
      instrument: other,
      market: marketOf(other),
      book: bookOf(other, { ...move, pick: move.twist, size: move.pick }),
      limitPrice: LIMITS[opposite(excess.leg)],
      contractsMax: entryOf(plot, excess.leg).legalMaximum,
    },
    isOtherLegTerminal: isLegTerminal(state, opposite(excess.leg)),
    isFrozen: state.freezes.length > 0,
    terms: termsFor(plot).exit,
    nowMs,
  });
}

/** The order of a plan, as the desk would record it. */
export function exitOrder({ step, nowMs }: ExitTry, plan: ExitOrder): ChildOrder | undefined {
  const { ladder, excess } = step;
  const sized = sizedOrder(plan);
  if (sized.kind === 'refused') return undefined;
  const { rung, attempt } = ladder;
  const { instrument, side, isReduceOnly } = plan;
  const { limitPrice, fixed, legalMaximum } = sized;
  return orderOf({
    clientOrderId: `exit/${excess.leg}/${String(rung)}/${String(attempt)}`,
    purpose: { kind: 'exit', leg: excess.leg, rung, attempt },
    ...{ instrument, side, isReduceOnly, limitPrice, fixed, legalMaximum },
    notAfterMs: nowMs + 2_000,
  });
}

/**
 * Two levels on each side, somewhere around the middle; now and then there is none. A whole size is a
 * deep book: what a venue sold beyond all bounds is out of it in a few orders, not in hundreds.
 */
export function bookOf(instrument: Instrument, { pick, size, twist }: Move): Book | undefined {
  if ((pick + twist) % 7 === 0) return undefined;
  const bid = 36 + ((pick * 7 + size) % 24);
  const depth = size === 100 ? 100 : 1;
  const level = (cents: number, contracts: number) => ({
    price: (BigInt(cents) * (ONE / 100n)) as Price, // cents, in counts
    quantity: (BigInt(contracts * depth) * ONE) as Quantity, // whole contracts, in counts
  });
  return {
    instrument,
    bids: [level(bid, 1 + (size % 40)), level(bid - 3, 60)],
    asks: [level(bid + 1 + (twist % 3), 1 + (pick % 40)), level(bid + 6, 60)],
    heardAtMs: 0,
    hasGap: false,
  };
}
