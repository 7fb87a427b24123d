import { tsToMs } from '@temporalio/common/lib/time.js';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { takeOver } from '../../cli/commands/take-over.js';
import type { Desk } from '../../cli/desk.js';
import { deskStatus } from '../../cli/desk-status.js';
import { arbitrageWorkflowId } from '../../domain/index.js';
import { auditLines, exitOwner, openBreaks, readControl } from '../../store/index.js';
import type { RunningWork } from '../../workers/lifecycle.js';
import { isSweptClean, Sweeping } from '../custody/sweeping.js';
import { openTestDesk, readyToTrade, type TestDesk } from '../support/desk.js';
import { atVenues, BOOKS_AGREE, checkedBooks, soon } from '../support/desk-ends.js';
import { intentOf } from '../support/desk-intent.js';
import { tellFigures } from '../support/figures.js';
import { testWorkflowBundle } from '../support/stack.js';
import { startTradingAndEngine } from '../support/trading-and-engine.js';
import { brokenBundle } from './mutated-bundle.js';

const REPORTED_MS_MAX = 5_000;
const INTENT = 'stuck.1';
const workflowId = arbitrageWorkflowId(INTENT);

let desk: TestDesk;
let trading: RunningWork;
let sweeping: Sweeping | undefined;

async function startWith(bundle: { code: string } | { codePath: string }): Promise<void> {
  const { terms, policy, desk: queues } = desk.place;
  const config = {
    ...desk.config,
    processId: `watching-${'code' in bundle ? 'broken' : 'mended'}`,
  };
  const log = pino({ level: 'silent' });
  trading = await startTradingAndEngine({ config, log }, { terms, policy, desk: queues, bundle });
  await readyToTrade(desk);
}

const operator = (): Desk => ({
  ...{ db: desk.db, mode: 'simulated', operator: 'anna@desk7', nowMs: Date.now },
  client: async () => desk.client,
  close: async () => undefined,
});
const failing = async () =>
  (await openBreaks(desk.db)).filter(({ kind }) => kind === 'workflow_task_failing');
const frozenPairs = async (): Promise<readonly string[]> =>
  (await readControl(desk.db)).freezes
    .filter(({ cause }) => cause === 'workflow_task_failing')
    .map(({ scope }) => (scope.kind === 'pair' ? scope.key : scope.kind));

/** As Temporal has it in the trade's history: later attempts of the same task leave no event there. */
async function firstFailedAtMs(): Promise<number> {
  const { events } = await desk.temporal.workflow.getHandle(workflowId).fetchHistory();
  const failure = events?.find((event) => event.workflowTaskFailedEventAttributes);
  if (!failure) throw new Error(`no task of ${workflowId} has failed`);
  return tsToMs(failure.eventTime);
}

beforeAll(async () => {
  desk = await openTestDesk({ pairs: { stuck: {} }, isTrading: false });
  await startWith(await brokenBundle('fired'));
});
afterAll(async () => {
  await sweeping?.close();
  await trading.stop();
  await desk.close();
});

test('a trade with exposure whose task fails for ever is reported within five seconds', async (context) => {
  desk.fault({ intentId: INTENT, what: 'entry/yes', kinds: ['pulled_liquidity'] });
  await desk.client.arbitrage(intentOf(INTENT, 'stuck'));
  await soon(() => expect(atVenues(desk, INTENT)).toContain('entry/no kalshi buys no @ 0.48: 10'));
  await soon(async () => expect(await failing()).toHaveLength(1));
  const [found] = await failing();
  const reportedMs = (found?.atMs ?? 0) - (await firstFailedAtMs());

  expect(found).toMatchObject({ key: workflowId, account: 'main', pairId: 'stuck' });
  expect(found?.detail).toMatchObject({ about: workflowId, failure: 'mutated: fired' });
  expect(await frozenPairs()).toEqual(['stuck']);
  expect((await deskStatus(operator())).text).toContain('workflow_task_failing');
  expect(reportedMs).toBeGreaterThan(0);
  expect(reportedMs).toBeLessThanOrEqual(REPORTED_MS_MAX);
  const aim = `≤ ${REPORTED_MS_MAX}`;
  tellFigures(context, 'failing tasks', { trade: INTENT, 'reported after ms': reportedMs, aim });
});

test('a take-over needs nothing of the stuck trade; then it is nobody’s failing task any more', async () => {
  const answer = await takeOver(operator(), { id: INTENT, why: 'its task fails', policy: 'keep' });
  expect(answer.exitCode).toBe(0);
  expect(await exitOwner(desk.db, workflowId)).toMatchObject({ epoch: 2 });
  await soon(async () => {
    const open = (await failing()).map(({ key }) => key);
    expect(open).not.toContain(workflowId);
  });
  const audited = (await auditLines(desk.db, 20)).map(({ action, by }) => `${action} by ${by}`);
  expect(audited).toContain('take_over by anna@desk7');
  expect(audited).toContain('unfreeze by task-watch');
});

test('the trade’s own workflow, mended, is fenced: it sends no exit and leaves its end to custody', async (context) => {
  await trading.stop();
  await startWith(await testWorkflowBundle());
  expect(await desk.client.trade(INTENT).result()).toMatchObject({
    kind: 'residual',
    residual: { leg: 'no', reason: 'taken_over' },
  });
  sweeping = new Sweeping(desk);
  await isSweptClean(sweeping, context, { what: 'a task that fails for ever' });
  expect(atVenues(desk, INTENT)).toEqual(['entry/no kalshi buys no @ 0.48: 10']);
  expect(await checkedBooks(desk)).toEqual(BOOKS_AGREE);
});
