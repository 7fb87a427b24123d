import type { Freeze } from '../freeze/freeze.js';
import { formatAmount } from '../money.js';
import { certainExcess } from '../trade/certain-excess.js';
import { frozen, frozenForUnknown } from '../trade/open-trade.js';
import type { Evidence, ExitOutcome, TradeState } from '../trade/trade.js';
import { exitTried, learned, reported } from '../trade/transitions.js';
import type { TradeRow } from '../venue-entry.js';
import { without } from '../without.js';
import type { CustodyCase } from './custody-case.js';
import type { CustodyPlace } from './custody-place.js';
import { custodyOf } from './custody-place.js';
import type {
  AdoptedTrade,
  CustodyItem,
  CustodyState,
  PositionExit,
  PositionItem,
  TradeItem,
} from './custody-state.js';
import { isPosition, isTrade } from './next-custody-step.js';
import { resumeTrade, type StoredTrade } from './resume-trade.js';

/** What came of claiming a dead trade. */
export type Adoption =
  | ({ readonly kind: 'adopted'; readonly stored: StoredTrade } & Pick<
      AdoptedTrade,
      'ownership' | 'policy'
    > & {
        /** Says `flatten`: the trade has ended, and its match is got out of. */
        readonly freeze?: Freeze;
      })
  /** It has a result: what it held is looked after by where it is held. */
  | { readonly kind: 'over'; readonly text: string };

/** What one look at a case has shown. */
export type CustodyLook =
  | { readonly kind: 'over'; readonly text: string }
  /** Nothing to do until something is told of it: somebody has to decide. */
  | { readonly kind: 'watched'; readonly text: string }
  | { readonly kind: 'again'; readonly text: string; readonly untilMs: number }
  /** One order at a time gets rid of it, by the policy. */
  | { readonly kind: 'exit'; readonly text: string; readonly exiting: PositionExit };

export function openCustody(place: CustodyPlace): CustodyState {
  return { custodyId: custodyOf(place), place, items: [] };
}

/** Cases that a sweep (or an operator) has told. Known ones are looked at again as they are now. */
export function toldCases(
  state: CustodyState,
  cases: readonly CustodyCase[],
  atMs: number,
): CustodyState {
  return cases.reduce((told, found) => toldCase(told, found, atMs), state);
}

function toldCase(state: CustodyState, found: CustodyCase, atMs: number): CustodyState {
  const known = itemOf(state, found.key);
  if (!known) return { ...state, items: [...state.items, newItem(found, atMs)] };
  // An adopted trade goes on by itself; that it was told again matters when it is recorded.
  if (isTrade(known) && known.adopted)
    return withItem(state, { ...known, case: found } as TradeItem);
  const isDoubted = isPosition(known) && known.exiting !== undefined;
  const changed = { ...known, case: found, tries: 0 } as CustodyItem; // one key, one kind
  return withItem(state, isDoubted ? changed : { ...changed, nextAtMs: atMs });
}

const newItem = (found: CustodyCase, atMs: number): CustodyItem =>
  ({ case: found, nextAtMs: atMs, tries: 0 }) as CustodyItem; // an item of the case's own kind

/** The trade as its rows tell it, from here on custody's. */
export function adoptedTrade(
  state: CustodyState,
  { item, adoption, atMs }: { item: TradeItem; adoption: Adoption; atMs: number },
): CustodyState {
  if (adoption.kind === 'over') return withoutItem(state, item);
  const { stored, ownership, policy, freeze } = adoption;
  const trade = freeze
    ? frozen(resumeTrade(stored, atMs), freeze)
    : resumeTrade(withExitPolicy(stored, policy), atMs);
  return withTrade(state, { ...item, adopted: { trade, ownership, policy } }, atMs);
}

/** Down the ladder, or only what is missing: the desk's own choice of ways is for living trades. */
function withExitPolicy(stored: StoredTrade, policy: AdoptedTrade['policy']): StoredTrade {
  const { admission } = stored;
  if (admission?.kind !== 'approved') return stored;
  const { terms } = admission;
  const exit = { ...terms.exit, policy: policy === 'exit' ? 'step_down' : 'cheapest' } as const;
  return { ...stored, admission: { ...admission, terms: { ...terms, exit } } };
}

