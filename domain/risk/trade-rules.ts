import type { ChildOrder } from '../child-order.js';
import { freezeOf } from '../freeze/freeze-of.js';
import type { Market } from '../instrument.js';
import { instrumentKey } from '../instrument.js';
import type { Quantity } from '../money.js';
import { contractsFor, greatest, price, quantity } from '../money.js';
import { legMarket } from '../pair.js';
import type { Denial } from './denial.js';
import type { RiskInput } from './risk-input.js';

/** One rule: the denial, if it is broken. */
export type Rule = (input: RiskInput) => Denial | undefined;

/** No strategy trades for less than this per contract after fees (seed 001). */
const EDGE_MIN = price('0.01');
const CONTRACTS_MIN = quantity('1');

/** One crossed book is a venue's affair; both legs there would be each other's counterparty. */
export const twoVenues: Rule = ({ intent: { type } }) => {
  const isOneBook = type === 'poly_same_market' || type === 'kalshi_same_market';
  return isOneBook ? { code: 'BOOK_CROSSED', type } : undefined;
};

export const inTime: Rule = ({ nowMs, intent: { notAfterMs } }) =>
  nowMs > notAfterMs ? { code: 'TOO_LATE', notAfterMs, nowMs } : undefined;

/** Read again last before the wire; asked here so that nothing is reserved for a frozen trade. */
export const unfrozen: Rule = ({ intent, entries, account }) => {
  const instruments = [entries.yesOrder.instrument, entries.noOrder.instrument];
  const venues = instruments.map(({ venue }) => venue);
  const { workflowId } = entries.yesOrder;
  const freeze = freezeOf(account.freezes, { ...intent, venues, instruments, workflowId });
  if (!freeze) return undefined;
  const { freezeId, cause, why } = freeze;
  return { code: 'FROZEN', freezeId, cause, why };
};

/** An opportunity is executed once, and a pair with anything unresolved takes nothing new. */
export const notInFlight: Rule = ({ nowMs, account: { hold } }) => {
  if (!hold) return undefined;
  const { holder, untilMs } = hold;
  const isLive = untilMs === null || nowMs < untilMs;
  return isLive ? { code: 'PAIR_IN_FLIGHT', holder, untilMs } : undefined;
};

/** Somebody with a name has found, before now, that both markets pay on the same event. */
export const equivalent: Rule = ({ nowMs, pair: { pairId, approval } }) => {
  const isApproved = approval.by !== '' && approval.atMs <= nowMs;
  return isApproved ? undefined : { code: 'PAIR_NOT_APPROVED', pairId };
};

/** A leg that the venue holds back is a leg that the market may run away from. */
export const undelayed: Rule = (input) => {
  const delayed = marketsOf(input).find((market) => market.isTakerDelayed);
  return delayed && { code: 'TAKER_DELAYED', market: delayed.market };
};

/** Near its close a market stops before an exit could get out. */
export const farFromClose: Rule = (input) => {
  const { nowMs, policy } = input;
  const closesAtMs = Math.min(...marketsOf(input).map((market) => market.closesAtMs));
  const isClosing = nowMs + policy.closingMarginMs >= closesAtMs;
  return isClosing ? { code: 'MARKET_CLOSING', closesAtMs, nowMs } : undefined;
};

export const booksThere: Rule = ({ entries, books }) => {
  const keys = [entries.yesOrder, entries.noOrder].map(({ instrument }) =>
    instrumentKey(instrument),
  );
  const there = books
    .filter((book) => book.isThere)
    .map(({ instrument }) => instrumentKey(instrument));
  const missing = keys.find((key) => !there.includes(key));
  return missing === undefined ? undefined : { code: 'BOOK_MISSING', instrument: missing };
};

/** A stale leg is a price that we made up. A quiet market is not stale while its connection answers. */
export const booksFresh: Rule = ({ nowMs, books, policy: { bookSilenceMsMax: limitMs } }) => {
  const stale = books.find((book) => book.hasGap || nowMs - book.heardAtMs > limitMs);
  if (!stale) return undefined;
  const silentMs = nowMs - stale.heardAtMs;
  return { code: 'BOOK_STALE', instrument: instrumentKey(stale.instrument), silentMs, limitMs };
};

export const edgeLarge: Rule = ({ edge, intent }) => {
  const edgeMin = greatest(intent.edgeMin, EDGE_MIN);
  return edge < edgeMin ? { code: 'EDGE_TOO_SMALL', edge, edgeMin } : undefined;
};

/** At least one contract, and what both venues take at least. */
export const sizeLarge: Rule = (input) => {
  const { yesOrder, noOrder } = input.entries;
  const contracts = [yesOrder, noOrder]
    .map(meantOf)
    .reduce((least, one) => (one < least ? one : least));
  const minimums = marketsOf(input).map((market) => market.minimumQuantity);
  const minimumQuantity = minimums.reduce(greatest, CONTRACTS_MIN);
  return contracts < minimumQuantity
    ? { code: 'LIQUIDITY_TOO_SMALL', contracts, minimumQuantity }
    : undefined;
};

export function marketsOf({ pair, intent }: RiskInput): readonly Market[] {
  return (['yes', 'no'] as const).map((leg) => legMarket(pair, intent.type, leg));
}

/** How many contracts an order is meant to buy: a sum of money, at its limit. */
function meantOf({ fixed, limitPrice }: ChildOrder): Quantity {
  if (fixed.kind === 'contracts') return fixed.contracts;
  return contractsFor(fixed.collateral, limitPrice, 'ceil');
}
