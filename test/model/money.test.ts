import fc from 'fast-check';
import { expect, test } from 'vitest';
import { opportunityOf } from '../../bench/exit/exit-comparison.js';
import { tradeToItsEnd } from '../../bench/exit/mismatched-trade.js';
import { ACCOUNT, TwoVenues } from '../../bench/exit/two-venues.js';
import type { TradeState } from '../../domain/index.js';
import { formatAmount, money, resultOf, venueNames } from '../../domain/index.js';
import type { FaultKind, OpenExchange } from '../../venues/simulation/index.js';
import { deskTerms } from '../../workers/trading/desk-terms.js';
import { tellFigures } from '../support/figures.js';

const CASH = money('5000');
const RUNS = 40;
/** Markets close, are decided, and Polymarket's holders redeem: all of it is over by then. */
const RESOLVED_AFTER_MS = 400_000;
/** A round may have begun when the trade did, and a decision is announced before it pays. */
const RESOLUTIONS = 4;
/** What an order answers and the desk cannot be told of needs evidence: that is the faults' suite. */
const faults: readonly FaultKind[] = [
  'reject',
  'partial_fill',
  'pulled_liquidity',
  'failed_settlement',
];

const worlds = fc.record({
  seed: fc.nat(2_000),
  policy: fc.constantFrom<'cheapest' | 'step_down'>('cheapest', 'step_down'),
  ofEach: fc.array(fc.subarray([...faults], { maxLength: 2 }), { minLength: 6, maxLength: 6 }),
});

test('not a unit of money is lost or made between both venues, their fees and our result', (context) => {
  const ends = new Map<string, number>();
  const happened = new Map<string, number>();
  fc.assert(
    fc.property(worlds, ({ seed, policy, ofEach }) => {
      const opportunity = opportunityOf(seed);
      fc.pre(opportunity !== undefined);
      const { pair, priced, atMs } = opportunity;
      const sent = new Map<string, readonly FaultKind[]>();
      const faultsOf = (id: string): readonly FaultKind[] => {
        const kinds = sent.get(id) ?? ofEach[sent.size] ?? [];
        sent.set(id, kinds);
        return kinds;
      };
      const venues = new TwoVenues({ seed, pair, startsAtMs: atMs, cash: CASH, faultsOf });
      const before = venueNames.map((venue) =>
        allMoney(venues.exchanges[venue], pair[venue].market),
      );
      const terms = deskTerms({ terms: { exit: { policy } } });
      const state = tradeToItsEnd({ venues, pair, priced, terms, intentId: `money.${seed}` });
      const { kind } = resultOf(state, venues.nowMs);
      ends.set(kind, (ends.get(kind) ?? 0) + 1);

      const after = venueNames.map((venue) =>
        allMoney(venues.exchanges[venue], pair[venue].market),
      );
      expect(after).toEqual(before);
      expectOurs(venues, state);
      for (let passed = 0; passed < RESOLUTIONS; passed += 1) venues.passes(RESOLVED_AFTER_MS);
      expectPaid(venues, state);
      for (const venue of venueNames) {
        const { kinds } = venues.exchanges[venue].faults.script.counts();
        for (const [kind, count] of Object.entries(kinds)) {
          happened.set(kind, (happened.get(kind) ?? 0) + count);
        }
      }
    }),
    { numRuns: RUNS },
  );
  tellFigures(context, 'money', ...[...ends].map(([end, trades]) => ({ end, trades })));
  tellFigures(context, 'money by fault', ...faults.map((fault) => told(fault, happened)));
  expect([...ends.keys()].length).toBeGreaterThan(1);
  for (const fault of faults) expect(happened.get(fault), fault).toBeGreaterThan(0);
}, 120_000);

const told = (fault: FaultKind, happened: ReadonlyMap<string, number>) => ({
  fault,
  injected: happened.get(fault) ?? 0,
});

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

/** Whatever the event turned out to be, every matched contract has paid its dollar. */
function expectPaid(venues: TwoVenues, state: TradeState): void {
  const { net, residual } = resultOf(state, venues.nowMs);
  const settled = venueNames.flatMap((venue) =>
    venues.exchanges[venue].settlements({ account: ACCOUNT }),
  );
  const leftPays = settled.some(({ outcome, price }) => outcome === residual?.leg && price > 0n);
  const left = residual && leftPays ? residual.quantity : 0n;
  expect(formatAmount(moved(venues))).toBe(formatAmount(net + left));
}

function moved({ exchanges }: TwoVenues): bigint {
  return venueNames.reduce((sum, venue) => sum + exchanges[venue].balance(ACCOUNT).cash - CASH, 0n);
}
