import fc from 'fast-check';
import { expect, test } from 'vitest';
import { opportunityOf } from '../../bench/exit/exit-comparison.js';
import { tradeToItsEnd } from '../../bench/exit/mismatched-trade.js';
import { ACCOUNT, STRANGER, TwoVenues } from '../../bench/exit/two-venues.js';
import type { Pair, TradeRow, TradeState } from '../../domain/index.js';
import {
  formatAmount,
  heldOf,
  legInstrument,
  money,
  negate,
  ONE_DOLLAR,
  price,
  quantity,
  resultOf,
  subtract,
  venueNames,
} from '../../domain/index.js';
import type { Fault, OpenExchange, SimulatedSettlement } from '../../venues/simulation/index.js';
import { deskTerms } from '../../workers/trading/desk-terms.js';
import { tellFigures } from '../support/figures.js';

const CASH = money('5000');
const RUNS = 160;
const RUNS_ANEW = 40;
/** The same worlds every time, so that what has to happen in them does; others are drawn anew. */
const SEED = 1;
/** Markets close, are decided, and Polymarket's holders redeem: all of it is over by then. */
const RESOLVED_AFTER_MS = 400_000;
/** A round may have begun when the trade did, and a decision is announced before it pays. */
const RESOLUTIONS = 4;
/** News that is late is so by this much: longer than a settlement takes. */
const LATE_BY_MS = 4_000;
/** Of so many contracts a stranger makes sets, and takes some of them back. */
const SPLIT = quantity('120.5');
const MERGED = quantity('70.25');
const CENT = money('0.01');
const NOTHING = price('0');

const faults: readonly Fault[] = [
  { kind: 'reject' },
  { kind: 'partial_fill' },
  { kind: 'pulled_liquidity' },
  { kind: 'failed_settlement' },
  { kind: 'late_fill' },
  { kind: 'timeout_after_acceptance' },
  { kind: 'better_price', by: '0.03' },
  { kind: 'overfill', by: '3' },
];
/** How the desk hears of what was traded. */
const tellings = ['at once', 'twice', 'backwards', 'late'] as const;
type Telling = (typeof tellings)[number];

/** How its market ends: as its story has it, or for nothing, and then each YES pays this much. */
const endings = ['decided', '0.5', '0.37'] as const;

const worlds = fc.record({
  seed: fc.nat(2_000),
  policy: fc.constantFrom<'cheapest' | 'step_down'>('cheapest', 'step_down'),
  ofEach: fc.array(fc.subarray([...faults], { maxLength: 2 }), { minLength: 6, maxLength: 6 }),
  telling: fc.constantFrom(...tellings),
  ending: fc.constantFrom(...endings),
});
type World = typeof worlds extends fc.Arbitrary<infer Drawn> ? Drawn : never;

test('not a unit of money is lost or made between venues, fees and our result', (context) => {
  const happened = new Map<string, number>();
  fc.assert(
    fc.property(worlds, (world) => {
      expectKept(world, happened);
    }),
    { numRuns: RUNS, seed: SEED },
  );
  tellFigures(context, 'money', ...[...happened].map(([what, count]) => ({ what, count })));
  const ends = ['matched', 'exited', 'missed', 'residual'].map((end) => `end: ${end}`);
  const kinds = faults.map(({ kind }) => kind);
  for (const what of [...ends, ...kinds, ...tellings, ...endings]) {
    expect(happened.get(what) ?? 0, what).toBeGreaterThan(0);
  }
}, 300_000);

test('and none is in worlds that nobody has seen', () => {
  fc.assert(
    fc.property(worlds, (world) => {
      expectKept(world, new Map());
    }),
    { numRuns: RUNS_ANEW },
  );
}, 300_000);

function expectKept(world: World, happened: Map<string, number>): void {
  const { seed, policy, telling, ending } = world;
  const opportunity = opportunityOf(seed);
  fc.pre(opportunity !== undefined);
  const { pair, priced, atMs } = opportunity;
  const venues = new TwoVenues({
    ...{ seed, pair, startsAtMs: atMs, cash: CASH },
    faultsOf: () => [],
    alsoOf: faultsInTurn(world),
    told: tellers[telling],
  });
  const before = wealth(venues, pair);
  const chain = venues.exchanges.polymarket;
  const split = chain.split(STRANGER, pair.polymarket.market, SPLIT);
  const terms = deskTerms({ terms: { exit: { policy } } });
  const state = tradeToItsEnd({ venues, pair, priced, terms, intentId: `money.${seed}` });
  const merged = chain.merge(STRANGER, pair.polymarket.market, MERGED);
  expect([split.kind, merged.kind]).toEqual(['changed', 'changed']);
  expect(wealth(venues, pair)).toEqual(before);
  expectOurs(venues, state);

  if (ending !== 'decided') voided(venues, pair, ending);
  for (let passed = 0; passed < RESOLUTIONS; passed += 1) venues.passes(RESOLVED_AFTER_MS);
  expectPaid(venues, state, pair);
  expectAllPaid(venues, pair, before);

  const { kind } = resultOf(state, venues.nowMs);
  for (const what of [`end: ${kind}`, telling, ending, ...struck(venues)]) {
    happened.set(what, (happened.get(what) ?? 0) + 1);
  }
}

