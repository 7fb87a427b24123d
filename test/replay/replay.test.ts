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
import { tellFigures } from '../support/figures.js';
import { testWorkflowBundle } from '../support/stack.js';
import { type RecordedHistory, recordedHistories, sdkOfPackage } from './history-file.js';
import {
  type Gate,
  gateFindings,
  type HistoryFile,
  type ManifestEntry,
  readManifest,
} from './manifest.js';
import { type Mutation, mutations } from './mutations.js';
import { ends, scenarios } from './scenarios.js';

// Every history replays by the workflows of today, without a server. A history is never edited: a
// changed behaviour is a named patch, and its shape is recorded beside the old one.

const histories = recordedHistories();
/** All of them take seconds, and on a busy machine half a minute. */
const REPLAY_ALL_MS = 120_000;
let code = '';

beforeAll(async () => {
  // What it has to say of a replay that fails is in the result.
  const filter = makeTelemetryFilterString({ core: 'ERROR' });
  const logger = new DefaultLogger('ERROR', () => undefined);
  Runtime.install({ logger, telemetryOptions: { logging: { filter } } });
  code = readFileSync((await testWorkflowBundle()).codePath, 'utf8');
});

describe('every history replays by the workflows of today', () => {
  // By one worker, one after the other: a worker takes longer to start than a history to replay.
  let results: ReadonlyMap<string, ReplayResult | undefined>;
  beforeAll(async () => {
    const inOrder = await replayed({ code }, histories);
    results = new Map(histories.map(({ name }, index) => [name, inOrder[index]]));
  }, REPLAY_ALL_MS);

  test.each(histories)('$name', (recorded) => {
    const result = results.get(recorded.name);
    expect(result).toMatchObject({ workflowId: recorded.workflowId });
    expect(result?.error).toBeUndefined();
  });
});

