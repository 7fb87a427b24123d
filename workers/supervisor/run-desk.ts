import type { Stack } from '../../stack/index.js';
import {
  assertMode,
  type Connection,
  confirmKilled,
  connect,
  ensureAccount,
  migrate,
  releaseDeadEngines,
} from '../../store/index.js';
import { hostName } from '../host-name.js';
import { runSession } from '../session/run-session.js';
import type { TermsFile } from '../terms-file.js';
import { Deaths } from './deaths.js';
import { watchFreezes } from './freeze-watch.js';
import { ProcessRecord } from './leftovers.js';
import type { ProcessEvent } from './managed-process.js';
import { noLongerThan } from './no-longer-than.js';
import { type OpenDesk, openDesk } from './open-desk.js';
import { type DeskConfig, processSpecs } from './processes.js';
import type { RunRequest } from './run-request.js';
import type { SessionControl } from './session-control.js';
import { Supervisor } from './supervisor.js';
import { warningLine } from './warning-line.js';
import { watchCode } from './watch.js';

interface RunDesk extends RunRequest {
  readonly stack: Stack;
  /** Waits until Temporal and Postgres live. */
  readonly areServersUp: () => Promise<void>;
  /** The native engine's program; absent: this desk has none. */
  readonly engineProgram?: string;
  /** What the operator's terms file states. */
  readonly stated?: TermsFile;
}

/** Everyone trades the same account until a limits file names others. */
const ACCOUNT = 'main';
/** The first pause is short, because a trade may be waiting; the longest spares a broken machine. */
const backOff = { firstMs: 250, longestMs: 10_000, healthyMs: 3_000, startAttempts: 3 };

/** Nobody asks anything by then; a connection says goodbye in milliseconds. */
const CLOSED_WITHIN_MS = 2_000;

/** The desk's processes on servers that run: until they are interrupted, or their session is over. */
export async function runDesk(options: RunDesk): Promise<number> {
  const { tell, stack } = options;
  const applied = await migrate(stack.postgres.databaseUrl);
  tell({ kind: 'done', part: 'migrations', line: `${applied.length} applied` });
  const books = connect(stack.postgres.databaseUrl, { connectionsMax: 2 });
  try {
    await assertMode(books.db, options.request.mode);
    await ensureAccount(books.db, ACCOUNT);
    return await supervise(options, books);
  } finally {
    await noLongerThan(CLOSED_WITHIN_MS, books.close()); // it waits for queries, and Postgres may hang
  }
}

async function supervise(options: RunDesk, books: Connection): Promise<number> {
  const { request, interrupted } = options;
  const record = new ProcessRecord(request.dataFolder);
  for (const processId of await record.endLeftovers()) await gone(books, processId);
  const opened = await openDesk(options, ACCOUNT);
  const { desk, engine } = opened;
  if (!engine) await letPairsGo(books, options);
  const deaths = new Deaths((processId) => gone(books, processId), record);
  const supervisor = new Supervisor({
    ...{ logsFolder: desk.folders.logs, backOff, canStart: options.areServersUp },
    onEvent: (event) => {
      if (event.kind === 'started') record.started(event);
      if (event.kind === 'ended') deaths.seen(event.processId);
      showEvent(event, options);
    },
  });
  const freezes = await watchFreezes({
    ...{ db: books.db, databaseUrl: options.stack.postgres.databaseUrl, supervisor },
    ...{ log: options.log, say: (line) => options.tell({ kind: 'line', line }) },
  });
  let stopWatching: () => void = () => undefined;
  try {
    if (!(await comesUp(supervisor, opened, options))) return 0; // Ctrl-C while it was starting
    if (request.isWatching) stopWatching = watchCode(options.log, () => supervisor.restart());
    if (request.session === undefined) return await until(interrupted);
    return await runSession(sessionControl(supervisor, desk, options));
  } finally {
    stopWatching();
    await supervisor.drain(); // who stands still now is killed, too
    await freezes.close();
    await deaths.settle();
  }
}

/** `false` when it was interrupted before everything was ready. */
async function comesUp(
  supervisor: Supervisor,
  { desk, engine }: OpenDesk,
  options: RunDesk,
): Promise<boolean> {
  const { tell, interrupted, stack, request } = options;
  const drain = (): void => void supervisor.drain();
  interrupted.addEventListener('abort', drain);
  try {
    await supervisor.start(processSpecs(desk, { traders: request.traders, engine }));
  } catch (error) {
    if (interrupted.aborted) return false;
    throw error;
  } finally {
    interrupted.removeEventListener('abort', drain);
  }
  const { uiAddress } = stack.temporal;
  tell({ kind: 'done', part: 'processes', line: Object.keys(supervisor.pids()).join(', ') });
  tell({ kind: 'ready', venues: desk.venues, ...(uiAddress && { temporalWebUrl: uiAddress }) });
  if (options.stated) tell({ kind: 'line', line: `terms of ${options.stated.path}` });
  return true;
}

function sessionControl(
  supervisor: Supervisor,
  desk: DeskConfig,
  { log, tell, interrupted }: RunDesk,
): SessionControl {
  return {
    ...{ desk, log, interrupted },
    stopProcesses: async (kind) => supervisor.stop(kind),
    drainProcesses: async () => supervisor.drain(),
    say: (line) => tell({ kind: 'line', line }),
  };
}

/** What an engine had that was killed here: none comes that would take it over. */
async function letPairsGo({ db }: Connection, { tell }: RunDesk): Promise<void> {
  const count = await releaseDeadEngines(db, { host: hostName(), atMs: Date.now() });
  if (count > 0)
    tell({ kind: 'line', line: `${count} pairs of a dead engine are nobody's; none is fired` });
}

/** A freeze need not wait for a process that its supervisor has seen gone. */
async function gone({ db }: Connection, processId: string): Promise<void> {
  await confirmKilled(db, { processId, atMs: Date.now() });
}

function showEvent(event: ProcessEvent, { tell, log }: RunDesk): void {
  log.debug(event, event.kind);
  const { name } = event;
  if (event.kind === 'started') tell({ kind: 'step', part: 'processes', line: name });
  if (event.kind === 'warning') tell({ kind: 'line', line: warningLine(event.record) });
  if (event.kind === 'ready' && event.isAgain) tell({ kind: 'line', line: `${name} is back` });
  if (event.kind === 'ended' && !event.wasAsked) {
    tell({ kind: 'line', line: `${name} ${event.cause}` });
  }
  if (event.kind === 'restarting') {
    tell({ kind: 'line', line: `${name} starts again in ${event.delayMs} ms` });
  }
}

async function until(interrupted: AbortSignal): Promise<number> {
  if (!interrupted.aborted) {
    await new Promise((resolve) => interrupted.addEventListener('abort', resolve, { once: true }));
  }
  return 0;
}
