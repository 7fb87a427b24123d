import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort, isFree } from './free-port.js';
import { identityOf, isAlive, type ProcessIdentity } from './process-identity.js';
import { StackError } from './stack-error.js';

interface ServerPlace {
  readonly name: string;
  /** Where its state file and its output lie. */
  readonly folder: string;
}

export interface LastingServer<Ports extends string> extends ServerPlace {
  /** Its ports and what to try first for each; a remembered port wins. */
  readonly ports: Readonly<Record<Ports, number | undefined>>;
  readonly command: (ports: Record<Ports, number>) => ServerCommand;
  readonly isReady: (ports: Record<Ports, number>) => Promise<boolean>;
  readonly readyTimeoutMs: number;
  /** Signals in order, each with how long it is given before the next. */
  readonly stopSteps: readonly StopStep[];
}

export interface ServerCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly userId?: number;
}

export interface StopStep {
  readonly signal: NodeJS.Signals;
  readonly waitMs: number;
}

export interface RunningServer<Ports extends string> {
  readonly ports: Record<Ports, number>;
  readonly wasRunning: boolean;
  readonly stop: () => Promise<void>;
}

interface ServerState<Ports extends string> {
  readonly ports: Partial<Record<Ports, number>>;
  readonly process?: ProcessIdentity;
}

/** A port may be taken between our look and the bind; a killed Postgres may still hold its lock. */
const ATTEMPTS = 10;
const RETRY_MS = 500;
const POLL_MS = 25;
/** Until a server that was killed has let go of its port. */
const PORT_FREE_MS_MAX = 5_000;
/** A server that dies later than this did not stumble over a port or a lock of its predecessor. */
const STUMBLE_MS = 5_000;
/** How much of its output is told when it does not start; one line may hold a whole stack. */
const TAIL_LINES = 6;
const TAIL_COLUMNS = 300;
/** Rolled over at a start, so that output never fills the disk unseen. */
const OUTPUT_BYTES_MAX = 20_000_000;

/**
 * Starts a server that outlives us, or attaches to the one that an earlier run left.
 * 1. Its output goes to a file: on a pipe it would die at its first line after us.
 * 2. Its own process group: Ctrl-C must not reach it before the workers have drained.
 * 3. It is recognised by pid *and* start time, and must answer before it counts.
 * Throws `StackError` with the end of its output when it cannot be started.
 */
export async function startLasting<Ports extends string>(
  server: LastingServer<Ports>,
): Promise<RunningServer<Ports>> {
  const attached = await attach(server);
  if (attached !== undefined) return attached;
  for (let attempt = 1; ; attempt += 1) {
    const ports = await choosePorts(server);
    const startedAtMs = performance.now();
    const process = launch(server, ports);
    remember(server, { ports, process });
    if (await becomesReady(server, ports, process))
      return { ...running(server, ports, process), wasRunning: false };
    await stopProcess(process, server.stopSteps);
    remember(server, { ports });
    const hasStumbled = performance.now() - startedAtMs < STUMBLE_MS;
    if (attempt >= ATTEMPTS || !hasStumbled) throw notStarted(server);
    await delay(RETRY_MS);
  }
}

/** Stops the server that an earlier run left in this folder, if it lives. */
export async function stopRemembered(
  folder: string,
  name: string,
  steps: readonly StopStep[],
): Promise<void> {
  const { process, ports } = stateOf({ folder, name });
  if (process === undefined) return;
  await stopProcess(process, steps);
  remember({ folder, name }, { ports });
}

/** Sends the signals in order until the process is gone. A process that is gone already is fine. */
export async function stopProcess(
  identity: ProcessIdentity,
  steps: readonly StopStep[],
): Promise<void> {
  for (const { signal, waitMs } of steps) {
    if (!isAlive(identity)) return;
    process.kill(identity.pid, signal);
    const untilMs = performance.now() + waitMs;
    while (isAlive(identity) && performance.now() < untilMs) await delay(POLL_MS);
  }
}

