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
  /**
   * The file under workers/, without its ending; it runs as one file that the build has made of it.
   * The engine is none of these: `EngineToRun` says where it lies.
   */
  readonly entry: string;
  readonly venue?: (typeof simulatedVenues)[number];
  /** How long it may drain: a shot may take its HTTP deadline and its answer, and is never cut. */
  readonly drainMs: number;
}

const ENGINE = 'engine';
const SCANNER = 'scanner';

/** Every process of one machine, in the order in which they start; they drain in reverse. */
const processKinds: readonly ProcessKind[] = [
  { name: 'simulator-kalshi', entry: 'simulator', venue: 'kalshi', drainMs: 5_000 },
  { name: 'simulator-polymarket', entry: 'simulator', venue: 'polymarket', drainMs: 5_000 },
  { name: ENGINE, entry: ENGINE, drainMs: 15_000 },
  { name: 'trading', entry: 'trading', drainMs: 15_000 },
  { name: SCANNER, entry: SCANNER, drainMs: 5_000 },
];

/** Left out where nothing is to be fired: what the scanner offers would only be denied. */
const fires: readonly string[] = [ENGINE, SCANNER];

const READY_TIMEOUT_MS = 60_000;

/** What every process of a desk is told alike. */
export type DeskConfig = Omit<
  ProcessConfig,
  'component' | 'processId' | 'venue' | 'port' | 'tlsPort' | 'metricsPort' | 'drainMs'
>;

/** The native engine of a desk that has one. */
export interface EngineToRun {
  readonly program: string;
  readonly metricsPort: number;
}

interface ProcessesWanted {
  /** How many trading workers; absent: one. */
  readonly traders?: number | undefined;
  /** Absent: the desk fires nothing. */
  readonly engine?: EngineToRun | undefined;
}

/**
 * The processes of a desk in the stages of its start, with so many trading workers: `trading`,
 * `trading-2` and so on. Throws `StackError` when one has not been built, or cannot run like this.
 */
export function processSpecs(
  desk: DeskConfig,
  { traders = 1, engine }: ProcessesWanted = {},
): ProcessSpec[][] {
  if (engine) assertHasTls(desk);
  const kinds = processKinds.filter(({ entry }) => engine !== undefined || !fires.includes(entry));
  const entries = [...new Set(kinds.map(({ entry }) => entry))];
  return entries.map((entry) =>
    kinds
      .filter((kind) => kind.entry === entry)
      .flatMap((kind) => (kind.name === 'trading' ? copies(kind, traders) : kind))
      .map((kind) =>
        engine && entry === ENGINE ? engineSpec(kind, desk, engine) : specOf(kind, desk),
      ),
  );
}

function specOf(kind: ProcessKind, desk: DeskConfig): ProcessSpec {
  const { venue } = kind;
  const simulator = venue && {
    ...{ venue, port: portIn(desk.venues[venue]) },
    ...(desk.tlsVenues && { tlsPort: portIn(desk.tlsVenues[venue]) }),
  };
  return { kind: 'module', entry: entryOf(kind), ...around(kind, { ...desk, ...simulator }) };
}

function engineSpec(
  kind: ProcessKind,
  desk: DeskConfig,
  { program, metricsPort }: EngineToRun,
): ProcessSpec {
  return { kind: 'native', entry: program, ...around(kind, { ...desk, metricsPort }) };
}

function assertHasTls({ tlsVenues }: DeskConfig): void {
  if (tlsVenues !== undefined) return;
  throw new StackError(
    'The engine speaks to venues by TLS alone, and this desk names none by TLS.',
    ['Give their URLs in `tlsVenues`, or fire nothing: --without-engine.'],
  );
}

/** What a process is told and given, whatever it is written in. */
function around(
  { name, drainMs }: ProcessKind,
  told: DeskConfig & Partial<ProcessConfig>,
): Omit<ProcessSpec, 'kind' | 'entry'> {
  return {
    ...{ name, drainMs, readyTimeoutMs: READY_TIMEOUT_MS },
    environment: (processId) => childEnvironment({ ...told, component: name, processId, drainMs }),
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
