import type { ChildOrder } from '../../domain/child-order.js';
import type { Outcome } from '../../domain/instrument.js';
import { opposite } from '../../domain/instrument.js';
import { formatAmount } from '../../domain/money.js';
import { breaks } from '../../domain/trade/breaks.js';
import { heldOf } from '../../domain/trade/certain-excess.js';
import { excessToExit, isFlattening } from '../../domain/trade/flatten.js';
import { nextStep } from '../../domain/trade/next-step.js';
import { resultOf } from '../../domain/trade/result-of.js';
import type { TradeState } from '../../domain/trade/trade.js';
import type { TradeRow } from '../../domain/venue-entry.js';
import { differs } from './differs.js';
import type { ExitSent, TradeRun } from './trade-run.js';
import type { TrueFill } from './truth.js';
import { beyondReservation } from './worst-case.js';

export const promises = [
  'the desk gets out of what the model says is in excess',
  'Σ entries = position',
  'certain entries shrink by recorded reversals alone',
  'what is reserved covers the worst case',
  'an exit is for no more than the excess',
  'no exit is sent while another is in doubt',
  'an order is sent once',
  'a trade that is done has no open question',
] as const;
export type Promised = (typeof promises)[number];

/** Says which promise is broken by the state after this move; `undefined` = none is. */
export function brokenPromise(run: TradeRun, before: TradeState): string | undefined {
  for (const promise of promises) {
    const what = checks[promise](run, before);
    if (what !== undefined) return `${promise}: ${what}`;
  }
  return undefined;
}

type Check = (run: TradeRun, before: TradeState) => string | undefined;
const legs = ['yes', 'no'] as const;

const checks: Readonly<Record<Promised, Check>> = {
  'the desk gets out of what the model says is in excess': (run) => {
    const excess = excessToExit(run.state);
    return differs('excess', told(excess), told(run.wayOut()));
  },

  'Σ entries = position': ({ state, book }) => {
    for (const leg of legs) {
      const what = differs(leg, heldOf(state, leg), book.position(leg));
      if (what !== undefined) return what;
    }
    return undefined;
  },

  'certain entries shrink by recorded reversals alone': ({ state }, before) => {
    const shrunk = before.rows.find((row) => !state.rows.some((now) => keeps(now, row)));
    return shrunk && `${shrunk.executionId} is gone or less`;
  },

  'what is reserved covers the worst case': beyondReservation,

  'an exit is for no more than the excess': (run) => {
    const { sent } = run;
    if (!sent) return undefined;
    const { order, step } = sent;
    const { quantity, sellable } = step.excess;
    const contracts = contractsOf(order);
    if (contracts > quantity) return differs('contracts', contracts, quantity);
    const isBuy = order.side === 'buy' && !order.isReduceOnly;
    if (!isBuy && contracts > sellable) return differs('unsettled', contracts, sellable);
    return beyondTruth(run, sent);
  },

  // Two may come to be in doubt all the same: a venue trades what its own pages called absent.
  'no exit is sent while another is in doubt': ({ sent, book }) => {
    if (!sent) return undefined;
    const isOver = (id: string) => book.words.some(({ clientOrderId }) => clientOrderId === id);
    const isOther = (id: string) => id !== sent.order.clientOrderId;
    const doubts = book.exitsInDoubt().filter((id) => isOther(id) && !isOver(id));
    return doubts.length > 0 ? doubts.join(', ') : undefined;
  },

  'an order is sent once': ({ truth }) => {
    const ids = truth.orders.map(({ order }) => order.clientOrderId);
    return ids.find((id, index) => ids.indexOf(id) !== index);
  },

  'a trade that is done has no open question': (run) => {
    const { state, nowMs, book } = run;
    if (nextStep(state, nowMs).kind !== 'done') return undefined;
    const open = book.openQuestions();
    if (open.length > 0) return open.join(', ');
    const isLeft = state.gaveUp !== undefined || book.lostExit !== undefined;
    const left = run.wayOut();
    return left && !isLeft ? `${left.leg} ${formatAmount(left.quantity)} is left` : undefined;
  },
};