export function tradeLearned(
  state: CustodyState,
  { item, evidence, atMs }: { item: TradeItem; evidence: readonly Evidence[]; atMs: number },
): CustodyState {
  return changedTrade(state, item, { atMs, change: (trade) => learned(trade, evidence, atMs) });
}

export function tradeExitTried(
  state: CustodyState,
  { item, outcome, atMs }: { item: TradeItem; outcome: ExitOutcome; atMs: number },
): CustodyState {
  // Somebody else has its exits by now: it is theirs, with all that is left of it.
  if (outcome.kind === 'fenced') return withoutItem(state, item);
  return changedTrade(state, item, { atMs, change: (trade) => exitTried(trade, outcome, atMs) });
}

export function tradeFrozen(
  state: CustodyState,
  { item, freezeId, atMs }: { item: TradeItem; freezeId: string; atMs: number },
): CustodyState {
  return changedTrade(state, item, { atMs, change: (trade) => frozenForUnknown(trade, freezeId) });
}

/** Rows that the venue told; each adopted trade takes its own, a position is looked at again. */
export function toldRows(
  state: CustodyState,
  rows: readonly TradeRow[],
  atMs: number,
): CustodyState {
  return state.items.reduce((told, item) => {
    if (isTrade(item) && item.adopted) {
      const ours = rows.filter((row) => isOf(item.adopted?.trade, row));
      if (ours.length === 0) return told;
      return changedTrade(told, item, { atMs, change: (trade) => reported(trade, ours, atMs) });
    }
    const isParked = isPosition(item) && item.exiting === undefined;
    return isParked ? withItem(told, { ...item, nextAtMs: atMs }) : told;
  }, state);
}

/** A row of one of the trade's own orders, by our id or the venue's. */
function isOf(trade: TradeState | undefined, row: TradeRow): boolean {
  const { clientOrderId, venueOrderId } = row;
  return (trade?.orders ?? []).some(
    (one) => one.order.clientOrderId === clientOrderId || one.venueOrderId === venueOrderId,
  );
}

export function attended(
  state: CustodyState,
  { item, look, atMs }: { item: CustodyItem; look: CustodyLook; atMs: number },
): CustodyState {
  const now = itemOf(state, item.case.key);
  if (!now || look.kind === 'over') return withoutItem(state, item);
  // Told of meanwhile: it is looked at again, as it is now.
  const isStale = isToldSince(state, item);
  const looked = { ...without(now, 'nextAtMs'), tries: now.tries + 1 } as CustodyItem; // one kind
  if (isStale) return withItem(state, { ...looked, nextAtMs: atMs });
  switch (look.kind) {
    case 'watched':
      return withItem(state, looked);
    case 'again':
      return withItem(state, { ...looked, nextAtMs: look.untilMs });
    case 'exit': {
      if (!isPosition(looked)) return withItem(state, looked);
      const nextAtMs = Math.max(atMs, look.exiting.ladder.notBeforeMs);
      return withItem(state, { ...looked, exiting: look.exiting, nextAtMs });
    }
  }
}

/** What came of one order for a position: every one that may have left is asked about. */
export function positionExitTried(
  state: CustodyState,
  { item, outcome, atMs }: { item: PositionItem; outcome: ExitOutcome; atMs: number },
): CustodyState {
  const now = current(state, item);
  const { exiting } = now;
  if (!exiting) return state;
  const parked = without(now, 'exiting');
  switch (outcome.kind) {
    case 'fenced':
      return withoutItem(state, item);
    case 'kept':
      return withItem(state, without(parked, 'nextAtMs'));
    case 'waited':
      return withItem(state, { ...parked, nextAtMs: outcome.untilMs });
    case 'unknown': {
      const { clientOrderId: openOrderId } = outcome;
      return withItem(state, { ...now, exiting: { ...exiting, openOrderId }, nextAtMs: atMs });
    }
    case 'sent': {
      const { order, outcome: answer } = outcome;
      const nextAtMs = atMs + exiting.terms.reportWaitMs;
      if (answer.kind === 'refused' || answer.kind === 'notSent') {
        return withItem(state, { ...parked, nextAtMs: atMs + exiting.terms.askEveryMsMax });
      }
      const open = { ...exiting, openOrderId: order.clientOrderId };
      return withItem(state, { ...now, exiting: open, nextAtMs });
    }
  }
}

