import { assert } from '../../domain/assert.js';
import type { ChildOrder } from '../../domain/child-order.js';
import type { Outcome } from '../../domain/instrument.js';
import { formatAmount, negate, price, quantity } from '../../domain/money.js';
import { breakFreezeId, breaks } from '../../domain/trade/breaks.js';
import { certainExcess } from '../../domain/trade/certain-excess.js';
import { excessToExit } from '../../domain/trade/flatten.js';
import { nextStep } from '../../domain/trade/next-step.js';
import * as opening from '../../domain/trade/open-trade.js';
import { saidByOperator } from '../../domain/trade/operator-says.js';
import type { OperatorWord, SaidEvidence } from '../../domain/trade/operator-word.js';
import { resultOf } from '../../domain/trade/result-of.js';
import type {
  Evidence,
  ExitOutcome,
  OrderState,
  SendOutcome,
  TradeState,
} from '../../domain/trade/trade.js';
import { exitTried, fired, learned, reported } from '../../domain/trade/transitions.js';
import type { Refusal } from '../../domain/venue.js';
import type { Fill, TradeRow } from '../../domain/venue-entry.js';
import { without } from '../../domain/without.js';

import {
  approvalFor,
  fillOf,
  intentOf,
  kalshiNo,
  orderOf,
  polyYes,
  type StoryOptions,
} from './trade-fixture.js';

/** A trade and its clock, moved by the lines of a story. */
export interface Played {
  readonly state: TradeState;
  readonly nowMs: number;
}

/**
 * Plays a story of the desk, one line each; `poly` (YES) and `kalshi` (NO) are the entries, `exit1`,
 * `exit2` … the exits in the order they were tried:
 *
 *     after 250
 *     fired  poly filled 100 | kalshi unknown
 *     poly   matched 100 @ 0.52        (or: confirmed, failed, filled = final at once)
 *     asked  kalshi found canceled 60  (or: absent, open, neverSent)
 *     exit   sell poly 40 @ 0.50 -> canceled 10   (or: buy, lost, waited 2000 settlement, kept, kept 40)
 *     says   kalshi never_arrived      (or: canceled 60, filled 100 @ 0.45)
 *     cancel / freeze / flatten / unfreeze / reported kalshi = the break of its word is told
 */
export function play(story: string, options: StoryOptions = {}): Played {
  const opened = opening.openTrade(intentOf(options.intent), 'arbitrage/desk.1.1');
  return playOn({ state: opening.admitted(opened, approvalFor(options)), nowMs: 0 }, story);
}

/** Goes on with a story that was played before. */
export function playOn(played: Played, story: string): Played {
  const lines = story.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '').reduce(step, played);
}

function step({ state, nowMs }: Played, line: string): Played {
  const [verb = '', ...words] = line.split(/\s+/);
  switch (verb) {
    case 'after':
      return { state, nowMs: nowMs + Number(words[0]) };
    case 'fired':
      return { state: fired(state, outcomesOf(words.join(' ')), nowMs), nowMs };
    case 'asked':
      return { state: learned(state, evidenceOf(state, words, nowMs), nowMs), nowMs };
    case 'exit':
      return { state: exitTried(state, exitOutcomeOf(state, words, nowMs), nowMs), nowMs };
    case 'cancel':
      return { state: opening.cancelRequested(state), nowMs };
    case 'freeze':
      return { state: opening.frozen(state, freeze), nowMs };
    case 'flatten':
      return { state: opening.frozen(state, { ...freeze, action: 'flatten' }), nowMs };
    case 'unfreeze':
      return { state: opening.unfrozen(state), nowMs };
    case 'says':
      return { state: saidByOperator(state, wordOf(words), nowMs), nowMs };
    case 'reported': {
      const found = breaks(state).find((one) => one.kind === 'operator_overruled');
      assert(found !== undefined, 'an operator is overruled');
      return {
        state: opening.frozenForUnknown(state, breakFreezeId(state.workflowId, found)),
        nowMs,
      };
    }
    default:
      return { state: reported(state, rowsOf(state, [verb, ...words], nowMs), nowMs), nowMs };
  }
}