/** What holds once the venues have come to rest and the desk has come to its end. */
export function brokenAtTheEnd(run: TradeRun): string | undefined {
  const { state, truth, book, nowMs } = run;
  const { contracts, net, fees } = resultOf(state, nowMs);
  const standing = truth.orders.flatMap(({ order, fills }) =>
    fills
      .filter(({ fate }) => fate !== 'reversed')
      .map((fill) => ({ ...fill, id: order.clientOrderId })),
  );
  // A row that names no order of ours, of an order that nobody has found, is a break and no position.
  const [ours, strays] = parted(standing, ({ id, executionId }) => {
    const isOurs = book.order(id) !== undefined;
    return isOurs && book.fills(id).some((fill) => fill.executionId === executionId);
  });
  const held = (leg: Outcome) => inTruth(book.buys(leg)) - inTruth(book.exits(leg));
  const inTruth = (ids: readonly string[]): bigint =>
    sum(ours.filter(({ id }) => ids.includes(id)).map((fill) => fill.quantity));
  const matched = held('yes') < held('no') ? held('yes') : held('no');
  const pairs = matched > 0n ? matched : 0n;
  return (
    differs('YES', heldOf(state, 'yes'), held('yes')) ??
    differs('NO', heldOf(state, 'no'), held('no')) ??
    differs('contracts', contracts, pairs) ??
    differs('net', net, pairs + sum(ours.map((fill) => fill.cash))) ??
    differs('fees', fees, sum(ours.map((fill) => fill.fee))) ??
    differs('strays', said(strays), said(strayBreaks(state)))
  );
}

/** Both rows of a match that was taken back are breaks, and between them they hold nothing. */
function strayBreaks(state: TradeState) {
  const reversed = state.rows.filter((row) => row.kind === 'reversal');
  const isReversed = (id: string) => reversed.some(({ executionId }) => executionId === id);
  const strays = breaks(state).flatMap((one) => (one.kind === 'row_without_order' ? [one] : []));
  return strays.filter(({ executionId }) => !isReversed(executionId));
}

const said = (rows: readonly { readonly executionId: string }[]): string =>
  rows
    .map((row) => row.executionId)
    .sort()
    .join(', ');

function parted<Item>(items: readonly Item[], isFirst: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}

/** No more than no other leg matches or, under a freeze that flattens, than is held at all. */
function beyondTruth(run: TradeRun, { order, step }: ExitSent): string | undefined {
  const { leg } = step.excess;
  const isFlat = isFlattening(run.state);
  const held = trulyHeld(run, leg);
  const most = isFlat ? held : held - trulyHeld(run, opposite(leg));
  run.checked(isFlat ? 'a sale of everything is held in truth' : 'an exit is in excess in truth');
  if (run.truth.denied.length > 0) run.checked('an exit is in excess after a denied match');
  const contracts = contractsOf(order);
  return contracts > most ? differs('in truth', contracts, most) : undefined;
}

/**
 * What is held of a leg by what really happened: with what was taken back and not told of yet, and
 * without what a venue has denied and not told of.
 */
function trulyHeld(run: TradeRun, leg: Outcome): bigint {
  const { truth, book, state, sent } = run;
  const isToldOf = ({ executionId }: TrueFill) =>
    state.rows.some((row) => row.kind === 'reversal' && row.executionId === executionId);
  const held = (ids: readonly string[]) =>
    sum(
      truth.orders
        .filter(({ order }) => ids.includes(order.clientOrderId) && order !== sent?.order)
        .flatMap((one) => one.fills.filter((fill) => !run.isHidden(one, fill)))
        .filter((fill) => fill.fate !== 'reversed' || !isToldOf(fill))
        .map((fill) => fill.quantity),
    );
  return held(book.buys(leg)) - held(book.exits(leg));
}

function contractsOf({ fixed, limitPrice }: ChildOrder): bigint {
  if (fixed.kind === 'contracts') return fixed.contracts;
  return (fixed.collateral * 1_000_000_000n) / limitPrice;
}

/** The same row, no smaller, and not less certain than it was. */
function keeps(now: TradeRow, was: TradeRow): boolean {
  if (now.kind !== was.kind || now.executionId !== was.executionId) return false;
  if (now.kind === 'fill' && was.kind === 'fill' && was.finality === 'final') {
    return now.finality === 'final' && now.quantity >= was.quantity;
  }
  return now.quantity >= was.quantity;
}

const told = (excess: { readonly leg: Outcome; readonly quantity: bigint } | undefined): string =>
  excess ? `${excess.leg} ${formatAmount(excess.quantity)}` : 'none';

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, one) => total + one, 0n);
