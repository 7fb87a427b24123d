import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { packageRoot } from '../../stack/index.js';
import { addToManifest, type Closing, ends, type HistoryFile, sha256 } from './manifest.js';

const folder = join(packageRoot(), 'test', 'replay', 'histories');
const pathOf = (name: string): string => join(folder, `${name}.json`);

export interface RecordedHistory extends HistoryFile {
  readonly workflowId: string;
  /** As Temporal writes it in JSON. */
  readonly history: object;
}

export const isRecorded = (name: string): boolean => existsSync(pathOf(name));

/** What a history is kept as: never over one that is there. */
export interface Keeping {
  readonly name: string;
  readonly scenario: string;
  readonly history: History;
}

/** Keeps a history without a trace of the machine that made it, and notes it in the manifest. */
export function keepHistory({ name, scenario, history }: Keeping): void {
  const kept = anonymous(JSON.parse(historyToJSON(history)), '');
  writeFileSync(pathOf(name), `${JSON.stringify(kept, null, 2)}\n`, { flag: 'wx' });
  const { text, workflowType, closing } = recordedHistory(name);
  const { version: sdk } = createRequire(import.meta.url)('@temporalio/worker/package.json') as {
    version: string; // every npm package has one
  };
  const commit = execFileSync('git', ['rev-parse', 'HEAD'], { cwd: packageRoot() });
  addToManifest({
    ...{ name, workflowType, scenario, closing, sha256: sha256(text), sdk },
    commit: commit.toString().trim(),
  });
}

export function recordedHistories(): readonly RecordedHistory[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return files.toSorted().map((file) => recordedHistory(file.replace(/\.json$/, '')));
}

interface HistoryText {
  readonly events: readonly {
    readonly eventType: string;
    readonly workflowExecutionStartedEventAttributes?: {
      readonly workflowId: string;
      readonly workflowType: { readonly name: string };
    };
  }[];
}

function recordedHistory(name: string): RecordedHistory {
  const text = readFileSync(pathOf(name), 'utf8');
  const history = JSON.parse(text) as HistoryText; // ours, see above
  const [first] = history.events;
  const started = first?.workflowExecutionStartedEventAttributes;
  if (!started) throw new Error(`the history ${name} does not begin with its start`);
  const { workflowId, workflowType } = started;
  const closing = closingOf(history.events.at(-1)?.eventType ?? '');
  return { name, text, workflowId, workflowType: workflowType.name, closing, history };
}

function closingOf(eventType: string): Closing {
  return ends.find((end) => eventType === `EVENT_TYPE_WORKFLOW_EXECUTION_${end}`) ?? 'open';
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
