import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import type { VenueName } from '../../domain/index.js';
import type { FaultKind, OpenExchange } from '../../venues/simulation/index.js';
import { faultKinds, memoryLedger, openLedger } from '../../venues/simulation/index.js';
import type { Stage } from './stage.js';
import { level, MARKET, order, stage } from './stage.js';

const folder = mkdtempSync(join(tmpdir(), 'legwork-simulation-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Act {
  readonly text: string;
  readonly faults: readonly FaultKind[];
  readonly waitMs: number;
}

const acts = fc.array(
  fc.record({
    text: fc
      .tuple(
        fc.constantFrom('desk', 'rival'),
        fc.constantFrom('buy', 'sell'),
        fc.constantFrom('yes', 'no'),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 35, max: 65 }),
        fc.constantFrom('IOC', 'GTC', 'FOK', 'IOC reduce-only'),
      )
      .map(([who, side, outcome, size, cents, tif]) => {
        return `${who} ${side} ${outcome} ${size} @ 0.${cents} ${tif}`;
      }),
    faults: fc.subarray([...faultKinds], { maxLength: 2 }),
    waitMs: fc.integer({ min: 0, max: 5_000 }),
  }),
  { minLength: 1, maxLength: 30 },
);
const venues = fc.constantFrom<VenueName>('kalshi', 'polymarket');
const quotes = {
  bids: ['15 @ 0.48', '30 @ 0.45'].map(level),
  asks: ['15 @ 0.52', '30 @ 0.55'].map(level),
};

function play(script: readonly Act[], on: Stage, setFaults: (kinds: readonly FaultKind[]) => void) {
  for (const [index, act] of script.entries()) {
    setFaults(act.faults);
    on.exchange.place(order(act.text, String(index)));
    on.later(act.waitMs);
  }
}

function staged(venue: VenueName, ledger = memoryLedger(), clock = { nowMs: 1_000_000 }) {
  const faults: FaultKind[] = [];
  const on = stage({ venue, quotes, ledger, clock, faults, cash: '60' });
  return { on, setFaults: (kinds: readonly FaultKind[]) => void faults.splice(0, 9, ...kinds) };
}

/** All that a client or the ledger's owner could ask. */
function told(exchange: OpenExchange) {
  const of = (account: string) => ({
    balance: exchange.balance(account),
    positions: exchange.positions(account),
    orders: exchange.orders({ account }),
    trades: exchange.trades({ account }),
    settlements: exchange.settlements({ account }),
  });
  const { bids, asks } = exchange.book(MARKET) ?? {};
  const { faultCounts, feesCharged } = exchange.floor.state;
  return { desk: of('desk'), rival: of('rival'), bids, asks, faultCounts, feesCharged };
}

/** Dollars of everybody, in fees, and locked in contracts that will pay somebody. */
function allMoney(exchange: OpenExchange): bigint {
  const { state } = exchange.floor;
  const accounts = state.accountNames();
  const cash = accounts.reduce((sum, account) => sum + state.cash(account), 0n);
  const held = (outcome: 'yes' | 'no') =>
    accounts.reduce((sum, account) => sum + state.holding(account, MARKET)[outcome], 0n);
  expect(held('yes')).toBe(held('no'));
  return cash + state.feesCharged.fees + held('yes');
}

describe('whatever is traded, and whatever goes wrong', () => {
  test('dollars and contracts neither appear nor vanish, and nobody owes any', () => {
    fc.assert(
      fc.property(venues, acts, (venue, script) => {
        const { on, setFaults } = staged(venue);
        const before = allMoney(on.exchange);
        for (const act of script) {
          play([act], { ...on, exchange: on.exchange }, setFaults);
          expect(allMoney(on.exchange)).toBe(before);
          expectNoDebt(on.exchange);
        }
        untilPaid(on);
        expect(allMoney(on.exchange)).toBe(before);
        expect(on.exchange.positions('desk')).toEqual([]);
      }),
    );
  });

  test('the same script gives the same ledger', () => {
    fc.assert(
      fc.property(venues, acts, (venue, script) => {
        const runs = [staged(venue), staged(venue)];
        for (const { on, setFaults } of runs) play(script, on, setFaults);
        expect(runs[0]?.on.ledger.lines).toEqual(runs[1]?.on.ledger.lines);
      }),
      { numRuns: 30 },
    );
  });

  test('a killed exchange is the same again from its ledger', () => {
    let file = 0;
    fc.assert(
      fc.property(venues, acts, (venue, script) => {
        file += 1;
        const path = join(folder, `${file}.jsonl`);
        const first = staged(venue, openLedger(path));
        play(script, first.on, first.setFaults);
        const before = told(first.on.exchange);
        // Half an operation, cut by the kill: its answer never left, so it never happened.
        appendFileSync(path, '{"sequence":99,"hasMore":true,"row":{"kind":"order"');
        const again = staged(venue, openLedger(path), first.on.clock);
        expect(told(again.on.exchange)).toEqual(before);
        first.on.exchange.close();
        again.on.exchange.close();
      }),
      { numRuns: 30 },
    );
  });
});

/** Second by second: a fill that is late for a second is not to come when the market has closed. */
function untilPaid(on: Stage): void {
  for (let second = 0; second < 66; second += 1) on.later(1_000);
}

function expectNoDebt(exchange: OpenExchange): void {
  for (const account of ['desk', 'rival']) {
    expect(exchange.balance(account).cash).toBeGreaterThanOrEqual(0n);
    for (const { quantity, lockedQuantity } of exchange.positions(account)) {
      expect(quantity).toBeGreaterThan(0n);
      expect(lockedQuantity).toBeLessThanOrEqual(quantity);
    }
  }
}
