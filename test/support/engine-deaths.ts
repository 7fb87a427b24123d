import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import type { LegOutcome } from '../../activities/trade-activities.js';
import type { Answer } from '../../cli/answer.js';
import { freeze } from '../../cli/commands/freeze.js';
import {
  type ArbitrageIntent,
  arbitrageWorkflowId,
  type TradeResult,
  type Wire,
} from '../../domain/index.js';
import { confirmKilled, liftFreeze, readControl } from '../../store/index.js';
import type { Played } from './crash-ends.js';
import { VALID_MS } from './crash-scenarios.js';
import type { TestDesk } from './desk.js';
import { type Ended, endOf, expectEnd, soon, traded } from './desk-ends.js';
import { intentOf } from './desk-intent.js';
import { operatorOf } from './desk-operator.js';
import type { NativeEngine } from './native-engine.js';
import { runsOf } from './run-histories.js';

/** A trade that its engine has left alone. */
export interface Bereaved extends Omit<Played, 'result'> {
  readonly result: Promise<TradeResult>;
}

export interface Bereaving {
  readonly pairId: string;
  /** How long the intent may wait; an order that never left is absent only after it. */
  readonly validMs?: number;
  /** What of the usual intent is another's. */
  readonly change?: Partial<Wire<ArbitrageIntent>>;
  /** Until it has happened to a trade; what is over before came to nothing, and is tried again. */
  readonly until: (intentId: string) => Promise<unknown>;
}

export async function tradeUntil(
  { client }: TestDesk,
  { pairId, validMs = VALID_MS, change, until }: Bereaving,
): Promise<Bereaved> {
  const [failed, tried]: [string[], string[]] = [[], []];
  while (failed.length < ATTEMPTS_MAX) {
    const intentId = `${pairId}.${failed.length + 1}`;
    const workflowId = arbitrageWorkflowId(intentId);
    tried.push(workflowId);
    const notAfterMs = Date.now() + validMs;
    const intent = intentOf(intentId, pairId, { notAfterMs, ...change });
    const result = endOf((await client.arbitrage(intent)).handle).then(mustBeResult);
    const hasHappened = until(intentId).then(() => true);
    if (await Promise.race([hasHappened, result.then(() => false)])) {
      return { ...{ intentId, pairId, workflowId, tried, failed }, result };
    }
    const { denial, kind } = await result;
    failed.push(denial?.code ?? kind);
    await delay(AGAIN_AFTER_MS);
  }
  throw new Error(`it never happened to a trade of ${pairId}: ${failed.join()}`);
}

/** The engine ends itself, or is ended as soon as Temporal has both answers. */
export async function tradeUntilDead(
  desk: TestDesk,
  engine: NativeEngine,
  of: Omit<Bereaving, 'until'> & { readonly isKilledOnceTold?: boolean },
): Promise<Bereaved> {
  const until = (intentId: string) =>
    of.isKilledOnceTold ? killedOnceTold(desk, engine, intentId) : engine.ended();
  const bereaved = await tradeUntil(desk, { ...of, until });
  expect(await engine.ended()).toBe('SIGKILL');
  await bury(desk, engine);
  return bereaved;
}

/** Resolves when every thread of it stands still. Linux tells: the engine runs nowhere else. */
export async function standsStill({ pid }: NativeEngine): Promise<void> {
  const state = (): string => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1] ?? '';
  while (!state().startsWith('T')) await delay(LOOK_AGAIN_MS);
}

/** Asks for a freeze of a pair, and waits no longer than that for it to be in force. */
export const frozenWithin = (desk: TestDesk, pairId: string, waitMs: number): Promise<Answer> =>
  freeze(
    operatorOf(desk),
    { scope: `pair:${pairId}`, cause: 'manual', why: 'a drill', action: 'leave' },
    { waitMs, lookEveryMs: 5 },
  );

export async function thawed({ db }: TestDesk): Promise<void> {
  const { freezes } = await readControl(db);
  for (const { freezeId } of freezes) {
    await liftFreeze(db, { freezeId, by: 'ada', why: 'seen', atMs: Date.now() });
  }
}

/** As its supervisor does: only then is nobody waited for who is dead. */
export async function bury({ db }: TestDesk, { processId }: NativeEngine): Promise<void> {
  await confirmKilled(db, { processId, atMs: Date.now() });
}

/** On disk: an earlier start's is gone when each of its shots was taken over, and its leases closed. */
export function journalsOf({ config }: TestDesk): readonly string[] {
  const folder = join(config.folders.data, 'engine', 'journal');
  return readdirSync(folder).filter((name) => name.endsWith('.journal'));
}

/** Trades the pair once more; what a hold or a book that is not there yet has denied is tried again. */
export async function tradeAgain(
  desk: TestDesk,
  { info }: NativeEngine,
  { pairId, change }: Pick<Bereaving, 'pairId' | 'change'>,
): Promise<void> {
  const denials: string[] = [];
  while (denials.length < ATTEMPTS_MAX) {
    const intentId = `${pairId}.again.${denials.length + 1}`;
    const result = mustBeResult(await traded(desk, intentOf(intentId, pairId, change)));
    if (!result.denial) {
      expectEnd(result, { kind: 'matched' });
      const shots = await shotsOf(desk, intentId);
      expect(shots.map(({ queue }) => queue)).toEqual([info.queue]);
      return;
    }
    denials.push(result.denial.code);
    await delay(AGAIN_AFTER_MS);
  }
  throw new Error(`${pairId} is not traded again: ${denials.join()}`);
}

/** Where a trade has asked for its shots, and what it was told of each leg: `undefined`, nothing. */
export async function shotsOf(
  { temporal }: TestDesk,
  intentId: string,
): Promise<readonly { readonly queue: unknown; readonly told?: readonly string[] }[]> {
  const events = (await runsOf(temporal, arbitrageWorkflowId(intentId))).flat();
  return events.flatMap(({ eventId, activityTaskScheduledEventAttributes: asked }) => {
    if (asked?.activityType?.name !== 'fireLegs') return [];
    const told = events.find(
      ({ activityTaskCompletedEventAttributes: end }) =>
        String(end?.scheduledEventId) === String(eventId),
    )?.activityTaskCompletedEventAttributes;
    const [payload] = told?.result?.payloads ?? [];
    return [
      { queue: asked.taskQueue?.name, ...(payload?.data && { told: kindsOf(payload.data) }) },
    ];
  });
}

function kindsOf(data: Uint8Array): readonly string[] {
  const outcomes = JSON.parse(Buffer.from(data).toString()) as readonly LegOutcome[]; // its wire form
  return outcomes.map(({ outcome }) => outcome.kind);
}

async function killedOnceTold(
  desk: TestDesk,
  engine: NativeEngine,
  intentId: string,
): Promise<void> {
  await soon(async () =>
    expect(await shotsOf(desk, intentId)).toMatchObject([{ told: ['accepted', 'accepted'] }]),
  );
  await engine.kill();
}

/** Nobody cancels a trade of these suites. */
export function mustBeResult(ended: Ended): TradeResult {
  if (ended.kind === 'cancelled') throw new Error('a trade was cancelled by nobody');
  return ended;
}

const ATTEMPTS_MAX = 100;
/** A book, a hold or a word about freezes that a busy machine was late with is there by then. */
const AGAIN_AFTER_MS = 100;
const LOOK_AGAIN_MS = 10;