/** `kalshi canceled 60`: what ada says of it. */
export function wordOf([
  clientOrderId = '',
  kind = '',
  contracts = '0',
  ,
  paid = '0.45',
]: readonly string[]): OperatorWord {
  return { clientOrderId, evidence: saidOf(kind, contracts, paid), by: 'ada' };
}

function saidOf(kind: string, contracts: string, paid: string): SaidEvidence {
  if (kind === 'never_arrived') return { kind };
  if (kind === 'canceled') return { kind, filled: quantity(contracts) };
  assert(kind === 'filled', `no such word: ${kind}`);
  const trade = { executionId: 'said-1', quantity: quantity(contracts), price: price(paid) };
  return { kind, trades: [trade] };
}

const freeze = {
  freezeId: 'f1',
  scope: { kind: 'global' },
  cause: 'manual',
  why: 'lunch',
  by: 'ada',
  action: 'leave',
  atMs: 0,
} as const;

function outcomesOf(text: string): Record<string, SendOutcome> {
  const legs = text.split('|').map((leg) => leg.trim().split(/\s+/));
  return Object.fromEntries(legs.map(([id = '', ...words]) => [id, outcomeOf(id, words)]));
}

function outcomeOf(id: string, [kind = '', detail = '0']: readonly string[]): SendOutcome {
  switch (kind) {
    case 'notSent':
      return { kind: 'notSent', code: 'TOO_LATE', reason: 'too late' };
    case 'refused':
      return { kind: 'refused', refusal: detail as Refusal, code: detail, reason: detail }; // a word of the story
    case 'unknown':
      return { kind: 'unknown', code: 'TIMEOUT', reason: 'no answer in 3000 ms' };
    case 'working':
    case 'filled':
    case 'canceled': {
      const cumulativeQuantity = quantity(detail);
      return { kind: 'accepted', venueOrderId: `v-${id}`, state: kind, cumulativeQuantity };
    }
    default:
      throw new Error(`no such outcome: ${kind}`);
  }
}

function evidenceOf(state: TradeState, words: readonly string[], atMs: number): Evidence[] {
  const [clientOrderId = '', kind = '', found = '', cumulative = '0', ...rest] = words;
  if (kind === 'open') return [{ kind, clientOrderId, rows: [] }];
  if (kind === 'neverSent') return [{ kind, clientOrderId }];
  const order = knownOrder(state, clientOrderId) ?? exitOrder(state, clientOrderId, rest);
  if (kind === 'absent') return [{ kind, clientOrderId, order }];
  assert(kind === 'found', `no such evidence: ${kind}`);
  const told = found as 'working' | 'filled' | 'canceled' | 'rejected'; // a word of the story
  const rows: TradeRow[] = [];
  const cumulativeQuantity = quantity(cumulative);
  assert(atMs >= 0, 'a story runs forward');
  const venueOrderId = `v-${clientOrderId}`;
  return [{ kind, clientOrderId, order, venueOrderId, state: told, cumulativeQuantity, rows }];
}

const knownOrder = (state: TradeState, id: string): ChildOrder | undefined =>
  state.orders.find(({ order }) => order.clientOrderId === id)?.order;

/** `sell poly 40 @ 0.50`: the words of an exit order. */
function exitOrder(state: TradeState, clientOrderId: string, words: readonly string[]): ChildOrder {
  const [side, venue, contracts = '0', , limit = '0.01'] = words;
  const leg: Outcome = state.ladder?.leg ?? 'yes';
  const fixed = { kind: 'contracts', contracts: quantity(contracts) } as const;
  return orderOf({
    clientOrderId,
    purpose: { kind: 'exit', leg, rung: state.ladder?.rung ?? 0, attempt: 0 },
    instrument: venue === 'poly' ? polyYes : kalshiNo,
    side: side === 'sell' ? 'sell' : 'buy',
    limitPrice: price(limit),
    fixed,
    legalMaximum: fixed.contracts,
  });
}

