import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Book, Level } from '../../domain/book.js';
import type { ChildOrder } from '../../domain/child-order.js';
import type { ExitInput, ExitOrder } from '../../domain/exit/exit-input.js';
import { lossBound, lossOf } from '../../domain/exit/exit-loss.js';
import { planExit } from '../../domain/exit/plan-exit.js';
import type { Instrument } from '../../domain/instrument.js';
import { instrumentKey, opposite } from '../../domain/instrument.js';
import type { Price, Quantity } from '../../domain/money.js';
import { add, least, money, ONE, price, quantity, ZERO_QUANTITY } from '../../domain/money.js';
import { sizedOrder } from '../../domain/order-sizing.js';
import { certainExcess, heldOf } from '../../domain/trade/certain-excess.js';
import { nextStep } from '../../domain/trade/next-step.js';
import { resultOf } from '../../domain/trade/result-of.js';
import type { ExitTerms } from '../../domain/trade/terms.js';
import type { ExitOutcome, SendOutcome, Step, TradeState } from '../../domain/trade/trade.js';
import { exitTried, learned, reported } from '../../domain/trade/transitions.js';
import type { Refusal } from '../../domain/venue.js';
import { fillOf, kalshiMarket, orderOf, polymarketMarket, terms } from './trade-fixture.js';
import { play } from './trade-story.js';

const STEPS_MAX = 3_000;
const sides = {
  yes: { market: polymarketMarket, limitPrice: price('0.52') },
  no: { market: kalshiMarket, limitPrice: price('0.45') },
} as const;

const cents = (from: number, to: number) =>
  fc.integer({ min: from, max: to }).map((cent) => (BigInt(cent) * 10_000_000n) as Price); // whole cents
const contracts = (most: number) =>
  fc.integer({ min: 1, max: most * 100 }).map((lots) => (BigInt(lots) * 10_000_000n) as Quantity); // whole lots
const levels = fc.array(fc.record({ price: cents(1, 99), quantity: contracts(80) }), {
  maxLength: 4,
});
const answers = fc.constantFrom(
  'all',
  'half',
  'none',
  'no_match',
  'funds',
  'rate',
  'venue_state',
  'market_closed',
  'terminal',
  'unknown',
  'lost',
  'notSent',
);

/** A market that answers as it likes, a new book for every look. */
const markets = fc.record({
  story: fc.constantFrom(
    'fired poly refused no_match | kalshi filled 100\n kalshi filled 100 @ 0.45',
    'fired poly canceled 61.37 | kalshi filled 100\n kalshi filled 100 @ 0.45\n poly filled 61.37 @ 0.52',
    'fired poly filled 100 | kalshi canceled 0\n poly filled 100 @ 0.52\n after 2000',
    'fired poly filled 100 | kalshi canceled 97\n poly filled 100 @ 0.50\n kalshi filled 97 @ 0.44\n after 500',
  ),
  looks: fc.infiniteStream(fc.record({ bids: levels, asks: levels, answer: answers })),
  exit: fc.record({
    policy: fc.constantFrom('cheapest', 'step_down'),
    lossMax: cents(0, 30),
    step: cents(1, 3),
  }),
  isFrozen: fc.boolean(),
});

type AnyMarket = typeof markets extends fc.Arbitrary<infer Market> ? Market : never;

interface Turn {
  readonly input: ExitInput;
  readonly order: ExitOrder;
}

