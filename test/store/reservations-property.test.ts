import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Admission, ArbitrageIntent, ChildOrder, Fill, Pair } from '../../domain/index.js';
import {
  cashReserved,
  clientOrderIdFor,
  formatAmount,
  legInstrument,
  money,
  positionCaseKey,
  quantity,
  reservationFor,
  toWire,
  venueNames,
} from '../../domain/index.js';
import {
  bookEntries,
  closeTrade,
  ensureAccount,
  openCase,
  readAccountState,
  readStoredTrade,
  recordOrders,
  releaseLeftover,
  reopenTrade,
  restoreReservation,
  withAccountLocked,
  writeApproval,
} from '../../store/index.js';
import { releaseReservation } from '../../store/reservations.js';
import { policy } from '../domain/risk-fixture.js';
import { approvalFor, pair as fixturePair } from '../domain/trade-fixture.js';
import type { Plot } from '../model/moves.js';
import { costliestWay, setAsideFor } from '../model/plain-reservation.js';
import { entryOf } from '../model/plot-orders.js';
import { tellFigures } from '../support/figures.js';
import { enter, fillOf, NOW_MS, openDesk, resultOf } from './desk.js';

const desk = openDesk();
const RUNS = 28;
/** The same orders every time, so that what has to happen in them does. */
const SEED = 1;
const TRADES = 4;

/** What happens to a trade's reservation; custody restores what is `lost` or `erased`. */
const deeds = [
  'admit',
  'close whole',
  'close lacking',
  'reopen',
  'restore',
  'release',
  'lost',
  'erased',
  'looked after',
] as const;
type Deed = (typeof deeds)[number];

const weights: Readonly<Record<Deed, number>> = {
  ...{ admit: 8, 'close whole': 1, 'close lacking': 4, reopen: 6, restore: 7 },
  ...{ release: 3, lost: 4, erased: 4, 'looked after': 1 },
};
const deed = fc.oneof(
  ...deeds.map((one) => ({ weight: weights[one], arbitrary: fc.constant(one) })),
);
const step = fc.uniqueArray(fc.record({ trade: fc.nat(TRADES - 1), deed }), {
  ...{ minLength: 1, maxLength: 3, selector: ({ trade }) => trade },
});
const sizes = fc.record({
  type: fc.constantFrom<Plot['type']>('poly_yes_kalshi_no', 'kalshi_yes_poly_no'),
  contracts: fc.constantFrom(6, 20, 37.5, 100),
});
const stories = fc.record({
  sizes: fc.array(sizes, { minLength: TRADES, maxLength: TRADES }),
  steps: fc.array(step, { minLength: 8, maxLength: 24, size: 'max' }),
});

test('what an account has set aside is what its open trades may cost', async (context) => {
  const happened = new Map<string, number>();
  let runs = 0;
  const property = fc.asyncProperty(stories, async (story) => {
    runs += 1;
    const account = `account-${runs}`;
    await ensureAccount(desk.db, account);
    const trades = story.sizes.map((size, index) => plainTrade(account, index, size));
    let atMs = NOW_MS;
    for (const together of story.steps) {
      atMs += 1;
      const doing = together.map(async ({ trade: index, deed: what }) => {
        const trade = trades[index];
        if (!trade) throw new Error(`there is no trade ${index}`);
        if (await done[what](trade, atMs)) happened.set(what, (happened.get(what) ?? 0) + 1);
      });
      await Promise.all(doing);
      await expectReserved(account, trades);
    }
  });
  await fc.assert(property, { numRuns: RUNS, seed: SEED });
  tellFigures(context, 'reservations', ...[...happened].map(([what, count]) => ({ what, count })));
  for (const what of deeds) expect(happened.get(what) ?? 0, what).toBeGreaterThanOrEqual(3);
}, 120_000);

