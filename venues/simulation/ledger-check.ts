import type { ChildOrder, Instrument, VenueEntry, VenueName } from '../../domain/index.js';
import { formatAmount, isTradeRow, polymarketSalt, purposeLine } from '../../domain/index.js';
import { CROWD } from './crowd.js';
import type { FaultKind } from './faults.js';
import { faultKinds } from './faults.js';
import type { LedgerRow } from './ledger-row.js';
import type { SimulatedSetChange, TradePart } from './trade.js';
import { venueRules } from './venue-rules.js';

/** What our books and the venues' own ledgers say, side by side. */
export interface LedgerQuestion {
  readonly ledgers: Readonly<Partial<Record<VenueName, readonly LedgerRow[]>>>;
  readonly entries: readonly VenueEntry[];
  readonly orders: readonly Pick<
    ChildOrder,
    'clientOrderId' | 'workflowId' | 'purpose' | 'instrument'
  >[];
}

/** All zero when not a fill, not an order and not a cent is lost, made up or counted twice. */
export interface LedgerCheck {
  /** Facts of a ledger (fills, reversals, settlements, merges, splits) without our entry. */
  readonly missing: number;
  /** Our entries without a fact in a ledger. */
  readonly extra: number;
  /** A leg or rung with more than one ledger order, and facts that either side counts twice. */
  readonly duplicate: number;
  /** Σ |ledger − our entries| over all positions in contracts, and over all cash in dollars. */
  readonly positionDifference: string;
}

/**
 * 1. Every trade part, reversal and settlement of our accounts in a ledger has one entry of ours,
 *    and the other way round.
 * 2. Every entry leg and every rung of an exit has at most one order that a venue took in.
 * 3. Both sides add up to the same position per instrument and the same cash per account. Where a
 *    venue nets, a NO is compared as a YES owed with its dollar put by: there it makes no
 *    difference whether a position was closed by a sale or by buying the other outcome.
 */
export function ledgerCheck({ ledgers, entries, orders }: LedgerQuestion): LedgerCheck {
  const venues = Object.entries(ledgers) as [VenueName, readonly LedgerRow[]][]; // its own keys
  const theirs = venues.flatMap(([venue, rows]) => rows.flatMap((row) => factsOf(venue, row)));
  const ours = entries.map(factOfEntry);
  const [theirKeys, ourKeys] = [countsOf(theirs), countsOf(ours)];
  return {
    missing: [...theirKeys.keys()].filter((key) => !ourKeys.has(key)).length,
    extra: [...ourKeys.keys()].filter((key) => !theirKeys.has(key)).length,
    duplicate: excess(theirKeys) + excess(ourKeys) + duplicateOrders(venues, orders),
    positionDifference: formatAmount(differenceOf(theirs, ours)),
  };
}

/** How many faults of each kind a ledger says were injected. */
export function faultsCounted(rows: readonly LedgerRow[]): Readonly<Record<FaultKind, number>> {
  const injected = rows.flatMap((row) => (row.kind === 'fault' ? [row.fault] : []));
  const counts = faultKinds.map((kind) => [kind, injected.filter((one) => one === kind).length]);
  return Object.fromEntries(counts) as Record<FaultKind, number>; // one entry per kind
}

/** One thing that moved an account, in terms that both sides share. */
interface Fact {
  readonly key: string;
  readonly account: string;
  readonly instrument: Instrument;
  /** Signed change of the contracts of `instrument`, and of the account's cash. */
  readonly contracts: bigint;
  readonly cash: bigint;
}

function factsOf(venue: VenueName, row: LedgerRow): readonly Fact[] {
  switch (row.kind) {
    case 'trade':
      return partFacts(venue, row.trade.market, { ...row.trade, kind: 'fill' });
    case 'reversal':
      return partFacts(venue, row.market, { ...row, kind: 'reversal' });
    case 'settlement': {
      const { account, market, outcome, quantity, cash } = row.settlement;
      if (account === CROWD) return [];
      const instrument = { venue, market, outcome };
      const key = settlementKey(account, instrument);
      return [{ key, account, instrument, contracts: -BigInt(quantity), cash }];
    }
    case 'set_change':
      return row.change.account === CROWD ? [] : setFacts(venue, row.change);
    case 'opened':
    case 'order':
    case 'order_status':
    case 'trade_status':
    case 'market_closed':
    case 'market_decided':
    case 'market_settled':
    case 'redemptions':
    case 'order_group':
    case 'order_group_counted_anew':
    case 'order_group_deleted':
    case 'fault':
      return [];
  }
}

/** A merge takes as many of each outcome as it pays dollars; half of them is said of either. */
function setFacts(venue: VenueName, change: SimulatedSetChange): readonly Fact[] {
  const { how, account, market, reference, quantity, cash } = change;
  const contracts = how === 'split' ? BigInt(quantity) : -BigInt(quantity);
  return (['yes', 'no'] as const).map((outcome) => {
    const instrument = { venue, market, outcome };
    const part = outcome === 'yes' ? cash / 2n : cash - cash / 2n;
    return {
      key: setKey(account, instrument, reference),
      account,
      instrument,
      contracts,
      cash: part,
    };
  });
}

