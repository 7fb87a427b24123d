import { randomUUID } from 'node:crypto';
import { WorkflowNotFoundError } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { IntentConflictError, InvalidIntentError } from '../../client/index.js';
import { arbitrageWorkflowId, queuesOf, type TradeResult } from '../../domain/index.js';
import { findIntent, ordersOf } from '../../store/index.js';
import { stateQuery, timelineQuery } from '../../workflows/messages.js';
import { openForgetful, openTestDesk, type TestDesk } from '../support/desk.js';
import {
  atVenues,
  BOOKS_AGREE,
  checkedBooks,
  searchedBy,
  soon,
  traded,
} from '../support/desk-ends.js';
import { intentOf } from '../support/desk-intent.js';

let desk: TestDesk;
beforeAll(async () => {
  desk = await openTestDesk({
    pairs: { asked: {}, other: {}, bad: {}, gone: {}, reset: {}, ended: {}, carried: {}, web: {} },
    venues: { confirmMs: 1_500 },
  });
});
afterAll(async () => desk.close());

describe('asked again', () => {
  test('with the same intent: the same verdict while it runs and when it has ended', async () => {
    const intent = intentOf('asked.1', 'asked');
    const first = await desk.client.arbitrage(intent);
    const running = await desk.client.arbitrage(intent);
    const result = await first.handle.result();
    const ended = await desk.client.arbitrage(intent);

    expect(first.verdict.kind).toBe('approved');
    expect([running.verdict, ended.verdict]).toEqual([first.verdict, first.verdict]);
    expect(await ended.handle.result()).toEqual(result);
    expect(await ordersOf(desk.db, arbitrageWorkflowId('asked.1'))).toHaveLength(2);
  });

  test('written otherwise, it is the same intent', async () => {
    const intent = intentOf('written.1', 'other', { dryRun: true });
    const { verdict } = await desk.client.arbitrage(intent);
    const again = { ...intent, contractsMax: '10.00', limitPrice: { no: '0.480', yes: '0.40' } };
    expect((await desk.client.arbitrage(again)).verdict).toEqual(verdict);
  });

  test('with other content under the same id: refused, while it runs and when it has ended', async () => {
    const intent = intentOf('content.1', 'other', { edgeMin: '0.5' });
    const { handle } = await desk.client.arbitrage(intent);
    const other = { ...intent, contractsMax: '11' };
    await expect(desk.client.arbitrage(other)).rejects.toThrow(IntentConflictError);
    await handle.result();
    await expect(desk.client.arbitrage(other)).rejects.toThrow(IntentConflictError);
    expect((await findIntent(desk.db, 'content.1'))?.intent.contractsMax).toBe('10');
  });

  test('after Temporal has forgotten it: Postgres answers, and nothing is fired', async () => {
    const intent = intentOf('forgotten.1', 'gone');
    const { verdict, handle } = await desk.client.arbitrage(intent);
    const result = await handle.result();
    const before = atVenues(desk, 'forgotten.1');

    await desk.stopTrading();
    const later = await openForgetful(desk);
    try {
      const again = await later.client.arbitrage(intent);
      expect(again.verdict).toEqual(verdict);
      expect(await again.handle.result()).toEqual(result);
      const other = { ...intentOf('forgotten.2', 'gone'), intentId: 'forgotten.1' };
      await expect(later.client.arbitrage(other)).rejects.toThrow(IntentConflictError);
    } finally {
      await later.close();
      await desk.startTrading();
    }
    expect(atVenues(desk, 'forgotten.1')).toEqual(before);
  });

  test('after Temporal has forgotten it, by another content first: still refused', async () => {
    const intent = intentOf('early.1', 'gone', { edgeMin: '0.5' });
    await traded(desk, intent);
    await desk.stopTrading();
    const later = await openForgetful(desk);
    try {
      const other = { ...intent, edgeMin: '0.01' };
      await expect(later.client.arbitrage(other)).rejects.toThrow(IntentConflictError);
    } finally {
      await later.close();
      await desk.startTrading();
    }
    expect(atVenues(desk, 'early.1')).toEqual([]);
  });
});

test('a bad intent gets every problem listed with its path, and nothing starts', async () => {
  const bad = {
    ...intentOf('bad.1', 'bad', { contractsMax: '-1', edgeMin: '0.001', notAfterMs: -5 }),
    limitPrice: { yes: 0.4, no: '0.48' },
    stratgy: 'typo',
  };
  const refusal: unknown = await desk.client.arbitrage(bad).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(InvalidIntentError);
  const { problems } = refusal as InvalidIntentError; // as was just expected
  expect(problems.map(({ path }) => path)).toEqual(
    expect.arrayContaining(['contractsMax', 'edgeMin', 'notAfterMs', 'limitPrice.yes', 'stratgy']),
  );
  const handle = desk.temporal.workflow.getHandle(arbitrageWorkflowId('bad.1'));
  await expect(handle.describe()).rejects.toThrow(WorkflowNotFoundError);
  expect(await findIntent(desk.db, 'bad.1')).toBeUndefined();
});