/** A trade, and what is known of it without the store. */
interface PlainTrade {
  readonly workflowId: string;
  readonly name: string;
  readonly account: string;
  readonly pair: Pair;
  readonly yesOrder: ChildOrder;
  readonly noOrder: ChildOrder;
  readonly change: Partial<ArbitrageIntent>;
  readonly fill: Fill;
  /** In dollars: what is set aside of exposure and at each venue, what it costs at worst. */
  readonly exposure: bigint;
  readonly needed: Readonly<Record<'kalshi' | 'polymarket', bigint>>;
  readonly worst: bigint;
  state: 'new' | 'open' | 'whole' | 'lacking';
  isReserved: boolean;
  isCustodys: boolean;
}

/** The last trade shares its pair with the first: one may hold it while the other is restored. */
function plainTrade(account: string, index: number, size: Pick<Plot, 'type' | 'contracts'>) {
  const name = `${account}.${index}`;
  const workflowId = `arbitrage/${name}`;
  const plot: Plot = { ...size, policy: 'cheapest', shot: [still, still], moves: [] };
  const plain = { yes: entryOf(plot, 'yes'), no: entryOf(plot, 'no') };
  const pairId = `${account}/${index % 3}`;
  const pair: Pair = {
    ...{ ...fixturePair, pairId },
    polymarket: { ...fixturePair.polymarket, market: `0x${name}` },
    kalshi: { ...fixturePair.kalshi, market: `KX-${name}` },
  };
  const entry = (leg: 'yes' | 'no'): ChildOrder => ({
    ...{ ...plain[leg], workflowId, account },
    clientOrderId: clientOrderIdFor(workflowId, { kind: 'entry', leg }),
    instrument: legInstrument(pair, size.type, leg),
  });
  const yesOrder = entry('yes');
  const { instrument } = yesOrder;
  const legs = [setAsideFor(plain.yes, plain.no), setAsideFor(plain.no, plain.yes)] as const;
  const [yes, no] = legs;
  const needed =
    instrument.venue === 'kalshi'
      ? { kalshi: yes.needed, polymarket: no.needed }
      : { kalshi: no.needed, polymarket: yes.needed };
  const ids = { account, instrument, venueOrderId: name, executionId: name };
  const trade: PlainTrade = {
    ...{ workflowId, name, account, pair, yesOrder, noOrder: entry('no'), needed },
    change: { account, pairId, type: size.type },
    fill: fillOf({ ...ids, quantity: quantity('5') }),
    exposure: yes.cash + no.cash,
    worst: costliestWay(plain.yes) + costliestWay(plain.no),
    ...{ state: 'new', isReserved: false, isCustodys: false },
  };
  return trade;
}

const still = { what: 'time', pick: 0, size: 1, twist: 0 } as const;

/** Each says whether it changed what it is about. */
const done: Readonly<Record<Deed, (trade: PlainTrade, atMs: number) => Promise<boolean>>> = {
  admit,
  'close whole': async (trade, atMs) => close(trade, atMs, 'whole'),
  'close lacking': async (trade, atMs) => close(trade, atMs, 'lacking'),
  reopen: async (trade, atMs) => {
    const { workflowId, account, yesOrder, state, isCustodys } = trade;
    const caseKeys = [positionCaseKey(account, yesOrder.instrument)];
    const stored = await readStoredTrade(desk.db, workflowId);
    if (!stored) return false;
    const isReopened = await reopenTrade(desk.db, { ...stored, policy, caseKeys, atMs });
    expect(isReopened).toBe(state === 'lacking' && !isCustodys);
    if (isReopened) Object.assign(trade, { state: 'open', isReserved: true });
    return isReopened;
  },
  restore: async (trade, atMs) => {
    const stored = await readStoredTrade(desk.db, trade.workflowId);
    if (!stored) return false;
    await restoreReservation(desk.db, { trade: stored.trade, policy, atMs });
    if (trade.state !== 'open') return false;
    const wasReserved = trade.isReserved;
    trade.isReserved = true;
    return !wasReserved;
  },
  /** Of a trade that is over nothing is left; of one that lives nothing is taken. */
  release: async ({ workflowId, state }, atMs) => {
    await releaseLeftover(desk.db, { workflowId, atMs });
    return state === 'open';
  },
  lost: async (trade, atMs) => {
    const { workflowId, isReserved } = trade;
    await releaseReservation(desk.db, { workflowId, atMs });
    trade.isReserved = false;
    return isReserved;
  },
  erased: async (trade) => {
    const { workflowId, isReserved } = trade;
    await desk.db.deleteFrom('reservations').where('workflow_id', '=', workflowId).execute();
    trade.isReserved = false;
    return isReserved;
  },
  'looked after': async (trade, atMs) => {
    const { account, yesOrder, isCustodys } = trade;
    const { instrument } = yesOrder;
    const key = positionCaseKey(account, instrument);
    const why = 'no open trade explains these contracts';
    const found = { kind: 'position', key, why, instrument, quantity: quantity('5') } as const;
    if (!isCustodys) await openCase(desk.db, { place: { account, instrument }, found, atMs });
    trade.isCustodys = true;
    return !isCustodys;
  },
};

