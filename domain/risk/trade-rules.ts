import { EDGE_MIN_DEFAULT } from '../arbitrage/best-arbitrage.js';
import type { ChildOrder } from '../child-order.js';
import { freezeOf } from '../freeze/freeze-of.js';
import { arbitrageWorkflowId } from '../ids.js';
import type { Instrument, Market } from '../instrument.js';
import { instrumentKey } from '../instrument.js';
import type { Quantity } from '../money.js';
import { contractsFor, greatest, quantity } from '../money.js';
import { legInstrument, legMarket } from '../pair.js';
import type { Denial } from './denial.js';
import type { RiskInput } from './risk-input.js';

/** What is known before anything is priced: a frozen desk says so, whatever the books show. */
export type IntentInput = Omit<RiskInput, 'entries' | 'edge'>;

/** What the rules about a pair's markets look at, of a trade or of a lease. */
export interface PairAsked extends Pick<RiskInput, 'nowMs' | 'pair' | 'account' | 'policy'> {
  readonly intent: Pick<RiskInput['intent'], 'type'>;
}
export type PairRule = (asked: PairAsked) => Denial | undefined;

/** One rule: the denial, if it is broken. */
export type IntentRule = (input: IntentInput) => Denial | undefined;
export type Rule = (input: RiskInput) => Denial | undefined;

const CONTRACTS_MIN = quantity('1');

/** One crossed book is a venue's affair; both legs there would be each other's counterparty. */
export const twoVenues: IntentRule = ({ intent: { type } }) => {
  const isOneBook = type === 'poly_same_market' || type === 'kalshi_same_market';
  return isOneBook ? { code: 'BOOK_CROSSED', type } : undefined;
};

/** An engine fired those before anybody asked: only its adopter may start them (DESIGN §5B). */
export const byWorkflow: IntentRule = ({ intent: { door } }) =>
  door === 'workflow' ? undefined : { code: 'INTENT_MISMATCH', door };

export const inTime: IntentRule = ({ nowMs, intent: { notAfterMs } }) =>
  nowMs > notAfterMs ? { code: 'TOO_LATE', notAfterMs, nowMs } : undefined;

/** Read again last before the wire; asked here so that nothing is reserved for a frozen trade. */
export const unfrozen: IntentRule = ({ intent, pair, account }) => {
  const instruments = instrumentsOf({ intent, pair });
  const venues = instruments.map(({ venue }) => venue);
  const workflowId = arbitrageWorkflowId(intent.intentId);
  const freeze = freezeOf(account.freezes, { ...intent, venues, instruments, workflowId });
  if (!freeze) return undefined;
  const { freezeId, cause, why } = freeze;
  return { code: 'FROZEN', freezeId, cause, why };
};

/** An opportunity is executed once, and a pair with anything unresolved takes nothing new. */
export const notInFlight: IntentRule = ({ nowMs, account: { hold } }) => {
  if (!hold) return undefined;
  const { holder, untilMs } = hold;
  const isLive = untilMs === null || nowMs < untilMs;
  return isLive ? { code: 'PAIR_IN_FLIGHT', holder, untilMs } : undefined;
};

/** Somebody with a name has found, before now, that both markets pay on the same event. */
export const equivalent: PairRule = ({ nowMs, pair: { pairId, approval } }) => {
  const isApproved = approval.by !== '' && approval.atMs <= nowMs;
  return isApproved ? undefined : { code: 'PAIR_NOT_APPROVED', pairId };
};

/**
 * A leg that its venue holds back is one that the market may run away from: it goes first, and what it
 * fills is hedged. Somebody has to be there to buy that hedge, and the other leg has to come at once.
 */
export const hedgeable: PairRule = (input) => {
  const [delayed, ...others] = marketsOf(input).filter((market) => market.isTakerDelayed);
  if (!delayed) return undefined;
  const isHedged = others.length === 0 && input.policy.exit.policy === 'cheapest';
  return isHedged ? undefined : { code: 'TAKER_DELAYED', market: delayed.market };
};

