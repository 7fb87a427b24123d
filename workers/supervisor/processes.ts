import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StackError } from '../../stack/index.js';
import { childEnvironment, type ProcessConfig } from '../config.js';
import type { ProcessSpec } from './managed-process.js';

/** The venues that are simulated on this machine, each a process of its own. */
export const simulatedVenues = ['kalshi', 'polymarket'] as const;

interface ProcessKind {
  readonly name: string;
  /** The file under workers/, without its ending; it runs as one file that the build has made of it. */
  readonly entry: string;
  readonly venue?: (typeof simulatedVenues)[number];
  /** How long it may drain: a shot may take its HTTP deadline and its answer, and is never cut. */
  readonly drainMs: number;
}

/** Every process of one machine, in the order in which they start; they drain in reverse. */
const processKinds: readonly ProcessKind[] = [
  { name: 'simulator-kalshi', entry: 'simulator', venue: 'kalshi', drainMs: 5_000 },
  { name: 'simulator-polymarket', entry: 'simulator', venue: 'polymarket', drainMs: 5_000 },
  { name: 'trading', entry: 'trading', drainMs: 15_000 },
  { name: 'scanner', entry: 'scanner', drainMs: 5_000 },
];

const READY_TIMEOUT_MS = 60_000;

/** What every process of a desk is told alike. */
export type DeskConfig = Omit<
  ProcessConfig,
  'component' | 'processId' | 'venue' | 'port' | 'tlsPort' | 'drainMs'
>;

/**
 * The processes of a desk in the stages of its start, with so many trading workers: `trading`,
 * `trading-2` and so on. Throws `StackError` when one has not been built.
 */
export function processSpecs(desk: DeskConfig, traders = 1): ProcessSpec[][] {
  const entries = [...new Set(processKinds.map(({ entry }) => entry))];
  return entries.map((entry) =>
    processKinds
      .filter((kind) => kind.entry === entry)
      .flatMap((kind) => (kind.name === 'trading' ? copies(kind, traders) : kind))
      .map((kind) => specOf(kind, desk)),
  );
}

function specOf(kind: ProcessKind, desk: DeskConfig): ProcessSpec {
  const { name, venue, drainMs } = kind;
  const simulator = venue && {
    ...{ venue, port: portIn(desk.venues[venue]) },
    ...(desk.tlsVenues && { tlsPort: portIn(desk.tlsVenues[venue]) }),
  };
  return {
    ...{ name, drainMs, kind: 'module', entry: entryOf(kind), readyTimeoutMs: READY_TIMEOUT_MS },
    environment: (processId) =>
      childEnvironment({ ...desk, ...simulator, component: name, processId, drainMs }),
  };
}

const portIn = (url: string | undefined): number => Number(new URL(url ?? '').port);

function copies(kind: ProcessKind, count: number): ProcessKind[] {
  const others = Array.from({ length: count - 1 }, (_, index) => `${kind.name}-${index + 2}`);
  return [kind.name, ...others].map((name) => ({ ...kind, name }));
}

function entryOf({ entry }: ProcessKind): string {
  const programs = fileURLToPath(new URL('../../programs', import.meta.url));
  const module = join(programs, `${entry}.js`);
  if (!existsSync(module)) throw new StackError(`${module} is missing.`, ['Run `npm run build`.']);
  return module;
}