/** As the desk does it: what is read decides, and a pair that another holds is not taken. */
async function admit(trade: PlainTrade, atMs: number): Promise<boolean> {
  if (trade.state !== 'new') return false;
  const { workflowId, name, account, pair, yesOrder, noOrder, change, fill } = trade;
  const { pairId } = pair;
  const { intent } = await enter(desk.db, name, change);
  const entries = { yesOrder, noOrder };
  const isApproved = await withAccountLocked(desk.db, account, async (tx) => {
    const state = await readAccountState(tx, { account, pairId, workflowId, nowMs: atMs });
    if (state.hold) return false;
    const reservation = reservationFor({ intent, pair, entries, policy });
    const given: Admission = { ...approvalFor(), pair, entries, atMs };
    const admission = toWire(given);
    await writeApproval(tx, { workflowId, pairId, admission, reservation, atMs });
    return true;
  });
  if (!isApproved) return false;
  const sent = { order: yesOrder, mode: 'simulated', body: '{}', venueOrderId: name } as const;
  await recordOrders(desk.db, [sent]);
  await bookEntries(desk.db, [fill]);
  Object.assign(trade, { state: 'open', isReserved: true });
  return true;
}

async function close(trade: PlainTrade, atMs: number, how: 'whole' | 'lacking'): Promise<boolean> {
  if (trade.state === 'new') return false;
  const stored = await readStoredTrade(desk.db, trade.workflowId);
  if (!stored) return false;
  const { workflowId, intent } = stored.trade;
  const result = resultOf('residual', { net: how === 'whole' ? trade.fill.cash : money('0') });
  const closing = { workflowId, intent, result, isError: false, holdForMs: 0, atMs };
  const wasOpen = trade.state === 'open';
  expect(await closeTrade(desk.db, closing)).toBe(wasOpen ? 'closed' : 'unchanged');
  if (wasOpen) Object.assign(trade, { state: how, isReserved: false });
  return wasOpen;
}

/** What the next admission would read, to the unit, and enough for every way to trade. */
async function expectReserved(account: string, trades: readonly PlainTrade[]): Promise<void> {
  const asking = { account, pairId: 'another', workflowId: 'nobody', nowMs: NOW_MS };
  const { reservations } = await withAccountLocked(desk.db, account, (tx) =>
    readAccountState(tx, asking),
  );
  const reserved = trades.filter(({ isReserved }) => isReserved);
  expect(reservations.map(({ workflowId }) => workflowId)).toEqual(
    reserved.map(({ workflowId }) => workflowId),
  );
  const exposure = sum(reservations.map((one) => one.exposure));
  expect(formatAmount(exposure)).toBe(formatAmount(sum(reserved.map((one) => one.exposure))));
  expect(exposure >= sum(reserved.map(({ worst }) => worst))).toBe(true);
  for (const venue of venueNames) {
    const cash = sum(reservations.map((one) => cashReserved(one, venue)));
    const plain = sum(reserved.map(({ needed }) => needed[venue]));
    expect([venue, formatAmount(cash)]).toEqual([venue, formatAmount(plain)]);
  }
}

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, one) => total + one, 0n);