/** Plays the desk until it is done; every order that was sent, with what it was decided by. */
function getOut(market: AnyMarket): {
  turns: Turn[];
  state: TradeState;
  nowMs: number;
} {
  const exit: ExitTerms = { ...terms.exit, ...market.exit };
  const played = play(market.story, { terms: { ...terms, exit } });
  const turns: Turn[] = [];
  let { state, nowMs } = played;
  for (let steps = 0; steps < STEPS_MAX; steps += 1) {
    const step = nextStep(state, nowMs);
    if (step.kind === 'done') return { turns, state, nowMs };
    if (step.kind === 'wait') nowMs = Math.max(nowMs, step.untilMs ?? nowMs);
    if (step.kind === 'ask') state = learned(state, answersFor(state, step), nowMs);
    if (step.kind === 'freeze') throw new Error('every question is answered at once here');
    if (step.kind !== 'exit') continue;
    const look = lookAt(market.looks);
    const input = inputOf(state, { step, look, exit, isFrozen: market.isFrozen, nowMs });
    const plan = planExit(input);
    if (plan.kind === 'wait')
      state = exitTried(state, { kind: 'waited', why: plan.why, untilMs: plan.untilMs }, nowMs);
    if (plan.kind === 'keep')
      state = exitTried(state, { kind: 'kept', reason: plan.reason }, nowMs);
    if (plan.kind !== 'order') continue;
    turns.push({ input, order: plan });
    const id = `exit${turns.length}`;
    const order = childOrderOf(state, plan, id);
    const outcome = outcomeOf(look.answer, order, nowMs);
    const filled = filledBy(look.answer, order);
    const rows =
      filled > 0n
        ? [
            {
              ...fillOf(order, {
                executionId: id,
                contracts: filled,
                price: order.limitPrice,
                atMs: nowMs,
              }),
              finality: 'final' as const,
            },
          ]
        : [];
    state = exitTried(state, outcome, nowMs);
    state = reported(state, rows, nowMs);
  }
  throw new Error('the exit never ends');
}

interface Look {
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
  readonly answer: string;
}

function lookAt(looks: Iterator<Look, unknown>): Look {
  const next = looks.next();
  if (next.done) throw new Error('there is always another look');
  return next.value;
}

interface Scene {
  readonly step: Extract<Step, { kind: 'exit' }>;
  readonly look: Look;
  readonly exit: ExitTerms;
  readonly isFrozen: boolean;
  readonly nowMs: number;
}

function inputOf(state: TradeState, { step, look, exit, isFrozen, nowMs }: Scene): ExitInput {
  const { excess, ladder } = step;
  const other = opposite(excess.leg);
  const byPrice = [...look.bids].sort((a, b) => Number(b.price - a.price));
  const byOffer = [...look.asks].sort((a, b) => Number(a.price - b.price));
  return {
    excess,
    ladder,
    own: { ...sideOf(excess.leg), book: bookOf(sideOf(excess.leg).instrument, byPrice, []) },
    other: { ...sideOf(other), book: bookOf(sideOf(other).instrument, [], byOffer) },
    isOtherLegTerminal: state.orders.length > 0,
    isFrozen,
    terms: exit,
    nowMs,
  };
}

function sideOf(leg: 'yes' | 'no') {
  const { market, limitPrice } = sides[leg];
  const instrument: Instrument = { venue: market.venue, market: market.market, outcome: leg };
  return { instrument, market, limitPrice };
}

const bookOf = (instrument: Instrument, bids: readonly Level[], asks: readonly Level[]): Book => ({
  instrument,
  bids,
  asks,
  heardAtMs: 0,
  hasGap: false,
});

function childOrderOf(state: TradeState, plan: ExitOrder, clientOrderId: string): ChildOrder {
  const sized = sizedOrder(plan);
  if (sized.kind === 'refused') throw new Error('a plan can be stated as its venue takes it');
  const { instrument, side, isReduceOnly } = plan;
  const { limitPrice, fixed, legalMaximum } = sized;
  const rung = state.ladder?.rung ?? 0;
  const purpose = { kind: 'exit', leg: instrument.outcome, rung, attempt: 0 } as const;
  return orderOf({
    clientOrderId,
    purpose,
    instrument,
    side,
    isReduceOnly,
    limitPrice,
    fixed,
    legalMaximum,
  });
}

function filledBy(answer: string, { fixed, limitPrice }: ChildOrder): Quantity {
  const meant =
    fixed.kind === 'contracts'
      ? fixed.contracts
      : (((fixed.collateral * ONE) / limitPrice) as Quantity); // dollars ÷ price
  const lots = meant / 10_000_000n;
  if (answer === 'all') return (lots * 10_000_000n) as Quantity; // whole lots
  if (answer === 'half') return ((lots / 2n) * 10_000_000n) as Quantity; // as above
  return ZERO_QUANTITY;
}

function outcomeOf(answer: string, order: ChildOrder, atMs: number): ExitOutcome {
  const how = order.side === 'sell' ? 'sell' : 'complete';
  const { clientOrderId } = order;
  if (answer === 'lost') return { kind: 'unknown', clientOrderId };
  const outcome = sendOutcomeOf(answer, order);
  return { kind: 'sent', how, order, outcome, atMs };
}

