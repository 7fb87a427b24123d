import { ServiceError } from '@temporalio/client';
import { expect } from 'vitest';
import {
  arbitrageWorkflowId,
  clientOrderIdOf,
  type Freeze,
  type TradeResult,
} from '../../domain/index.js';
import { insertFreeze } from '../../store/index.js';
import type { FaultKind } from '../../venues/simulation/index.js';
import type { CrashDesk } from './crash-desk.js';
import { type EndName, endOf, type Ids, type Played } from './crash-ends.js';
import { atVenues, endOf as endOfTrade, inTime, resultInBooks, soon } from './desk-ends.js';
import { intentOf } from './desk-intent.js';
import { heldOpenUntilBooked } from './desk-locks.js';
import { DEAR } from './desk-pairs.js';
import { orderOf } from './desk-venues.js';

/** What the world does to a trade, whoever dies meanwhile. Keyed by the orders' purposes. */
export interface Scenario {
  readonly faults?: Readonly<Record<string, readonly FaultKind[]>>;
  /** Orders that are lost on the line: they never arrive, and nobody answers. */
  readonly lost?: readonly string[];
  /** What the crowd shows of Kalshi's YES where it is not the usual opportunity. */
  readonly kalshi?: { readonly bids: string; readonly asks: string };
  /** How long the intent may wait; an order that never arrived is absent only after it. */
  readonly validMs?: number;
  /** Nobody offers either leg any more as soon as one is at its venue: what is held can only be sold. */
  readonly isDearAfterwards?: boolean;
  /** An operator freezes the pair as soon as both legs are at their venues. */
  readonly isFrozenMeanwhile?: boolean;
  /** An operator says that YES was canceled after 4 contracts. */
  readonly isMisjudgedMeanwhile?: boolean;
  /** NO is filled after it was called canceled, while the end is being written that lacks it. */
  readonly isFilledAtTheEnd?: boolean;
  /** How late a silent order is filled, where that is not as the desk has it. */
  readonly lateFillMs?: number;
  /** How it ends where nobody dies. */
  readonly end: EndName;
}

/** How long a trade may wait whose orders get lost: they are absent only after it. */
export const LOST_AFTER_MS = 3_000;
/** However long its workers are away: only what the world did may end it. */
export const VALID_MS = 60_000;

/**
 * A lost order is unknown for so long that its pair is frozen, and whether the freeze has been heard
 * to be over when the trade gets out is nobody's to say: so that buying is no choice either way.
 */
const LOST = { validMs: LOST_AFTER_MS, isDearAfterwards: true } as const;

/** The worlds that trades are played in, and how each ends where nobody dies. */
export const scenarios = {
  'both legs fill': { end: 'matched' },
  'neither leg arrives': {
    lost: ['entry/yes', 'entry/no'],
    validMs: LOST_AFTER_MS,
    end: 'neither leg arrived',
  },
  'only NO arrives': { ...LOST, lost: ['entry/yes'], end: 'NO sold' },
  'only YES arrives': { ...LOST, lost: ['entry/no'], end: 'YES sold' },
  'the answer to YES is held back': {
    faults: { 'entry/yes': ['timeout_after_acceptance'] },
    end: 'matched',
  },
  'YES is taken, not answered and filled late': {
    faults: { 'entry/yes': ['timeout_after_acceptance', 'late_fill'] },
    end: 'matched',
  },
  'nothing is left of YES': {
    faults: { 'entry/yes': ['pulled_liquidity'] },
    end: 'NO sold',
  },
  'nothing is left of either, and NO is filled around the end': {
    faults: { 'entry/yes': ['pulled_liquidity'] },
    isFilledAtTheEnd: true,
    end: 'NO sold',
  },
  'nothing is left of YES, and nobody buys NO': {
    faults: { 'entry/yes': ['pulled_liquidity'] },
    kalshi: { bids: '50 @ 0.52', asks: '' },
    end: 'NO kept',
  },
  'an operator freezes the pair of two filled legs': {
    faults: { 'entry/yes': ['timeout_after_acceptance'] },
    isFrozenMeanwhile: true,
    end: 'matched, its pair frozen by hand',
  },
  'an operator says that YES was canceled, and it is filled': {
    faults: { 'entry/yes': ['timeout_after_acceptance', 'late_fill'] },
    isMisjudgedMeanwhile: true,
    lateFillMs: 7_000, // a worker that has just been killed, and starts, may be asked for the word
    end: 'matched, an operator overruled',
  },
} as const satisfies Record<string, Scenario>;

