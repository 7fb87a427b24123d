import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, inject, test } from 'vitest';
import { ensureFolder, startTemporal } from '../../stack/index.js';
import { migrate } from '../../store/index.js';
import { type DeskServers, openTestDesk } from '../support/desk.js';
import { soon } from '../support/desk-ends.js';
import { freshDatabase, TEST_NAMESPACE } from '../support/stack.js';
import { assertPublished, isRecorded, keepHistory } from './history-file.js';
import { plays } from './plays/index.js';
import { type Scenario, type ScenarioName, scenarios } from './scenarios.js';
import { PAIR, type Play, Story } from './story.js';

// No tests of the product: each plays one scenario and keeps its history.

const names = Object.keys(scenarios) as ScenarioName[]; // its own keys
beforeAll(assertPublished);

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

test.each(names.filter((name) => !isRecorded(name)))('%s', async (name) => {
  const play: Play = plays[name];
  const scenario = scenarios[name];
  const story = await opened(name, play);
  const kept = await play.tell(story);
  const { workflowId, runId } = typeof kept === 'string' ? { workflowId: kept } : kept;
  const handle = story.desk.temporal.workflow.getHandle(workflowId, runId);
  if (scenario.closing !== 'open') {
    await soon(async () => expect((await handle.describe()).status.name).not.toBe('RUNNING'));
  }
  keepHistory({ name, scenario, history: await handle.fetchHistory() });
  // What was kept while it waited for something still waits for it, and for nothing else.
  if (isWaiting(scenario)) expect(await story.wait()).toBe(scenario.end);
});

const isWaiting = ({ workflowType, closing: last, end }: Scenario): boolean =>
  workflowType === 'arbitrage' && last === 'open' && !activities.has(end);
/** One that is out says so by itself. */
const activities: ReadonlySet<string> = new Set([
  ...['adoptFired', 'fireLegs', 'evidenceOf', 'exitOnce'],
]);

/** On the queues of the mode, as in every deployment. */
async function opened(name: string, { desk, runEventsMax }: Play): Promise<Story> {
  const servers = runEventsMax === undefined ? undefined : await serversWith(runEventsMax);
  const open = await openTestDesk({
    ...{ pairs: { [PAIR]: {} }, desk: 'simulated', ...desk },
    ...(servers && { servers }),
  });
  const story = new Story(open, name);
  closing.push(() => story.close());
  return story;
}

/** A Temporal of its own that finds a run of so many events long. */
async function serversWith(runEventsMax: number): Promise<DeskServers> {
  const folder = mkdtempSync(join(ensureFolder(inject('runFolder')), 'short-runs-'));
  const { address, namespace, stop } = await startTemporal({
    ...{ folder, namespace: TEST_NAMESPACE, isDurable: false, onStep: () => undefined },
    settings: { 'limit.historyCount.suggestContinueAsNew': runEventsMax },
  });
  closing.push(stop);
  const databaseUrl = await freshDatabase(async (url) => {
    await migrate(url);
  });
  return { address, namespace, databaseUrl };
}
