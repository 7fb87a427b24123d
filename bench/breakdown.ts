import { ordersOf } from '../store/index.js';
import type { House } from './house.js';
import { type Ladder, samplesOf } from './ladder.js';
import { median } from './median.js';
import type { Milestones } from './milestones.js';
import type { RungName } from './rungs.js';

/** Where the time of the floor and of an arbitrage goes, half of the runs within each figure. */
export interface Step {
  readonly step: string;
  readonly floorMs: number | null;
  readonly arbitrageMs: number | null;
}

/** By the server's event times, from the caller's call to the known outcome; they add up. */
const steps: readonly (readonly [string, Begins, keyof Milestones])[] = [
  ['call, until the server has the workflow', 'call', 'started'],
  ['first task, until a worker has it', 'started', 'firstTask'],
  ['first decision (of an arbitrage: its admission)', 'firstTask', 'firstDecision'],
  ['activity, until a worker has it', 'firstDecision', 'handedOut'],
  ['activity (of an arbitrage: both legs fired)', 'handedOut', 'activityDone'],
  ['second task, until a worker has it', 'activityDone', 'secondTask'],
  ['second decision: the outcome is known', 'secondTask', 'known'],
];
type Begins = 'call' | keyof Milestones;

export async function breakdown(house: House, ladder: Ladder): Promise<readonly Step[]> {
  const between = steps.map(([step, from, to]): Step => {
    const of = (name: RungName): number | null => median(stepMs(ladder, name, { from, to }));
    return { step, floorMs: of('one activity'), arbitrageMs: of('arbitrage') };
  });
  return [...between, ...(await inside(house, ladder))];
}

function stepMs(
  ladder: Ladder,
  name: RungName,
  { from, to }: { readonly from: Begins; readonly to: keyof Milestones },
): number[] {
  return samplesOf(ladder, name).flatMap(({ sample, figures }) => {
    if (!figures) return [];
    const begun = from === 'call' ? sample.startedAtMs : figures.milestones[from];
    const ended = figures.milestones[to];
    return begun === undefined || ended === undefined ? [] : [ended - begun];
  });
}

/** What an admission and a shot consist of, by the worker's clock and by the rows they have left. */
async function inside({ db }: House, ladder: Ladder): Promise<readonly Step[]> {
  const shots: { recorded: number; answered: number; told: number }[] = [];
  const admissions: { begun: number; decided: number }[] = [];
  for (const { figures, sample } of samplesOf(ladder, 'arbitrage')) {
    const { workflowId = '' } = sample;
    if (!figures) continue;
    const { firstTask, firstDecision, handedOut, activityDone } = figures.milestones;
    if (handedOut === undefined || activityDone === undefined) continue;
    const lockedAtMs = await lockedAt(db, workflowId);
    admissions.push({ begun: lockedAtMs - firstTask, decided: firstDecision - lockedAtMs });
    const rows = await ordersOf(db, workflowId);
    const recordedAtMs = Math.max(...rows.map((row) => row.recordedAtMs));
    const answeredAtMs = await lastAnswerAtMs(db, workflowId);
    shots.push({
      recorded: recordedAtMs - handedOut,
      answered: answeredAtMs - recordedAtMs,
      told: activityDone - answeredAtMs,
    });
  }
  const of = (step: string, values: readonly number[]): Step => ({
    ...{ step, floorMs: null, arbitrageMs: median(values) },
  });
  return [
    of(
      '· of the first decision: workflow begun, account locked',
      admissions.map((a) => a.begun),
    ),
    of(
      '· of the first decision: admitted, committed, told',
      admissions.map((a) => a.decided),
    ),
    of(
      '· of the activity: approved, signed, both orders recorded',
      shots.map((s) => s.recorded),
    ),
    of(
      '· of the activity: both sent, both answered',
      shots.map((s) => s.answered),
    ),
    of(
      '· of the activity: answers recorded, told',
      shots.map((s) => s.told),
    ),
  ];
}

async function lockedAt(db: House['db'], workflowId: string): Promise<number> {
  const row = await db
    .selectFrom('intents')
    .select('received_at')
    .where('workflow_id', '=', workflowId)
    .executeTakeFirst();
  return row?.received_at.getTime() ?? Number.NaN;
}

async function lastAnswerAtMs(db: House['db'], workflowId: string): Promise<number> {
  const row = await db
    .selectFrom('order_events')
    .innerJoin('orders', 'orders.client_order_id', 'order_events.client_order_id')
    .select(({ fn }) => fn.max('order_events.at').as('at'))
    .where('orders.workflow_id', '=', workflowId)
    .where('order_events.event', '=', 'accepted')
    .executeTakeFirst();
  return row?.at.getTime() ?? Number.NaN;
}
