import { isTerminal } from '../child-order-lifecycle.js';
import { opposite } from '../instrument.js';
import { breakFreezeId, overruledWords } from './breaks.js';
import { questionOfExit } from './by-word.js';
import { isLegTerminal } from './certain-excess.js';
import { excessToExit } from './flatten.js';
import { hasOpenExit, ladderFor } from './ladder.js';
import { unknownFreezeId } from './open-trade.js';
import { approvalOf, isFired, termsOf } from './phases.js';
import { questionOf } from './questions.js';
import type {
  Excess,
  Ladder,
  OrderState,
  OverruledWord,
  Step,
  TradeState,
  WaitReason,
} from './trade.js';

/**
 * What the desk does next, from what is known alone.
 *
 * 1. Nothing, where nothing was sent: denied, told before, a dry run, stopped in time.
 * 2. A certain excess is got rid of at once, by one order at a time; it waits for no doubt but its own.
 * 3. An operator who is overruled by the venue, an order that stays unknown and one that lives longer
 *    than it can freeze their pair, once.
 * 4. What we do not know is asked, as often as it takes.
 * 5. Whose exits somebody has taken over sends none; it still asks about its own orders.
 * 6. Else we wait for whatever is due first; a trade ends when every order is resolved.
 */
export function nextStep(state: TradeState, nowMs: number): Step {
  if (!approvalOf(state) || !isFired(state)) return { kind: 'done' };
  const exit = openExit(state);
  if (exit?.dueAtMs !== undefined && exit.dueAtMs <= nowMs) {
    return { kind: 'exit', excess: exit.excess, ladder: exit.ladder };
  }
  const found = newlyOverruled(state);
  if (found) return { kind: 'report', found };
  const doubts = doubtsOf(state);
  const overdue = doubts.find(
    (doubt) => doubt.freezeAtMs !== undefined && doubt.freezeAtMs <= nowMs,
  );
  if (overdue) return { kind: 'freeze', clientOrderId: overdue.clientOrderId };
  const due = doubts.filter((doubt) => doubt.askAtMs <= nowMs);
  if (due.length > 0) return { kind: 'ask', clientOrderIds: due.map((one) => one.clientOrderId) };
  return earliest([...exitTimes(exit), ...doubts.flatMap(doubtTimes)]);
}

/**
 * When the next order that stays unknown freezes the pair: who asks a venue that says nothing at all
 * says so by then, or the freeze would wait for its silence to end.
 */
export function freezeDueAtMs(state: TradeState): number | undefined {
  const due = doubtsOf(state).flatMap(({ freezeAtMs }) => freezeAtMs ?? []);
  return due.length === 0 ? undefined : Math.min(...due);
}

interface OpenExit {
  readonly excess: Excess;
  readonly ladder: Ladder;
  /** Absent: news must come first (a settlement, the end of the other leg). */
  readonly dueAtMs?: number;
}

function openExit(state: TradeState): OpenExit | undefined {
  if (state.gaveUp || state.exitsTakenBy || hasOpenExit(state)) return undefined;
  const excess = excessToExit(state);
  if (!excess) return undefined;
  const ladder = ladderFor(state, excess.leg);
  const { notBeforeMs } = ladder;
  if (mayComplete(state, excess, ladder)) return { excess, ladder, dueAtMs: notBeforeMs };
  if (excess.sellable === 0n) return { excess, ladder };
  return { excess, ladder, dueAtMs: Math.max(notBeforeMs, excess.sellableFromMs) };
}

/** Under a freeze nothing is bought; a leg that still lives could fill beside its completion. */
function mayComplete(state: TradeState, { leg }: Excess, { without = [] }: Ladder): boolean {
  const { policy } = termsOf(state).exit;
  const isAllowed = policy === 'cheapest' && state.freezes.length === 0;
  return isAllowed && !without.includes('complete') && isLegTerminal(state, opposite(leg));
}

/** An order with an open question. */
interface Doubt {
  readonly clientOrderId: string;
  readonly question: WaitReason;
  readonly askAtMs: number;
  readonly freezeAtMs?: number;
}

function doubtsOf(state: TradeState): Doubt[] {
  const { unknownMaxMs } = termsOf(state);
  const doubts = state.orders.flatMap((known): Doubt[] => {
    const question = questionOf(state, known);
    if (question === undefined) return [];
    const { clientOrderId } = known.order;
    const { nextAskAtMs: askAtMs } = known;
    return [{ clientOrderId, question, askAtMs, ...freezeOf(clientOrderId, openSinceMs(known)) }];
  });
  const { exitInDoubt } = state;
  const question = questionOfExit(state);
  if (!exitInDoubt || !question) return doubts;
  const { clientOrderId, nextAskAtMs: askAtMs, sinceMs } = exitInDoubt;
  return [...doubts, { clientOrderId, question, askAtMs, ...freezeOf(clientOrderId, sinceMs) }];

  function freezeOf(id: string, sinceMs: number | undefined): { readonly freezeAtMs?: number } {
    const isFrozen = state.frozenForUnknown.includes(unknownFreezeId(id));
    return sinceMs === undefined || isFrozen ? {} : { freezeAtMs: sinceMs + unknownMaxMs };
  }
}

/** Ours are taken or canceled at once, so one that goes on working is as much in doubt as a lost one. */
function openSinceMs({ status, sentAtMs, unknownSinceMs }: OrderState): number | undefined {
  return isTerminal(status) ? undefined : (unknownSinceMs ?? sentAtMs);
}

function newlyOverruled(state: TradeState): OverruledWord | undefined {
  const { workflowId, frozenForUnknown } = state;
  return overruledWords(state).find(
    (found) => !frozenForUnknown.includes(breakFreezeId(workflowId, found)),
  );
}

interface Due {
  readonly atMs: number;
  readonly for: WaitReason;
}

function exitTimes(exit: OpenExit | undefined): Due[] {
  if (exit?.dueAtMs === undefined) return [];
  const { ladder, excess, dueAtMs } = exit;
  if (dueAtMs > ladder.notBeforeMs && dueAtMs === excess.sellableFromMs) {
    return [{ atMs: dueAtMs, for: 'settlement' }];
  }
  return [{ atMs: dueAtMs, for: ladder.waitingFor ?? 'next_rung' }];
}

function doubtTimes({ question, askAtMs, freezeAtMs }: Doubt): Due[] {
  const ask = { atMs: askAtMs, for: question };
  return freezeAtMs === undefined ? [ask] : [ask, { atMs: freezeAtMs, for: 'evidence' }];
}

function earliest(times: readonly Due[]): Step {
  const [first, ...others] = times;
  if (!first) return { kind: 'done' };
  const due = others.reduce((soonest, one) => (one.atMs < soonest.atMs ? one : soonest), first);
  return { kind: 'wait', untilMs: due.atMs, for: due.for };
}