function exitOutcomeOf(state: TradeState, words: readonly string[], atMs: number): ExitOutcome {
  const exits = state.orders.filter(({ order }) => order.purpose.kind === 'exit').length;
  const clientOrderId = `exit${exits + 1}`;
  const [kind = '', detail = ''] = words;
  if (kind === 'lost') return { kind: 'unknown', clientOrderId };
  if (kind === 'waited') {
    return { kind, untilMs: atMs + Number(detail), why: words[2] ?? 'next_rung' };
  }
  if (kind === 'kept' && detail === '') return { kind, reason: 'kept' };
  if (kind === 'kept') return { kind, reason: 'kept', quantity: quantity(detail) };
  const arrow = words.indexOf('->');
  const order = exitOrder(state, clientOrderId, words.slice(0, arrow));
  const outcome = outcomeOf(clientOrderId, words.slice(arrow + 1));
  return { kind: 'sent', how: kind === 'sell' ? 'sell' : 'complete', order, outcome, atMs };
}

function rowsOf(state: TradeState, words: readonly string[], atMs: number): TradeRow[] {
  const [id = '', verb = '', contracts = '0', , priceText = ''] = words;
  const order = knownOrder(state, id);
  assert(order !== undefined, `${id} is an order of this story`);
  const matched = state.rows.filter(
    (row): row is Fill => row.kind === 'fill' && row.clientOrderId === id,
  );
  const gone = new Set(state.rows.filter((row) => row.kind === 'reversal').map(executionOf));
  const open = matched.find((row) => row.finality === 'provisional' && !gone.has(executionOf(row)));
  if (verb === 'failed' && open) return [reversalOf(open, atMs)];
  if (verb === 'confirmed' && open) return [{ ...open, finality: 'final', atMs }];
  const fill = fillOf(order, {
    executionId: `${id}-${matched.length + 1}`,
    contracts: quantity(contracts),
    price: price(priceText === '' ? '0.50' : priceText),
    atMs,
  });
  return [verb === 'matched' ? fill : { ...fill, finality: 'final' }];
}

const executionOf = ({ executionId }: TradeRow): string => executionId;

function reversalOf(fill: Fill, atMs: number): TradeRow {
  const reversal = { ...fill, kind: 'reversal', cash: negate(fill.cash), atMs } as const;
  return without(reversal, 'finality');
}

/** One order of a story as the desk would say it. */
export function stateOf({ state }: Played, clientOrderId: string): OrderState {
  const found = state.orders.find(({ order }) => order.clientOrderId === clientOrderId);
  assert(found !== undefined, `${clientOrderId} is an order of this story`);
  return found;
}

/** The next step in a few words: `exit yes 40`, `ask poly kalshi`, `wait 300 reports`. */
export function stepOf({ state, nowMs }: Played): string {
  const step = nextStep(state, nowMs);
  switch (step.kind) {
    case 'ask':
      return `ask ${step.clientOrderIds.join(' ')}`;
    case 'exit':
      return `exit ${step.excess.leg} ${formatAmount(step.excess.quantity)}`;
    case 'freeze':
      return `freeze ${step.clientOrderId}`;
    case 'report':
      return `report ${step.found.clientOrderId}`;
    case 'wait':
      return `wait ${String((step.untilMs ?? nowMs) - nowMs)} ${step.for}`;
    case 'done':
      return 'done';
  }
}

/** How it ended: the kind, and what is left with its reason. */
export function endOf({ state, nowMs }: Played): string {
  const { kind, residual } = resultOf(state, nowMs);
  if (!residual) return kind;
  return `${kind} ${residual.leg} ${formatAmount(residual.quantity)} ${residual.reason}`;
}

/** The same of what the trade gets out of, which under `flatten` is all of it. */
export function exitOf({ state }: Played): string {
  const excess = excessToExit(state);
  if (!excess) return 'none';
  return `${excess.leg} ${formatAmount(excess.quantity)} (${formatAmount(excess.sellable)})`;
}

/** The certain excess: leg, quantity, and what of it may be sold. */
export function excessOf({ state }: Played): string {
  const excess = certainExcess(state);
  if (!excess) return 'none';
  return `${excess.leg} ${formatAmount(excess.quantity)} (${formatAmount(excess.sellable)})`;
}
