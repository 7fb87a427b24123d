import { readFileSync } from 'node:fs';
import {
  DefaultLogger,
  makeTelemetryFilterString,
  type ReplayResult,
  Runtime,
  Worker,
  type WorkflowBundleOption,
} from '@temporalio/worker';
import { beforeAll, describe, expect, test } from 'vitest';
import * as workflows from '../../workflows/index.js';
import { testWorkflowBundle } from '../support/stack.js';
import { type RecordedHistory, recordedHistories } from './history-file.js';

// Every history replays by the workflows of today, without a server. A history is never edited: a
// changed behaviour is a named patch, and its shape is recorded beside the old one.

const histories = recordedHistories();
const closed = histories.filter(({ isClosed }) => isClosed);
const open = histories.filter(({ isClosed }) => !isClosed);
let code = '';

beforeAll(async () => {
  // What it has to say of a replay that fails is in the result.
  const filter = makeTelemetryFilterString({ core: 'ERROR' });
  const logger = new DefaultLogger('ERROR', () => undefined);
  Runtime.install({ logger, telemetryOptions: { logging: { filter } } });
  code = readFileSync((await testWorkflowBundle()).codePath, 'utf8');
});

test('every history replays by the workflows of today', async () => {
  expect(histories.length).toBeGreaterThanOrEqual(8);
  const results = await replayed({ code }, histories);
  expect(results.filter(({ error }) => error !== undefined)).toEqual([]);
  expect(results.map(({ workflowId }) => workflowId).toSorted()).toEqual(
    histories.map(({ workflowId }) => workflowId).toSorted(),
  );
});

test('every workflow type has a history that has ended and one that goes on', () => {
  const types = Object.keys(workflows);
  for (const kept of [closed, open]) {
    const recorded = new Set(kept.map(({ workflowType }) => workflowType));
    expect([...recorded].toSorted()).toEqual(types.toSorted());
  }
});

describe('a workflow that was changed without a patch is caught', () => {
  test.each([
    ['another activity than the shot', '.fireLegs(shot)', '.exitOnce(shot)'],
    ['a question instead of the exit', '.exitOnce(exit)', '.evidenceOf(exit)'],
    ['a dry run that fires', 'isStopped = state.isCancelRequested ||', 'isStopped = false &&'],
  ])('%s', async (_what, today, changed) => {
    const mutant = mutated(today, changed);
    const results = await replayed({ code: mutant }, closed);
    const errors = results.flatMap(({ error }) => (error ? [error.name] : []));
    expect(errors).toContain('DeterminismViolationError');
  });
});

test('no history tells of the machine that made it', () => {
  for (const { name, history } of histories) {
    const told = JSON.stringify(history, withPayloads);
    expect(told.match(/\/(?:root|home|tmp|var|usr|work)\/|node_modules|127\.0\.0\.1/g), name).toBe(
      null,
    );
    const identities = [...told.matchAll(/"identity":"([^"]*)"/g)].map(([, identity]) => identity);
    expect(new Set(identities), name).toEqual(new Set(['legwork']));
  }
});

/** The bundle with one place of it changed. */
function mutated(today: string, changed: string): string {
  expect(code.split(today), `"${today}" is in one place of the bundle`).toHaveLength(2);
  return code.replace(today, changed);
}

async function replayed(
  workflowBundle: WorkflowBundleOption,
  recorded: readonly RecordedHistory[],
): Promise<readonly ReplayResult[]> {
  const results: ReplayResult[] = [];
  for await (const result of Worker.runReplayHistories({ workflowBundle }, recorded)) {
    results.push(result);
  }
  return results;
}

/** Payloads are base64 in a history. */
function withPayloads(key: string, value: unknown): unknown {
  return key === 'data' && typeof value === 'string'
    ? Buffer.from(value, 'base64').toString()
    : value;
}
