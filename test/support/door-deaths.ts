import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';
import { expect } from 'vitest';
import {
  type ArmedHandle,
  connectFireFirst,
  type FireAnswer,
  type FireFirstClient,
} from '../../client/index.js';
import {
  type ArbitrageIntent,
  type ArmRequest,
  arbitrageWorkflowId,
  formatAmount,
  type HeldLease,
  type Wire,
} from '../../domain/index.js';
import { heldAtVenues, type Ids, type Played } from './crash-ends.js';
import { makeDear } from './crash-scenarios.js';
import type { TestDesk } from './desk.js';
import { armRequestOf, mustBeArmed } from './desk-armed.js';
import { endOf, inTime } from './desk-ends.js';
import { bury, mustBeResult } from './engine-deaths.js';
import { fire, fireFirst } from './host-doors.js';
import type { NativeEngine } from './native-engine.js';

/** Two shots of ten contracts: one that its engine dies of, and one of the next start. */
const BUDGET = { exposure: '50', contracts: '20' } as const;
/** As long as a story may take on a busy machine. */
const LASTS_MS = 180_000;
/** A strategy comes back to an engine that has started again within 5 s. */
const DEADLINE_MS = 20_000;

export const openDoor = ({ door }: NativeEngine): Promise<FireFirstClient> =>
  connectFireFirst(door, { mode: 'simulated', deadlineMs: DEADLINE_MS });

/** What its client asks for, for the whole story. */
export const toArm = (pairId: string, change: Partial<Wire<ArmRequest>> = {}): Wire<ArmRequest> =>
  armRequestOf(pairId, {
    ...{ validMs: 5_000, budget: BUDGET, expiresAtMs: Date.now() + LASTS_MS },
    ...change,
  });

export interface ArmedLease {
  readonly handle: ArmedHandle;
  readonly leaseId: string;
}

export async function arm({ client }: TestDesk, request: Wire<ArmRequest>): Promise<ArmedLease> {
  const started = await client.arm(request);
  const handle = mustBeArmed(started);
  return { handle, leaseId: leaseIn(started.verdict) };
}

/** A request of a strategy, and what its engine has answered. */
export interface Asked extends Ids {
  readonly intent: Wire<ArbitrageIntent>;
  readonly answer: FireAnswer;
  /** Why the requests before it were refused. */
  readonly failed: readonly string[];
}

export interface Asking {
  readonly pairId: string;
  /** Which of the pair's requests: no id is used twice. */
  readonly round: string;
  readonly host: string;
  readonly validMs?: number;
}

/** The first request that is not refused for what passes by itself. */
export async function firedFirst(door: FireFirstClient, of: Asking): Promise<Asked> {
  const { pairId, round, host, validMs = VALID_MS } = of;
  const failed: string[] = [];
  while (failed.length < ATTEMPTS_MAX) {
    const intentId = `${pairId}.${round}.${failed.length + 1}`;
    const notAfterMs = Date.now() + validMs;
    const intent = fireFirst(intentId, pairId, { host, notAfterMs });
    const answer = await fire(door, intent);
    if (!isPassing(answer)) return { intentId, pairId, intent, answer, failed };
    failed.push(answer.kind === 'refused' ? answer.refusal.code : answer.kind);
    await delay(AGAIN_AFTER_MS);
  }
  throw new Error(`no request of ${pairId} is fired: ${failed.join()}`);
}

/** What its strategy hears of it, once there is an engine that it can ask. */
export async function standingOf(door: FireFirstClient, intentId: string): Promise<string> {
  const heard = await door.ask(intentId);
  return heard.kind === 'told' ? heard.told.became : heard.kind;
}

/** An answer that is no receipt says why. */
export function mustHaveLeft({ answer }: Asked): void {
  if (answer.kind !== 'receipt') throw new Error(`no receipt: ${inspect(answer)}`);
}

/**
 * It has ended itself, as it was told to; with it goes whoever would buy what is held. Starts it again,
 * and returns how many shots that start has found.
 */
export async function diesAndReturns(
  desk: TestDesk,
  engine: NativeEngine,
  { pairId, isDearOnceHeld: legs }: { readonly pairId: string; readonly isDearOnceHeld?: number },
): Promise<string> {
  expect(await engine.ended()).toBe('SIGKILL');
  if (legs !== undefined) {
    await inTime(() => {
      expect(heldAtVenues(desk, pairId)).toHaveLength(legs);
    });
    makeDear(desk, pairId);
  }
  await bury(desk, engine);
  await engine.startAgain();
  return engine.info.swept ?? '-';
}

/** What was fired has become a trade, by whomever it was started, and the trade is over. */
export async function tradeOf({ client }: TestDesk, asked: Ids): Promise<Played> {
  const workflowId = arbitrageWorkflowId(asked.intentId);
  const handle = client.trade(asked.intentId);
  await inTime(() => handle.state()); // throws while there is none
  const result = mustBeResult(await endOf(handle));
  const { intentId, pairId } = asked;
  return { intentId, pairId, workflowId, result, tried: [workflowId], failed: [] };
}

/** Waits until a pair has been fired so often, and tells the last one's intent. */
export async function firedFrom({ db }: TestDesk, pairId: string, count: number): Promise<Ids> {
  const shots = await inTime(async () => {
    const rows = await db
      .selectFrom('engine_shots')
      .select('intent_id')
      .where('pair_id', '=', pairId)
      .where('refused', 'is', null)
      .orderBy('decided_at')
      .execute();
    expect(rows).toHaveLength(count);
    return rows;
  });
  return { intentId: shots.at(-1)?.intent_id ?? '', pairId };
}

/** The next start has the pair, by a lease of its own; contracts that were left for it. */
export async function armedAnew(
  handle: ArmedHandle,
  { processId }: NativeEngine,
): Promise<{ readonly lease: HeldLease; readonly contractsLeft: string }> {
  return inTime(async () => {
    const { stage, lease, left } = await handle.state();
    expect({ stage, process: lease?.process }).toEqual({ stage: 'armed', process: processId });
    if (!lease) throw new Error('a pair that is armed has a lease');
    return { lease, contractsLeft: formatAmount(left.contracts) };
  });
}

/** On what evidence the leases of a pair were closed, the oldest first; `null`: one is not. */
export async function closings(
  { db }: TestDesk,
  pairId: string,
): Promise<readonly (string | null)[]> {
  const leases = db.selectFrom('leases').select('closed_how').where('pair_id', '=', pairId);
  return (await leases.orderBy('first_epoch').execute()).map(({ closed_how: how }) => how);
}

function leaseIn(verdict: Awaited<ReturnType<TestDesk['client']['arm']>>['verdict']): string {
  if (verdict.kind === 'denied') throw new Error('what is denied has no lease');
  return verdict.leaseId;
}

const isPassing = (answer: FireAnswer): boolean =>
  answer.kind === 'refused' && PASSING.includes(answer.refusal.code);

/** What passes by itself: a busy machine is late, and a start has no books, wires or strategies yet. */
const PASSING = [
  ...['BOOK_STALE', 'LIQUIDITY_TOO_SMALL', 'NO_WIRE', 'TOO_LATE'],
  ...['NOT_CONNECTED', 'CONTROL_CHANGED', 'CONTROL_LOST', 'PAIR_IN_FLIGHT', 'HEADERS_MISSING'],
];
const ATTEMPTS_MAX = 100;
const AGAIN_AFTER_MS = 100;
const VALID_MS = 10_000;