export const ownEnds = (name: ScenarioName): readonly EndName[] => [scenarios[name].end];

export type ScenarioName = keyof typeof scenarios;
export const scenarioNames = Object.keys(scenarios) as ScenarioName[]; // its own keys

export interface Play {
  readonly name: ScenarioName;
  readonly pairId: string;
  /** How long the intent may wait, where that is not as the scenario has it. */
  readonly validMs?: number;
  /** How late a silent order is filled, where that is not as the scenario has it. */
  readonly lateFillMs?: number;
  /** Happens once both legs are at their venues, while the trade is open. */
  readonly meanwhile?: (ids: Ids) => Promise<void>;
  /** Happens once one leg is at its venue. */
  readonly whenSent?: () => Promise<void>;
  /** Called before each try, with its workflow and what became of the last one. */
  readonly before?: (workflowId: string, failed?: string) => void;
  /** That no leg arrives is an end of this trade; else a busy machine was too late, and it is tried again. */
  readonly mayMiss?: boolean;
  /** Whether a trade that has ended never came where somebody was to die: then it is played again. */
  readonly isBeside?: () => Promise<boolean>;
  /** A shot that a busy machine's late word stopped at the gate is made again, unless this says no. */
  readonly mayShootAgain?: () => boolean;
}

/** As a strategy does: until nobody has swept the account, or no book is there, the desk says no. */
const TRY_AGAIN_MS_MAX = 40_000;

/** Prepares the world and trades to the end. Returns the intent that was traded. */
export async function playOut(desk: CrashDesk, play: Play): Promise<Played> {
  const { name, pairId, before } = play;
  const { validMs = VALID_MS, lateFillMs } = play;
  const scenario: Scenario = { validMs, ...scenarios[name], ...(lateFillMs && { lateFillMs }) };
  const untilMs = Date.now() + TRY_AGAIN_MS_MAX;
  const failed: string[] = [];
  const tried: string[] = [];
  for (let attempt = 1; ; attempt += 1) {
    const intentId = `${pairId}.${attempt}`;
    prepare(desk, scenario, { intentId, pairId });
    before?.(arbitrageWorkflowId(intentId), failed.at(-1));
    const traded = await trade(desk, { ...play, scenario }, { intentId, pairId });
    tried.push(traded.workflowId);
    const played = { ...traded, tried, failed: [...failed] };
    failed.push(traded.result.denial?.code ?? traded.result.kind);
    if (Date.now() > untilMs || !(await isTriedAgain(desk, play, played))) return played;
    await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
  }
}

/** What came to nothing has left nothing behind, and is tried again whoever died meanwhile. */
async function isTriedAgain(
  desk: CrashDesk,
  {
    name,
    isBeside = async () => false,
    mayShootAgain = () => true,
    mayMiss = scenarios[name].end === 'neither leg arrived',
  }: Play,
  played: Played,
): Promise<boolean> {
  const { denial, kind } = played.result;
  if (denial?.code === 'NOT_DISPATCHED') return mayShootAgain();
  if (!denial && (kind !== 'missed' || mayMiss) && !(await isBeside())) return false;
  await soon(async () => expect((await endOf(desk, played)).left).toEqual([]));
  return true;
}

/** A book or a word about freezes that a busy machine was late with is there by then. */
const AGAIN_AFTER_MS = 100;

function prepare(desk: CrashDesk, scenario: Scenario, { intentId, pairId }: Ids): void {
  for (const [what, kinds] of Object.entries(scenario.faults ?? {})) {
    desk.fault({ intentId, what, kinds, lateFillMs: scenario.lateFillMs });
  }
  if (scenario.isFilledAtTheEnd) {
    desk.venues.script.add({
      name: intentId,
      when: { order: orderOf(intentId, 'entry/no') },
      fault: { kind: 'fill_after_cancel', afterMs: FILLED_AFTER_MS },
    });
  }
  for (const what of scenario.lost ?? []) desk.lose(intentId, what);
  if (scenario.kalshi) desk.pairs.show(desk.pairs.pair(pairId).kalshi, scenario.kalshi);
}

