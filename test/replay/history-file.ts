import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { packageRoot } from '../../stack/index.js';
import { type Closing, closings } from './closing.js';
import { endToldBy, type HistoryText } from './history-end.js';
import { addToManifest, type HistoryFile, sha256 } from './manifest.js';
import type { Scenario } from './scenarios.js';

const folder = join(packageRoot(), 'test', 'replay', 'histories');
const pathOf = (name: string): string => join(folder, `${name}.json`);

export interface RecordedHistory extends HistoryFile {
  readonly workflowId: string;
  /** As Temporal writes it in JSON. */
  readonly history: object;
}

/** What a history is kept as: never over one that is there. */
export interface Keeping {
  readonly name: string;
  readonly scenario: Scenario;
  readonly history: History;
}

export const isRecorded = (name: string): boolean => existsSync(pathOf(name));

/**
 * Keeps a history without a trace of the machine that made it, and notes it in the manifest. Throws
 * where it is not the one that the scenario tells of.
 */
export function keepHistory({ name, scenario, history }: Keeping): void {
  const kept = anonymous(JSON.parse(historyToJSON(history)), '');
  const text = `${JSON.stringify(kept, null, 2)}\n`;
  const { workflowType, closing, end = scenario.end } = historyFrom(name, text);
  const found = { workflowType, closing, end };
  const { workflowType: type, closing: last, end: told } = scenario;
  const meant = { workflowType: type, closing: last, end: told };
  if (JSON.stringify(found) !== JSON.stringify(meant)) {
    throw new Error(`${name} is ${JSON.stringify(found)}, not ${JSON.stringify(meant)}`);
  }
  writeFileSync(pathOf(name), text, { flag: 'wx' });
  const { version: sdk } = createRequire(import.meta.url)('@temporalio/worker/package.json') as {
    version: string; // every npm package has one
  };
  const commit = git('rev-parse', 'HEAD');
  addToManifest({ ...{ name, ...scenario, sha256: sha256(text), sdk, commit } });
}

/**
 * Throws where nobody else could find the sources that record: they are changed, or their commit is
 * only here. How a history is played is no source of it: that may be new.
 */
export function assertPublished(): void {
  const changed = git('status', '--porcelain', '--untracked-files=no')
    .split('\n')
    .filter((line) => line !== '' && !/ test\/replay\//.test(line));
  if (changed.length > 0) throw new Error(`commit first: ${changed.join(', ')}`);
  if (git('branch', '--remotes', '--contains', 'HEAD') === '') {
    throw new Error(`push first: no remote branch has ${git('rev-parse', 'HEAD')}`);
  }
}

const git = (...words: readonly string[]): string =>
  execFileSync('git', words, { cwd: packageRoot() }).toString().trimEnd();

/** The SDK that `package.json` names: an exact version. */
export function sdkOfPackage(): string {
  const text = readFileSync(join(packageRoot(), 'package.json'), 'utf8');
  const { dependencies } = JSON.parse(text) as { dependencies: Record<string, string> }; // ours
  return dependencies['@temporalio/worker'] ?? 'none';
}

export function recordedHistories(): readonly RecordedHistory[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return files.toSorted().map((file) => {
    const name = file.replace(/\.json$/, '');
    return historyFrom(name, readFileSync(pathOf(name), 'utf8'));
  });
}

function historyFrom(name: string, text: string): RecordedHistory {
  const history = JSON.parse(text) as HistoryText; // ours, see above
  const [first] = history.events;
  const started = first?.workflowExecutionStartedEventAttributes;
  if (!started) throw new Error(`the history ${name} does not begin with its start`);
  const { workflowId, workflowType } = started;
  const closing = closingOf(history.events.at(-1)?.eventType ?? '');
  const end = endToldBy(history, workflowType.name, closing);
  return { name, text, workflowId, workflowType: workflowType.name, closing, end, history };
}

function closingOf(eventType: string): Closing {
  return closings.find((end) => eventType === `EVENT_TYPE_WORKFLOW_EXECUTION_${end}`) ?? 'open';
}

/** Who did it, on which machine and in which files is nobody's business. */
function anonymous(value: unknown, key: string): unknown {
  if (typeof value === 'string') {
    if (key === 'identity') return 'legwork';
    return key === 'stackTrace' ? '' : value;
  }
  if (Array.isArray(value)) return value.map((item) => anonymous(item, key));
  if (typeof value !== 'object' || value === null) return value;
  const isSticky = 'kind' in value && value.kind === 'TASK_QUEUE_KIND_STICKY';
  const renamed = isSticky ? { ...value, name: 'legwork-sticky' } : value;
  return Object.fromEntries(
    Object.entries(renamed).map(([name, item]) => [name, anonymous(item, name)]),
  );
}