/** The order has ended and its rows are booked: the position is looked at as it is now. */
export function ownLearned(
  state: CustodyState,
  { item, evidence, atMs }: { item: PositionItem; evidence: readonly Evidence[]; atMs: number },
): CustodyState {
  const now = current(state, item);
  const { exiting } = now;
  if (!exiting) return state;
  if (evidence.every(isKnown)) {
    return withItem(state, { ...without(now, 'exiting'), nextAtMs: atMs, tries: 0 });
  }
  const { askEveryMs, askEveryMsMax } = exiting.terms;
  const delayMs = Math.min(askEveryMs * 2 ** Math.min(now.tries, 20), askEveryMsMax);
  return withItem(state, { ...now, nextAtMs: atMs + delayMs, tries: now.tries + 1 });
}

/** As it is by now, if it still is. */
function itemOf({ items }: CustodyState, key: string): CustodyItem | undefined {
  return items.find((item) => item.case.key === key);
}

/** As it is by now: it may have been told of while the world was asked. */
function current(state: CustodyState, item: PositionItem): PositionItem {
  const now = itemOf(state, item.case.key);
  return now && isPosition(now) ? now : item;
}

function isKnown(item: Evidence): boolean {
  if (item.kind === 'open') return false;
  if (item.kind !== 'found') return true;
  const traded = item.rows.filter((row) => row.kind === 'fill');
  const told = traded.reduce((sum, row) => sum + row.quantity, 0n);
  return item.state !== 'working' && told >= item.cumulativeQuantity;
}

/** Somebody has told of it since: where it is recorded by now, its case may be open again. */
export function isToldSince(state: CustodyState, item: CustodyItem): boolean {
  const now = itemOf(state, item.case.key);
  return now !== undefined && now.case !== item.case;
}

/** From the beginning, as it is told of now. */
export function lookedAgain(
  state: CustodyState,
  { item, atMs }: { item: TradeItem; atMs: number },
): CustodyState {
  const now = itemOf(state, item.case.key);
  return withItem(state, newItem((now ?? item).case, atMs));
}

/** Recorded, or another's: it is no longer looked after here. */
export function withoutItem(state: CustodyState, { case: { key } }: CustodyItem): CustodyState {
  return { ...state, items: state.items.filter((item) => item.case.key !== key) };
}

interface TradeChange {
  readonly change: (trade: TradeState) => TradeState;
  readonly atMs: number;
}

/** Changes the trade as it is now: rows may have come while the world was asked. */
function changedTrade(
  state: CustodyState,
  item: TradeItem,
  { change, atMs }: TradeChange,
): CustodyState {
  const now = itemOf(state, item.case.key);
  if (!now || !isTrade(now) || !now.adopted) return state;
  const { adopted } = now;
  return withTrade(state, { ...now, adopted: { ...adopted, trade: change(adopted.trade) } }, atMs);
}

/** Under `keep` an excess is decided the moment it is certain: it is kept, and somebody is told. */
function withTrade(state: CustodyState, item: TradeItem, atMs: number): CustodyState {
  const { adopted } = item;
  if (adopted?.policy !== 'keep') return withItem(state, item);
  return withItem(state, { ...item, adopted: { ...adopted, trade: kept(adopted.trade, atMs) } });
}

function kept(trade: TradeState, atMs: number): TradeState {
  const excess = certainExcess(trade);
  if (!excess || trade.gaveUp) return trade;
  const { quantity } = excess;
  return exitTried(trade, { kind: 'kept', reason: 'kept', quantity }, atMs);
}

function withItem(state: CustodyState, item: CustodyItem): CustodyState {
  const { key } = item.case;
  const items = state.items.map((one) => (one.case.key === key ? item : one));
  return { ...state, items };
}

/** One line per item for Temporal Web and the console. */
export function describeItem(item: CustodyItem): string {
  const { case: found } = item;
  if (isTrade(item)) return `trade ${item.case.workflowId}: ${item.case.why}`;
  if ('quantity' in found) return `${found.kind} ${formatAmount(found.quantity)}: ${found.why}`;
  return `${found.kind} ${found.key}: ${found.why}`;
}