function sendOutcomeOf(answer: string, order: ChildOrder): SendOutcome {
  const told = { code: answer, reason: answer };
  if (answer === 'unknown' || answer === 'notSent') return { kind: answer, ...told };
  if (answer === 'all' || answer === 'half' || answer === 'none') {
    const state = answer === 'all' ? 'filled' : 'canceled';
    const venueOrderId = `v-${order.clientOrderId}`;
    return { kind: 'accepted', venueOrderId, state, cumulativeQuantity: filledBy(answer, order) };
  }
  return { kind: 'refused', refusal: answer as Refusal, ...told }; // one of `answers`
}

/** Every doubt ends: the order was never there. */
function answersFor(state: TradeState, { clientOrderIds }: Extract<Step, { kind: 'ask' }>) {
  return clientOrderIds.map((clientOrderId) => {
    const known = state.orders.find(({ order }) => order.clientOrderId === clientOrderId);
    return known
      ? ({ kind: 'absent', clientOrderId, order: known.order } as const)
      : ({ kind: 'neverSent', clientOrderId } as const);
  });
}

describe('getting out, whatever the books show and the venues answer', () => {
  const runs = { numRuns: 60 };

  test('ends, with nothing left in excess or with a reason for it', () => {
    fc.assert(
      fc.property(markets, (market) => {
        const { state, nowMs } = getOut(market);
        const { kind, residual } = resultOf(state, nowMs);
        expect(['exited', 'residual']).toContain(kind);
        expect(kind === 'residual').toBe(heldOf(state, 'yes') !== heldOf(state, 'no'));
        if (residual) expect(state.gaveUp).toBe(residual.reason);
        else expect(certainExcess(state)).toBeUndefined();
      }),
      runs,
    );
  });

  test('never sells more than the excess, nor the other leg', () => {
    fc.assert(
      fc.property(markets, (market) => {
        for (const { input, order } of getOut(market).turns) {
          expect(order.contracts).toBeLessThanOrEqual(input.excess.quantity);
          const meant = order.how === 'sell' ? input.own : input.other;
          expect(instrumentKey(order.instrument)).toBe(instrumentKey(meant.instrument));
          expect(order.side).toBe(order.how === 'sell' ? 'sell' : 'buy');
          if (order.how === 'sell')
            expect(order.contracts).toBeLessThanOrEqual(input.excess.sellable);
        }
      }),
      runs,
    );
  });

  test('never loses more than lossMax per contract, nor pays more than was reserved', () => {
    fc.assert(
      fc.property(markets, (market) => {
        for (const { input, order } of getOut(market).turns) {
          const bound = lossBound(input.terms) ?? price('1');
          const { how, market: where, limitPrice, contracts: count } = order;
          const loss = lossOf({
            how,
            market: where,
            limitPrice,
            contracts: count,
            basis: input.excess.basis,
          });
          expect(loss).toBeLessThanOrEqual(bound);
          if (how !== 'sell')
            expect(limitPrice).toBeLessThanOrEqual(add(input.other.limitPrice, bound));
        }
      }),
      runs,
    );
  });

  test('buys nothing under a freeze, and nothing at all by step_down', () => {
    fc.assert(
      fc.property(markets, (market) => {
        const isSaleOnly = market.isFrozen || market.exit.policy === 'step_down';
        const kinds = getOut(market).turns.map(({ order }) => order.how);
        if (isSaleOnly) expect(kinds.every((how) => how === 'sell')).toBe(true);
      }),
      runs,
    );
  });

  test('never tries a price again that was accepted and left quantity', () => {
    fc.assert(
      fc.property(markets, (market) => {
        for (const { input, order } of getOut(market).turns) {
          const { price: accepted } = input.ladder;
          if (order.how !== 'sell' || accepted === undefined) continue;
          expect(order.limitPrice).toBeLessThan(accepted);
        }
      }),
      runs,
    );
  });

  test('the figures of the end agree with each other', () => {
    fc.assert(
      fc.property(markets, (market) => {
        const { state, nowMs } = getOut(market);
        const { contracts: matched, fees, gross, net, exitCost } = resultOf(state, nowMs);
        expect(gross).toBe(add(net, fees));
        expect(exitCost).toBeGreaterThanOrEqual(money('0'));
        expect(matched).toBe(least(heldOf(state, 'yes'), heldOf(state, 'no')));
        expect(matched).toBeLessThanOrEqual(quantity('200'));
      }),
      runs,
    );
  });
});