async function trade(
  desk: CrashDesk,
  {
    scenario,
    meanwhile,
    whenSent,
  }: Pick<Play, 'meanwhile' | 'whenSent'> & { readonly scenario: Scenario },
  { intentId, pairId }: Ids,
): Promise<Omit<Played, 'failed' | 'tried'>> {
  const { validMs = VALID_MS, isFrozenMeanwhile, isMisjudgedMeanwhile } = scenario;
  const intent = intentOf(intentId, pairId, { notAfterMs: Date.now() + validMs });
  // Its pages show the order before a person could speak: then it is in no doubt any more.
  const lag = (byMs: number) =>
    desk.venues.script.command('polymarket', { command: 'lag_pages', byMs });
  if (isMisjudgedMeanwhile) lag(LAG_MS);
  const { verdict } = await desk.client.arbitrage(intent);
  const isApproved = verdict.kind === 'approved';
  const workflowId = arbitrageWorkflowId(intentId);
  if (isApproved && scenario.isFilledAtTheEnd) await heldOpenUntilBooked(desk.db, workflowId);
  const areSent = async (count: number) => isApproved && (await hasSent(desk, intentId, count));
  if (scenario.isDearAfterwards && (await areSent(1))) makeDear(desk, pairId);
  if (whenSent && (await areSent(1))) await whenSent();
  const isSent = await areSent(2);
  if (isSent && isMisjudgedMeanwhile) await misjudge(desk, intentId);
  if (isMisjudgedMeanwhile) lag(0);
  if (isSent && isFrozenMeanwhile) await freezePair(desk, pairId, 'leave');
  if (isSent) await meanwhile?.({ intentId, pairId });
  const result = await resultOf(desk, intentId);
  return { intentId, pairId, workflowId, result };
}

/** Asked again where the server went away meanwhile. */
async function resultOf({ client }: CrashDesk, intentId: string): Promise<TradeResult> {
  for (;;) {
    try {
      const result = await endOfTrade(client.trade(intentId));
      if (result.kind === 'cancelled') throw new Error(`${intentId} was cancelled by nobody`);
      return result;
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
    }
  }
}

/** Both of its legs have failed by then. */
const FILLED_AFTER_MS = 500;

/** What is bid stays; asked is what no trade would pay. */
export function makeDear({ pairs }: Pick<CrashDesk, 'pairs'>, pairId: string): void {
  pairs.showPair(pairId, DEAR);
}

/** Waits until so many orders are at their venues; `false`: the trade has ended without. */
async function hasSent(desk: CrashDesk, intentId: string, count: number): Promise<boolean> {
  let hasEnded = false;
  while (atVenues(desk, intentId).length < count && !hasEnded) {
    hasEnded = (await resultInBooks(desk, intentId)) !== undefined;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
  return !hasEnded;
}

const LOOK_AGAIN_MS = 10;
const LAG_MS = 60_000;

/** Said again while nobody knows of a doubt yet, or whoever heard it has died before it answered. */
async function misjudge(desk: CrashDesk, intentId: string): Promise<void> {
  const trade = desk.client.trade(intentId);
  const clientOrderId = clientOrderIdOf(arbitrageWorkflowId(intentId), 'entry/yes', 0);
  const evidence = { kind: 'canceled', filled: '4' };
  await inTime(async () => {
    const { orders } = await trade.state();
    if (orders.some(({ word }) => word !== undefined)) return;
    await trade.resolveUnknown({ clientOrderId, evidence, by: 'operator' });
  });
}

export async function freezePair(
  { db }: CrashDesk,
  pairId: string,
  action: Freeze['action'],
): Promise<void> {
  await insertFreeze(db, {
    freezeId: `meanwhile/${pairId}`,
    scope: { kind: 'pair', key: pairId },
    cause: 'manual',
    why: 'an operator wants to look',
    by: 'operator',
    action,
    atMs: Date.now(),
  });
}