interface Parts {
  readonly kind: 'fill' | 'reversal';
  readonly tradeId: string;
  readonly parts: readonly TradePart[];
}

function partFacts(venue: VenueName, market: string, { kind, tradeId, parts }: Parts) {
  const direction = kind === 'fill' ? 1n : -1n;
  return parts
    .filter(({ account }) => account !== CROWD)
    .map(({ account, venueOrderId, outcome, side, quantity, cash }): Fact => {
      const bought = side === 'buy' ? direction : -direction;
      return {
        key: tradeKey(kind, venue, [account, venueOrderId, tradeId]),
        account,
        instrument: { venue, market, outcome },
        contracts: bought * BigInt(quantity),
        cash: direction * cash,
      };
    });
}

function factOfEntry(entry: VenueEntry): Fact {
  const { account, instrument, cash } = entry;
  if (entry.kind === 'settlement') {
    const key = settlementKey(account, instrument);
    return { key, account, instrument, contracts: -BigInt(entry.quantity), cash };
  }
  if (!isTradeRow(entry)) {
    const key = setKey(account, instrument, entry.reference);
    const contracts = entry.kind === 'split' ? entry.quantity : -BigInt(entry.quantity);
    return { key, account, instrument, contracts, cash };
  }
  const { kind, venueOrderId, executionId, side, quantity } = entry;
  const isMore = (kind === 'fill') === (side === 'buy');
  return {
    key: tradeKey(kind, instrument.venue, [account, venueOrderId, executionId]),
    account,
    instrument,
    contracts: isMore ? quantity : -BigInt(entry.quantity),
    cash,
  };
}

const tradeKey = (kind: string, venue: VenueName, ids: readonly string[]): string =>
  [kind, venue, ...ids].join('\n');

/** A venue's name for a payment is its own; an account is paid for an instrument once. */
const settlementKey = (account: string, { venue, market, outcome }: Instrument): string =>
  ['settlement', venue, account, market, outcome].join('\n');

/** A transaction's hash; the wire writes it with 0x. */
const setKey = (account: string, { venue, market, outcome }: Instrument, reference: string) =>
  ['set', venue, account, reference.replace(/^0x/, ''), market, outcome].join('\n');

function countsOf(facts: readonly Fact[]): ReadonlyMap<string, number> {
  return tally(facts.map(({ key }) => key));
}

function tally(keys: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/** How many are there beyond one of each. */
function excess(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count - 1, 0);
}

/** Orders that a venue took in for one leg or rung, beyond the first. */
function duplicateOrders(
  venues: readonly (readonly [VenueName, readonly LedgerRow[]])[],
  orders: LedgerQuestion['orders'],
): number {
  const purposes = new Map(
    orders.map((order) => [
      `${order.instrument.venue}\n${clientKeyOf(order)}`,
      `${order.workflowId}\n${purposeLine(order.purpose)}`,
    ]),
  );
  const taken = venues.flatMap(([venue, rows]) =>
    rows.flatMap((row) =>
      row.kind === 'order' ? [purposes.get(`${venue}\n${row.order.clientKey}`)] : [],
    ),
  );
  return excess(tally(taken.filter((purpose) => purpose !== undefined)));
}

/** What the venue knows of our name for an order. */
export function clientKeyOf({
  clientOrderId,
  instrument,
}: Pick<ChildOrder, 'clientOrderId' | 'instrument'>): string {
  return instrument.venue === 'kalshi' ? clientOrderId : polymarketSalt(clientOrderId).toString();
}

function differenceOf(theirs: readonly Fact[], ours: readonly Fact[]): bigint {
  const difference = new Map<string, bigint>();
  const count = (facts: readonly Fact[], sign: bigint) => {
    for (const fact of facts) {
      for (const [key, amount] of balancesMoved(fact)) {
        difference.set(key, (difference.get(key) ?? 0n) + sign * amount);
      }
    }
  };
  count(theirs, 1n);
  count(ours, -1n);
  return [...difference.values()].reduce((sum, one) => sum + (one < 0n ? -one : one), 0n);
}

/** The position and the cash that a fact moves; on a netting venue all in terms of YES. */
function balancesMoved(fact: Fact): readonly (readonly [string, bigint])[] {
  const { account, instrument, contracts, cash } = fact;
  const { venue, market, outcome } = instrument;
  const cashKey = `cash\n${venue}\n${account}`;
  const positionKey = (of: string) => `position\n${venue}\n${account}\n${market}\n${of}`;
  const isOwed = venueRules[venue].nets && outcome === 'no';
  if (!isOwed)
    return [
      [positionKey(outcome), contracts],
      [cashKey, cash],
    ];
  return [
    [positionKey('yes'), -contracts],
    [cashKey, cash],
  ];
}