async function attach<Ports extends string>(
  server: LastingServer<Ports>,
): Promise<RunningServer<Ports> | undefined> {
  const { process, ports } = stateOf(server);
  if (process === undefined || !isAlive(process)) return undefined;
  // Written together with the process, by `startLasting`, so all of them are there.
  const known = ports as Record<Ports, number>;
  if (await becomesReady(server, known, process))
    return { ...running(server, known, process), wasRunning: true };
  await stopProcess(process, server.stopSteps);
  return undefined;
}

function running<Ports extends string>(
  server: LastingServer<Ports>,
  ports: Record<Ports, number>,
  process: ProcessIdentity,
): Omit<RunningServer<Ports>, 'wasRunning'> {
  const stop = async (): Promise<void> => {
    await stopProcess(process, server.stopSteps);
    remember(server, { ports });
  };
  return { ports, stop };
}

async function choosePorts<Ports extends string>(
  server: LastingServer<Ports>,
): Promise<Record<Ports, number>> {
  const remembered = stateOf(server).ports;
  const chosen: Partial<Record<Ports, number>> = {};
  for (const name of Object.keys(server.ports) as Ports[]) {
    // the keys of a Record<Ports, …>
    const own = remembered[name];
    if (own !== undefined) await becomesFree(own);
    const wishes = [own, server.ports[name]].filter((port) => port !== undefined);
    chosen[name] = await freePort(...wishes);
  }
  return chosen as Record<Ports, number>; // every name was just filled
}

/**
 * A killed server is gone before its last thread is, which still holds its port for a moment; and
 * whoever is connected looks for the next one where this one was.
 */
async function becomesFree(port: number): Promise<void> {
  const untilMs = performance.now() + PORT_FREE_MS_MAX;
  while (!(await isFree(port)) && performance.now() < untilMs) await delay(POLL_MS);
}

function launch<Ports extends string>(
  server: LastingServer<Ports>,
  ports: Record<Ports, number>,
): ProcessIdentity {
  const { program, args, env, userId } = server.command(ports);
  const output = openSync(outputFile(server), hasGrownLarge(outputFile(server)) ? 'w' : 'a', 0o600);
  const child = spawn(program, args, {
    detached: true,
    stdio: ['ignore', output, output],
    cwd: '/',
    ...(env && { env }),
    ...(userId !== undefined && { uid: userId, gid: userId }),
  });
  closeSync(output);
  child.on('error', () => undefined); // It then has no pid, which is reported below.
  child.unref();
  const identity = child.pid === undefined ? undefined : identityOf(child.pid);
  return identity ?? { pid: child.pid ?? 0, startedAt: 'never' };
}

async function becomesReady<Ports extends string>(
  server: LastingServer<Ports>,
  ports: Record<Ports, number>,
  process: ProcessIdentity,
): Promise<boolean> {
  const untilMs = performance.now() + server.readyTimeoutMs;
  while (performance.now() < untilMs) {
    if (!isAlive(process)) return false;
    if (await server.isReady(ports)) return isAlive(process); // else another server answered
    await delay(POLL_MS);
  }
  return false;
}

function notStarted<Ports extends string>(server: LastingServer<Ports>): StackError {
  const lines = readFileSync(outputFile(server), 'utf8').trim().split('\n').slice(-TAIL_LINES);
  const tail = lines.map((line) => line.slice(0, TAIL_COLUMNS));
  return new StackError(`${server.name} did not start. The end of ${outputFile(server)}:`, tail);
}

function stateOf<Ports extends string>(server: ServerPlace): ServerState<Ports> {
  try {
    return JSON.parse(readFileSync(stateFile(server), 'utf8')) as ServerState<Ports>; // our own file
  } catch {
    return { ports: {} }; // The first start here.
  }
}

function remember<Ports extends string>(server: ServerPlace, state: ServerState<Ports>): void {
  const draft = `${stateFile(server)}.new`;
  writeFileSync(draft, JSON.stringify(state, undefined, 2));
  renameSync(draft, stateFile(server));
}

function stateFile(server: ServerPlace): string {
  return join(server.folder, `${server.name}.json`);
}

function outputFile(server: ServerPlace): string {
  return join(server.folder, `${server.name}.log`);
}

function hasGrownLarge(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > OUTPUT_BYTES_MAX;
}