/** Near its close a market stops before an exit could get out. */
export const farFromClose: PairRule = (input) => {
  const { nowMs, policy } = input;
  const closesAtMs = Math.min(...marketsOf(input).map((market) => market.closesAtMs));
  const isClosing = nowMs + policy.closingMarginMs >= closesAtMs;
  return isClosing ? { code: 'MARKET_CLOSING', closesAtMs, nowMs } : undefined;
};

/** In a pause nobody can get out, and what is matched before it may need to. */
export const farFromPause: PairRule = (input) => {
  const { nowMs, policy, account } = input;
  const venues = marketsOf(input).map(({ venue }) => venue);
  const pause = account.pauses.find(
    ({ venue, fromMs, untilMs = Number.POSITIVE_INFINITY }) =>
      venues.includes(venue) && nowMs + policy.pauseMarginMs >= fromMs && nowMs < untilMs,
  );
  if (!pause) return undefined;
  const { venue, fromMs, untilMs = null } = pause;
  return { code: 'VENUE_PAUSING', venue, fromMs, untilMs, nowMs };
};

/** What we lose sight of, the venue must be able to stop: no entry goes outside its pair's group. */
export const groupOpen: PairRule = (input) => {
  const { orderGroup: group } = input.account;
  const { pairId } = input.pair;
  if (marketsOf(input).every(({ venue }) => venue !== 'kalshi')) return undefined;
  if (!group) return { code: 'ORDER_GROUP_MISSING', pairId };
  const { groupId } = group;
  return group.isTriggered ? { code: 'ORDER_GROUP_TRIGGERED', pairId, groupId } : undefined;
};

export const booksThere: IntentRule = ({ intent, pair, books }) => {
  const keys = instrumentsOf({ intent, pair }).map(instrumentKey);
  const there = books
    .filter((book) => book.isThere)
    .map(({ instrument }) => instrumentKey(instrument));
  const missing = keys.find((key) => !there.includes(key));
  return missing === undefined ? undefined : { code: 'BOOK_MISSING', instrument: missing };
};

/**
 * A stale leg is a price that we made up. A quiet market is not stale while its connection answers. A
 * book from the future is one whose age a clock that was set back does not tell.
 */
export const booksFresh: IntentRule = ({ nowMs, books, policy: { bookSilenceMsMax: limitMs } }) => {
  const stale = books.find((book) => book.hasGap || Math.abs(nowMs - book.heardAtMs) > limitMs);
  if (!stale) return undefined;
  const silentMs = nowMs - stale.heardAtMs;
  return { code: 'BOOK_STALE', instrument: instrumentKey(stale.instrument), silentMs, limitMs };
};

/** An engine fires what it owns, and nobody else fires. One that has just died is named still. */
export const owned: IntentRule = ({ pair: { pairId }, account: { engineHost } }) =>
  engineHost === undefined ? { code: 'PAIR_UNOWNED', pairId } : undefined;

export const edgeLarge: Rule = ({ edge, intent }) => {
  const edgeMin = greatest(intent.edgeMin, EDGE_MIN_DEFAULT);
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

type Asked = Pick<PairAsked, 'intent' | 'pair'>;

function instrumentsOf({ intent, pair }: Asked): readonly Instrument[] {
  return (['yes', 'no'] as const).map((leg) => legInstrument(pair, intent.type, leg));
}

export function marketsOf({ pair, intent }: Asked): readonly Market[] {
  return (['yes', 'no'] as const).map((leg) => legMarket(pair, intent.type, leg));
}

/** How many contracts an order is meant to buy: a sum of money, at its limit. */
function meantOf({ fixed, limitPrice }: ChildOrder): Quantity {
  if (fixed.kind === 'contracts') return fixed.contracts;
  return contractsFor(fixed.collateral, limitPrice, 'ceil');
}
