import { entryOrders } from '../../activities/entry-orders.js';
import type {
  ArbitrageIntent,
  ChildOrder,
  Evidence,
  ExitOutcome,
  Instrument,
  Outcome,
  Pair,
  PricedArbitrage,
  Step,
  TradeState,
  TradeTerms,
} from '../../domain/index.js';
import {
  admitted,
  arbitrageWorkflowId,
  assert,
  clientOrderIdFor,
  exitTried,
  fired,
  frozenForUnknown,
  isLegTerminal,
  isTerminal,
  learned,
  legInstrument,
  legMarket,
  nextStep,
  openTrade,
  opposite,
  planExit,
  reported,
  sizedOrder,
  unknownFreezeId,
} from '../../domain/index.js';
import { ACCOUNT, type TwoVenues } from './two-venues.js';

/** Between a decision and its order at the venue, and back again. */
const ONE_WAY_MS = 20;
/** While it waits the desk hears of what happened this often. */
const HEARD_EVERY_MS = 50;
/** Every trade ends by itself, long before this many steps. */
const STEPS_MAX = 20_000;
const ENTRY_VALID_MS = 2_000;

export interface TradeTask {
  readonly venues: TwoVenues;
  readonly pair: Pair;
  readonly priced: PricedArbitrage;
  readonly terms: TradeTerms;
  readonly intentId: string;
}

/**
 * One trade by the desk's own decisions (`domain/trade`, `domain/exit`) on simulated venues, without
 * Temporal or Postgres: what the workflow and its activities do, in one turn.
 */
export function tradeToItsEnd(task: TradeTask): TradeState {
  const { venues } = task;
  let state = fire(task);
  for (let steps = 0; steps < STEPS_MAX; steps += 1) {
    state = reported(state, venues.rows(), venues.nowMs);
    const step = nextStep(state, venues.nowMs);
    if (step.kind === 'done') return state;
    state = taken(task, state, step);
  }
  throw new Error(`${task.intentId} does not end`);
}

/** The ids of a trade's two entries: faults are scripted by them before they are sent. */
export function entryIdOf(intentId: string, leg: Outcome): string {
  return clientOrderIdFor(arbitrageWorkflowId(intentId), { kind: 'entry', leg });
}

function fire({ venues, pair, priced, terms, intentId }: TradeTask): TradeState {
  const { type, contracts, limitPrice } = priced;
  const atMs = venues.nowMs;
  const intent: ArbitrageIntent = {
    ...{ intentId, pairId: pair.pairId, type, contractsMax: contracts },
    door: 'workflow',
    ...{ limitPrice, observedAtMs: { yesMs: atMs, noMs: atMs }, edgeMin: priced.edge },
    ...{ account: ACCOUNT, strategy: 'bench', notAfterMs: atMs + ENTRY_VALID_MS, dryRun: false },
  };
  const workflowId = arbitrageWorkflowId(intentId);
  const sized = entryOrders({ intent, workflowId, pair, priced, nowMs: atMs });
  assert(sized.kind === 'sized', 'an opportunity is large enough for both venues');
  const entries = sized.orders;
  const opened = openTrade(intent, workflowId);
  const state = admitted(opened, { kind: 'approved', pair, terms, entries, atMs });
  venues.passes(ONE_WAY_MS);
  const outcomes = [entries.yesOrder, entries.noOrder].map(
    (order) => [order.clientOrderId, venues.place(order)] as const,
  );
  venues.passes(ONE_WAY_MS);
  return fired(state, Object.fromEntries(outcomes), venues.nowMs);
}

function taken(task: TradeTask, state: TradeState, step: Exclude<Step, { kind: 'done' }>) {
  const { venues } = task;
  switch (step.kind) {
    case 'ask':
      venues.passes(2 * ONE_WAY_MS);
      return learned(
        state,
        step.clientOrderIds.map((id) => evidenceOf(task, state, id)),
        venues.nowMs,
      );
    case 'exit': {
      const outcome = exitOnce(task, state, step);
      return exitTried(state, outcome, venues.nowMs);
    }
    case 'freeze':
      return frozenForUnknown(state, unknownFreezeId(step.clientOrderId));
    case 'report':
      throw new Error('nobody has said anything of this trade');
    case 'wait': {
      const untilMs = step.untilMs ?? venues.nowMs + HEARD_EVERY_MS;
      venues.passes(Math.max(1, Math.min(untilMs - venues.nowMs, HEARD_EVERY_MS)));
      return state;
    }
  }
}

/** An order whose answer is lost or that its venue holds back is looked up; else rows are asked. */
function evidenceOf({ venues }: TradeTask, state: TradeState, clientOrderId: string): Evidence {
  const known = state.orders.find(({ order }) => order.clientOrderId === clientOrderId);
  assert(known !== undefined, 'what is asked about was sent');
  const rows = venues.rows().filter((row) => row.clientOrderId === clientOrderId);
  const standing = isTerminal(known.status) ? undefined : venues.order(known.order);
  if (standing) return { kind: 'found', clientOrderId, order: known.order, ...standing, rows };
  return { kind: 'open', clientOrderId, rows };
}

type ExitStep = Extract<Step, { readonly kind: 'exit' }>;

function exitOnce(task: TradeTask, state: TradeState, step: ExitStep): ExitOutcome {
  const { venues, priced, terms } = task;
  const { excess, ladder } = step;
  const other = opposite(excess.leg);
  const plan = planExit({
    ...{ excess, ladder },
    own: {
      ...sideOf(task, excess.leg),
      complement: complementOf(task, excess.leg),
    },
    other: { ...sideOf(task, other), limitPrice: priced.limitPrice[other] },
    isOtherLegTerminal: isLegTerminal(state, other),
    isFrozen: false,
    terms: terms.exit,
    nowMs: venues.nowMs,
  });
  if (plan.kind === 'wait') return { kind: 'waited', why: plan.why, untilMs: plan.untilMs };
  if (plan.kind === 'keep') {
    return { kind: 'kept', reason: plan.reason, quantity: excess.quantity };
  }
  const sized = sizedOrder(plan);
  if (sized.kind === 'refused') return { kind: 'kept', reason: 'below_minimum' };
  const { rung, attempt } = ladder;
  const purpose = { kind: 'exit', leg: excess.leg, rung, attempt } as const;
  const workflowId = arbitrageWorkflowId(task.intentId);
  const { limitPrice, fixed, legalMaximum } = sized;
  const { instrument, side, isReduceOnly, how } = plan;
  const order: ChildOrder = {
    ...{ clientOrderId: clientOrderIdFor(workflowId, purpose), workflowId, account: ACCOUNT },
    ...{ purpose, instrument, side, timeInForce: 'IOC', limitPrice, fixed, legalMaximum },
    ...{ isReduceOnly, notAfterMs: venues.nowMs + ENTRY_VALID_MS, createdAtMs: venues.nowMs },
  };
  venues.passes(ONE_WAY_MS);
  const outcome = venues.place(order);
  venues.passes(ONE_WAY_MS);
  return { kind: 'sent', how, order, outcome, atMs: venues.nowMs };
}

function sideOf({ venues, pair, priced }: TradeTask, leg: Outcome) {
  const instrument = legInstrument(pair, priced.type, leg);
  return { instrument, market: legMarket(pair, priced.type, leg), book: venues.book(instrument) };
}

function complementOf({ venues, pair, priced }: TradeTask, leg: Outcome) {
  const own: Instrument = legInstrument(pair, priced.type, leg);
  if (!legMarket(pair, priced.type, leg).netsOutcomes) return undefined;
  return venues.book({ ...own, outcome: opposite(own.outcome) });
}