describe('the gate', () => {
  const today: Gate = {
    manifest: readManifest(),
    files: histories,
    types: Object.keys(workflows),
    ...{ scenarios, ends },
    sdk: sdkOfPackage(),
  };
  const [first] = today.files;
  const others = today.files.slice(1);
  const open = today.files.find(({ closing }) => closing === 'open');
  const told = today.files.find(({ end, closing }) => end !== undefined && closing !== 'open');

  test('lets the recorded histories pass', (context) => {
    expect(gateFindings(today)).toEqual([]);
    const rows = today.manifest.map(({ workflowType, name, closing, end, scenario }) => ({
      ...{ type: workflowType, history: name, closing, end, scenario },
    }));
    tellFigures(context, 'histories', ...rows);
  });

  test.each<readonly [string, Partial<Gate>, RegExp]>([
    ['there is none', { manifest: [], files: [] }, /there is no history/],
    ['one has disappeared', { files: others }, /has disappeared/],
    [
      'one has disappeared from the manifest as well',
      { files: others, manifest: today.manifest.filter(({ name }) => name !== first?.name) },
      /was never recorded/,
    ],
    ['one was changed', changed(first, { text: '{}' }), /was changed/],
    ['one ends by another event', changed(first, { closing: 'TERMINATED' }), /ends TERMINATED/],
    ['one that was open has ended', changed(open, { closing: 'COMPLETED' }), /COMPLETED, not open/],
    ['one that had ended is open', changed(told, { closing: 'open' }), /ends open, not/],
    ['one tells of another end', changed(told, { end: 'x' }), /tells of x, not of/],
    ['one is of another type', changed(first, { workflowType: 'x' }), /is of type x/],
    ['one is of no commit', noted({ commit: 'f3b48eb' }), /is of the commit f3b48eb/],
    ['one is of another SDK', noted({ sdk: '2.0.0' }), /of SDK 2.0.0, which is not ours/],
    ['one is of a newer SDK', noted({ sdk: '1.999.0' }), /of SDK 1.999.0, which is not ours/],
    ['one is of no SDK', noted({ sdk: 'latest' }), /of SDK latest, which is not ours/],
    ['one was never noted', { manifest: today.manifest.slice(1) }, /is not in the manifest/],
    ['one is of no scenario', { scenarios: {} }, /is the history of no scenario/],
    ['a scenario became another one', restated(), /was recorded as another scenario/],
    ['a registered type has none', { types: [...today.types, 'twap'] }, /twap has no closed/],
    ['a registered type has none', { types: [...today.types, 'twap'] }, /twap has no open/],
    ['no history goes on', only(({ closing }) => closing !== 'open'), /has no open history/],
    ['no history has ended', only(({ closing }) => closing === 'open'), /has no closed history/],
    ...today.types.flatMap((type) =>
      (['closed', 'open'] as const).flatMap((kind) =>
        (ends[type]?.[kind] ?? []).map((end): readonly [string, Partial<Gate>, RegExp] => [
          `no ${kind} ${type} is of ${end}`,
          only((one) => one.workflowType !== type || one.end !== end || isOpen(one) !== kind),
          new RegExp(`type ${type} has no ${kind} history of ${end}`),
        ]),
      ),
    ),
  ])('closes when %s', (_when, change, finding) => {
    expect(gateFindings({ ...today, ...change }).join('\n')).toMatch(finding);
  });

  function changed(file: HistoryFile | undefined, change: Partial<HistoryFile>): Partial<Gate> {
    if (!file) throw new Error('there is no such history to change');
    return { files: today.files.map((one) => (one === file ? { ...one, ...change } : one)) };
  }

  function noted(change: Partial<ManifestEntry>): Partial<Gate> {
    return {
      manifest: today.manifest.map((one) =>
        one.name === first?.name ? { ...one, ...change } : one,
      ),
    };
  }

  function restated(): Partial<Gate> {
    const { matched } = scenarios;
    return { scenarios: { ...scenarios, matched: { ...matched, closing: 'CANCELED' } } };
  }

  function only(isKept: (one: ManifestEntry) => boolean): Partial<Gate> {
    const manifest = today.manifest.filter(isKept);
    const names = new Set(manifest.map(({ name }) => name));
    return { manifest, files: today.files.filter(({ name }) => names.has(name)) };
  }

  function isOpen({ closing }: ManifestEntry): 'open' | 'closed' {
    return closing === 'open' ? 'open' : 'closed';
  }
});

describe('a workflow that was changed without a patch is caught', () => {
  test.for(mutations)('$what', { timeout: REPLAY_ALL_MS }, async (mutation, context) => {
    const results = await replayed({ code: mutated(mutation) }, histories);
    const caught = results.filter(({ error }) => error?.name === 'DeterminismViolationError');
    tellFigures(context, 'mutations', { mutation: mutation.what, 'caught by': caught.length });
    expect(caught).not.toEqual([]);
    const typeOf = new Map(histories.map((one) => [one.workflowId, one.workflowType]));
    const { workflowType } = mutation;
    const others = caught.filter(({ workflowId }) => typeOf.get(workflowId) !== workflowType);
    if (workflowType !== undefined) expect(others).toEqual([]);
  });

  test('and there are at least five', () => {
    expect(mutations.length).toBeGreaterThanOrEqual(5);
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
    expect(told.match(/"stackTrace":"[^"]/g), name).toBe(null);
  }
});

/** The bundle with one thing in it changed, in every workflow that has it. */
function mutated({ what, today, changed }: Mutation): string {
  const everywhere = new RegExp(today, 'g');
  const places = code.match(everywhere) ?? [];
  const count = typeof changed === 'string' ? 1 : 2; // an exchange has two
  expect(places.length, `the bundle has places where ${what}`).toBeGreaterThanOrEqual(count);
  return typeof changed === 'string'
    ? code.replaceAll(everywhere, changed)
    : code.replaceAll(everywhere, (place) => changed(place));
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