/** Each order as it is sent has the next lot of faults, and keeps it. */
function faultsInTurn({ ofEach }: World): (clientOrderId: string) => readonly Fault[] {
  const sent = new Map<string, readonly Fault[]>();
  return (id) => {
    const kinds = sent.get(id) ?? ofEach[sent.size] ?? [];
    sent.set(id, kinds);
    return kinds;
  };
}

type Teller = (rows: readonly TradeRow[], nowMs: number) => readonly TradeRow[];

const tellers: Readonly<Record<Telling, Teller>> = {
  'at once': (rows) => rows,
  twice: (rows) => [...rows, ...rows],
  backwards: (rows) => rows.toReversed(),
  late: (rows, nowMs) => rows.filter(({ atMs }) => atMs <= nowMs - LATE_BY_MS),
};

function voided(venues: TwoVenues, pair: Pair, yesPays: string): void {
  for (const venue of venueNames) {
    const { market } = pair[venue];
    const exchange = venues.exchanges[venue];
    if (exchange.market(market)?.state !== 'settled') exchange.voidMarket(market, price(yesPays));
  }
}

const wealth = ({ exchanges }: TwoVenues, pair: Pair): bigint[] =>
  venueNames.map((venue) => allMoney(exchanges[venue], pair[venue].market));

/** Dollars of everybody, of the venue, and in contracts that will pay somebody. */
function allMoney({ floor }: OpenExchange, market: string): bigint {
  const { state } = floor;
  const accounts = state.accountNames();
  const cash = accounts.reduce((sum, account) => sum + state.cash(account), 0n);
  const pairs = accounts.reduce((sum, account) => sum + state.holding(account, market).yes, 0n);
  return cash + state.feesCharged.fees + pairs;
}

/** Our cash has moved by exactly what the result says, contracts apart. */
function expectOurs(venues: TwoVenues, state: TradeState): void {
  const { net, contracts, fees } = resultOf(state, venues.nowMs);
  expect(formatAmount(moved(venues))).toBe(formatAmount(net - contracts));
  const charged = venueNames.reduce(
    (sum, venue) => sum + venues.exchanges[venue].floor.state.feesCharged.fees,
    0n,
  );
  expect(formatAmount(fees)).toBe(formatAmount(charged));
}

/** Whatever the event turned out to be, what is held of both legs has paid, and nothing else. */
function expectPaid(venues: TwoVenues, state: TradeState, pair: Pair): void {
  const { net, contracts } = resultOf(state, venues.nowMs);
  const { type } = state.intent;
  const paid = (['yes', 'no'] as const).map((leg) => {
    const { venue, market, outcome } = legInstrument(pair, type, leg);
    const yesPays = venues.exchanges[venue].market(market)?.yesPays ?? NOTHING;
    const noPays = subtract(ONE_DOLLAR, yesPays);
    const held = heldOf(state, leg);
    // Who sold more than was held has the other outcome where both net, and owes elsewhere.
    const isOther = held < 0n && pair[venue].netsOutcomes;
    const each = (outcome === 'yes') === isOther ? noPays : yesPays;
    const exact = (each * (isOther ? negate(held) : held)) / BigInt(ONE_DOLLAR);
    return venue === 'kalshi' ? exact - (exact % CENT) : exact;
  });
  const sum = paid.reduce((all, one) => all + one, 0n);
  expect(formatAmount(moved(venues))).toBe(formatAmount(net - contracts + sum));
}

/** All contracts are dollars again. Kalshi pays whole cents and keeps the rest, of each holding. */
function expectAllPaid(venues: TwoVenues, pair: Pair, before: readonly bigint[]): void {
  for (const [index, venue] of venueNames.entries()) {
    const { floor } = venues.exchanges[venue];
    const dropped = (before[index] ?? 0n) - allMoney(venues.exchanges[venue], pair[venue].market);
    const held = venue === 'kalshi' ? floor.state.settlements.filter(isPartOfCent).length : 0;
    expect(dropped >= 0n && dropped <= BigInt(held) * CENT, `${venue} keeps ${dropped}`).toBe(true);
    for (const account of floor.state.accountNames()) {
      const { yes, no } = floor.state.holding(account, pair[venue].market);
      expect([account, yes, no]).toEqual([account, 0n, 0n]);
    }
  }
}

function isPartOfCent({ price: each, quantity: contracts }: SimulatedSettlement): boolean {
  return (each * contracts) % (BigInt(ONE_DOLLAR) * CENT) !== 0n;
}

function moved({ exchanges }: TwoVenues): bigint {
  return venueNames.reduce((sum, venue) => sum + exchanges[venue].balance(ACCOUNT).cash - CASH, 0n);
}

/** The faults that really happened, each as often as it did. */
function struck({ exchanges }: TwoVenues): string[] {
  return venueNames.flatMap((venue) => {
    const { kinds } = exchanges[venue].faults.script.counts();
    return Object.entries(kinds).flatMap(([kind, count]) => Array<string>(count).fill(kind));
  });
}
