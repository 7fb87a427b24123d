import type { VenueName } from '../../domain/index.js';

/** What the benchmark and its child processes tell each other over IPC. */
export type ToBench =
  | { readonly kind: 'ready'; readonly info: Readonly<Record<string, string>> }
  | { readonly kind: 'done' }
  | { readonly kind: 'memory'; readonly heapBytes: number };

export type ToSimulator = { readonly kind: 'confirmAfter'; readonly ms: number };
export type ToTrading = { readonly kind: 'measureHeap' };

/** Their configuration is JSON, the only argument of a process. */
export interface SimulatorConfig {
  readonly venue: VenueName;
  readonly pairs: number;
  readonly credentialsFolder: string;
  readonly confirmMs: number;
}

export interface LadderConfig {
  readonly address: string;
  readonly namespace: string;
}

export function givenConfig(): unknown {
  return JSON.parse(process.argv[2] ?? '{}');
}

export function tellBench(message: ToBench): void {
  process.send?.(message);
}
