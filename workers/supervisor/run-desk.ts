import { join } from 'node:path';
import { namespaceOf } from '../../domain/mode.js';
import { ensureFolder, freePort, type Stack } from '../../stack/index.js';
import {
  assertMode,
  type Connection,
  confirmKilled,
  connect,
  ensureAccount,
  migrate,
} from '../../store/index.js';
import { simulatedVenueCertificate } from '../credentials.js';
import { hostName } from '../host-name.js';
import { runSession } from '../session/run-session.js';
import type { TermsFile } from '../terms-file.js';
import { openDeskFile, saveDeskFile } from './desk-file.js';
import { ProcessRecord } from './leftovers.js';
import type { ProcessEvent } from './managed-process.js';
import { type DeskConfig, processSpecs, simulatedVenues } from './processes.js';
import type { RunRequest } from './run-request.js';
import type { SessionControl } from './session-control.js';
import { Supervisor } from './supervisor.js';
import { warningLine } from './warning-line.js';
import { watchCode } from './watch.js';

interface RunDesk extends RunRequest {
  readonly stack: Stack;
  /** Waits until Temporal and Postgres live. */
  readonly areServersUp: () => Promise<void>;
  /** What the operator's terms file states. */
  readonly stated?: TermsFile;
}

/** Everyone trades the same account until a limits file names others. */
const ACCOUNT = 'main';
/** The first pause is short, because a trade may be waiting; the longest spares a broken machine. */
const backOff = { firstMs: 250, longestMs: 10_000, healthyMs: 3_000, startAttempts: 3 };

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
    await books.close();
  }
}

async function supervise(options: RunDesk, books: Connection): Promise<number> {
  const { request, interrupted } = options;
  const record = new ProcessRecord(request.dataFolder);
  for (const processId of await record.endLeftovers()) await gone(books, processId);
  const desk = await deskConfig(options);
  let kept = Promise.resolve();
  const supervisor = new Supervisor({
    ...{ logsFolder: desk.folders.logs, backOff, canStart: options.areServersUp },
    onEvent: (event) => {
      if (event.kind === 'started') record.started(event);
      if (event.kind === 'ended') {
        kept = kept.then(async () => ended(event.processId, { record, books }));
      }
      showEvent(event, options);
    },
  });
  let stopWatching: () => void = () => undefined;
  try {
    if (!(await comesUp(supervisor, desk, options))) return 0; // Ctrl-C while it was starting
    if (request.isWatching) stopWatching = watchCode(options.log, () => supervisor.restart());
    if (request.session === undefined) return await until(interrupted);
    return await runSession(sessionControl(supervisor, desk, options));
  } finally {
    stopWatching();
    await supervisor.drain();
    await kept;
  }
}

/** `false` when it was interrupted before everything was ready. */
async function comesUp(
  supervisor: Supervisor,
  desk: DeskConfig,
  options: RunDesk,
): Promise<boolean> {
  const { tell, interrupted, stack } = options;
  const drain = (): void => void supervisor.drain();
  interrupted.addEventListener('abort', drain);
  try {
    await supervisor.start(processSpecs(desk, options.request.traders));
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

async function deskConfig({ request, stack, stated }: RunDesk): Promise<DeskConfig> {
  const { dataFolder, mode, faults, pace, session } = request;
  const file = openDeskFile(request, Date.now());
  const ports = await portsOfVenues(file.ports);
  const tlsPorts = await portsOfVenues(file.tlsPorts);
  saveDeskFile(dataFolder, { ...file, ports, tlsPorts });
  const folder = (name: string): string => ensureFolder(join(dataFolder, name));
  // Before two venues want one at once.
  simulatedVenueCertificate(folder('credentials'));
  return {
    ...{ mode, faults, seed: file.seed, openedAtMs: file.openedAtMs, account: ACCOUNT },
    host: hostName(),
    ...{ namespace: namespaceOf(mode), temporalAddress: stack.temporal.address },
    ...{ databaseUrl: stack.postgres.databaseUrl, pairFile: join(dataFolder, 'pairs.json') },
    folders: {
      ...{ data: dataFolder, logs: folder('logs') },
      ...{ ledgers: folder('venues'), credentials: folder('credentials') },
    },
    venues: urlsOf('http', ports),
    tlsVenues: urlsOf('https', tlsPorts),
    ...(pace !== undefined && { pace }),
    ...(session && { session }),
    ...(stated && { terms: stated.terms }),
  };
}

type PerVenue<T> = Readonly<Record<string, T>>;

/** Those of the last start, where they are free still. */
async function portsOfVenues(remembered: PerVenue<number>): Promise<PerVenue<number>> {
  const ports: Record<string, number> = {};
  for (const venue of simulatedVenues) {
    const before = remembered[venue];
    ports[venue] = await freePort(...(before === undefined ? [] : [before]));
  }
  return ports;
}

function urlsOf(scheme: 'http' | 'https', ports: PerVenue<number>): Record<string, string> {
  const urls: Record<string, string> = {};
  for (const [venue, port] of Object.entries(ports)) urls[venue] = `${scheme}://127.0.0.1:${port}`;
  return urls;
}

interface Records {
  readonly record: ProcessRecord;
  readonly books: Connection;
}

async function ended(processId: string, { record, books }: Records): Promise<void> {
  try {
    await gone(books, processId);
    record.ended(processId);
  } catch {
    // It stays in the record, and the next start tells the books.
  }
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
