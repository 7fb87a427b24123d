import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { packageRoot } from '../../stack/index.js';

const folder = join(packageRoot(), 'test', 'replay', 'histories');
const pathOf = (name: string): string => join(folder, `${name}.json`);

export interface RecordedHistory {
  readonly name: string;
  readonly workflowId: string;
  readonly workflowType: string;
  /** Recorded after its trade had ended. */
  readonly isClosed: boolean;
  /** As Temporal writes it in JSON. */
  readonly history: object;
}

export const isRecorded = (name: string): boolean => existsSync(pathOf(name));

/** Keeps a history without a trace of the machine that made it. */
export function keepHistory(name: string, history: History): void {
  const kept = anonymous(JSON.parse(historyToJSON(history)), '');
  writeFileSync(pathOf(name), `${JSON.stringify(kept, null, 2)}\n`, { flag: 'wx' });
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
  const history = JSON.parse(readFileSync(pathOf(name), 'utf8')) as HistoryText; // ours, see above
  const [first] = history.events;
  const started = first?.workflowExecutionStartedEventAttributes;
  if (!started) throw new Error(`the history ${name} does not begin with its start`);
  const { workflowId, workflowType } = started;
  const isClosed = ENDS.test(history.events.at(-1)?.eventType ?? '');
  return { name, workflowId, workflowType: workflowType.name, isClosed, history };
}

const ENDS = /EXECUTION_(COMPLETED|CANCELED|FAILED|CONTINUED_AS_NEW)$/;

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