describe('a workflow that an operator resets to its beginning', () => {
  test('does not fire twice while the trade settles', async () => {
    const intentId = 'reset.1';
    const { handle } = await desk.client.arbitrage(intentOf(intentId, 'reset'));
    await soon(() => expect(atVenues(desk, intentId)).toHaveLength(2));
    await resetToBeginning(intentId);

    const result = await handle.result();
    expect(result).toMatchObject({ kind: 'matched', contracts: 10_000_000_000n });
    expect(atVenues(desk, intentId)).toEqual([
      'entry/no kalshi buys no @ 0.48: 10',
      'entry/yes polymarket buys yes @ 0.4: 10 CONFIRMED',
    ]);
  });

  test('only tells what was when the trade has ended', async () => {
    const result = await traded(desk, intentOf('ended.1', 'ended'));
    const before = atVenues(desk, 'ended.1');
    await resetToBeginning('ended.1');

    const handle = desk.client.trade('ended.1');
    expect(await handle.result()).toEqual(result as TradeResult); // it was not cancelled
    expect(atVenues(desk, 'ended.1')).toEqual(before);
  });
});

test('a trade that goes on in a new run knows what it knew', async () => {
  const intent = intentOf('carried.1', 'carried');
  const { handle } = await desk.client.arbitrage(intent);
  const { workflow } = desk.temporal;
  const first = workflow.getHandle(handle.workflowId);
  await soon(async () => expect((await handle.state()).rows).toHaveLength(2));
  const state = await first.query(stateQuery);
  const timeline = await first.query(timelineQuery);
  await first.terminate('as if it had become too long');

  const next = await workflow.start('arbitrage', {
    workflowId: handle.workflowId,
    taskQueue: queuesOf(desk.place.desk).trading,
    args: [intent, { state, timeline }],
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
  });
  expect(await next.result()).toMatchObject({ kind: 'matched', contracts: '10' });
  const told = await next.query(timelineQuery);
  expect(told.slice(0, timeline.length)).toEqual(timeline);
  expect(told.filter(({ event }) => event === 'fired')).toHaveLength(1);
  expect(atVenues(desk, 'carried.1')).toHaveLength(2);
});

test('Temporal Web alone tells the story of a trade', async () => {
  const { handle } = await desk.client.arbitrage(intentOf('web.1', 'web', { strategy: 'rain' }));
  const workflow = desk.temporal.workflow.getHandle(handle.workflowId);
  await soon(async () => {
    const { currentDetails } = await metadataOf(handle.workflowId);
    expect(currentDetails).toContain(
      '**poly_yes_kalshi_no** on **web** for main/rain: provisional',
    );
    expect(currentDetails).toContain('Waiting for: CONFIRMED or FAILED on chain');
    expect(currentDetails).toMatch(
      /\*\*yes\*\* polymarket buy YES at 0.4: \*\*filled\*\*, 10 traded, provisional · `\w{26}`/,
    );
    expect(currentDetails).toMatch(
      /\*\*fired\*\* accepted, filled, 10 traded \| accepted, filled, 10 traded/,
    );
  });
  await handle.result();

  const { currentDetails } = await metadataOf(handle.workflowId);
  expect(currentDetails).toContain('Waiting for: nothing');
  expect(currentDetails).toMatch(/\*\*closed\*\* matched: 10 matched, net 0\.\d+/);
  expect(await (await workflow.describe()).staticSummary()).toBe(
    'poly_yes_kalshi_no web, up to 10 contracts',
  );
  expect(await searchedBy(desk, handle.workflowId)).toMatchObject({
    ...{ Venue: ['kalshi', 'polymarket'], Pair: 'web', Strategy: 'rain', Account: 'main' },
    ...{ Mode: 'simulated', TradeState: 'matched', Unhedged: false },
  });
});

test('afterwards our books are the venues’ ledgers', async () => {
  expect(await checkedBooks(desk)).toEqual(BOOKS_AGREE);
});

async function metadataOf(workflowId: string): Promise<{ readonly currentDetails?: string }> {
  return desk.temporal.workflow.getHandle(workflowId).query('__temporal_workflow_metadata');
}

async function resetToBeginning(intentId: string): Promise<void> {
  const { namespace } = desk.config;
  const handle = desk.temporal.workflow.getHandle(arbitrageWorkflowId(intentId));
  const { events = [] } = await handle.fetchHistory();
  // The first task's end: admission and shot come after it.
  const task = events?.find((event) => event.workflowTaskCompletedEventAttributes);
  const { runId } = await handle.describe();
  await desk.temporal.workflowService.resetWorkflowExecution({
    ...{ namespace, workflowExecution: { workflowId: handle.workflowId, runId } },
    ...{ reason: 'a test', workflowTaskFinishEventId: task?.eventId ?? null },
    requestId: randomUUID(),
  });
}
