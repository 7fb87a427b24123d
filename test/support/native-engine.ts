import { type ChildProcess, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { VenueName } from '../../domain/index.js';
import { childMessageSchema, drainMessage } from '../../schemas/process-messages.js';
import { findEngine } from '../../stack/index.js';
import { startTlsFront, type TlsFront } from '../../venues/simulation/index.js';
import { simulatedVenueCertificate } from '../../workers/venue-certificate.js';
import type { TestDesk } from './desk.js';
import { forgetJournals as forgetJournalsIn } from './forget-journals.js';

/** The process `legwork-engine` beside a test's desk, before the same venues, by TLS. */
export interface NativeEngine {
  /** Of the one that runs now, or has run last. */
  readonly pid: number;
  /** Of the same, as Postgres names it. */
  readonly processId: string;
  /** What it has said of itself when it was ready: its queue, pairs, and shots that it swept. */
  readonly info: Readonly<Record<string, string>>;
  /** Where it hears strategies. */
  readonly door: string;
  /** Its log, with those of its earlier starts. */
  readonly log: string;
  /** Fulfilled with the signal that has ended it, once the one that runs now has ended. */
  ended(): Promise<NodeJS.Signals | null>;
  /** SIGKILL, and it is gone when this is fulfilled. */
  kill(): Promise<void>;
  /** Asked to drain; fulfilled with its exit code. */
  drain(): Promise<number | null>;
  /** Another start on the same data folder, which neither ends nor stands still by itself. */
  startAgain(): Promise<void>;
  /** Nobody listens there any more, and nobody has moved. */
  takeAway(venue: VenueName): Promise<void>;
  /** Somebody does again, at the same address. */
  bringBack(venue: VenueName): Promise<void>;
  /** SIGKILL, if it runs, and the fronts. */
  close(): Promise<void>;
}

export interface EngineOptions {
  /** The machine's name: of the queue, and of the pairs' owner. */
  readonly host: string;
  /** Its data folder, if not the desk's: it is another machine's. */
  readonly folder?: string;
  /** Where its first start ends itself: a point of `native/desk/src/death.rs`. */
  readonly dieAt?: string;
  /** Where its first start stands still, as by SIGSTOP: one of the same. */
  readonly standAt?: string;
  /** The pairs that it is told of, if not those of the desk. */
  readonly pairFile?: string;
  /** Its lines to servers, if not those of the desk. */
  readonly servers?: Partial<Pick<TestDesk['config'], 'temporalAddress' | 'databaseUrl'>>;
}

export async function startNativeEngine(
  desk: TestDesk,
  { host, folder, pairFile = desk.config.pairFile, servers, ...fate }: EngineOptions,
): Promise<NativeEngine> {
  const program = await engineProgram();
  const fronts = await openFronts(desk);
  const log = join(desk.config.folders.logs, `${host}.log`);
  const place = { folder: folder ?? desk.config.folders.data };
  const door = doorIn(place.folder);
  const told = (processId: string, isFirst: boolean) => ({
    ...engineTold(desk, { ...place, processId, host, fronts, ...(servers && { servers }) }),
    ...{ pairFile, ...(isFirst && fate) },
  });
  let starts = 0;
  const start = async (): Promise<Running> => {
    starts += 1;
    const processId = `${host}-${process.pid}-${Date.now()}-${starts}`;
    return { processId, ...(await ready(program, told(processId, starts === 1), log)) };
  };
  let running = await start();
  return {
    ...{ log, door },
    get pid() {
      return running.pid;
    },
    get processId() {
      return running.processId;
    },
    get info() {
      return running.info;
    },
    ended: async () => (await running.ended).signal,
    kill: async () => {
      running.child.kill('SIGKILL');
      await running.ended;
    },
    drain: async () => {
      running.child.stdin?.write(`${JSON.stringify(drainMessage)}\n`);
      return (await running.ended).code;
    },
    startAgain: async () => {
      running = await start();
    },
    takeAway: (venue) => fronts[venue].close(),
    bringBack: async (venue) => {
      fronts[venue] = await openFront(desk, venue, Number(new URL(fronts[venue].url).port));
    },
    close: async () => {
      running.child.kill('SIGKILL');
      await running.ended;
      await Promise.all([fronts.kalshi.close(), fronts.polymarket.close()]);
    },
  };
}

/** Builds it where nobody has yet, which takes minutes: asked before any test's time runs. */
export async function engineProgram(): Promise<string> {
  const { program } = await findEngine({
    ...(process.env.LEGWORK_ENGINE && { named: process.env.LEGWORK_ENGINE }),
    onStep: () => undefined,
  });
  return program;
}

/** For a desk whose engine is started no more. */
export function forgetJournals({ config }: TestDesk): void {
  forgetJournalsIn(config.folders.data);
}

interface Running {
  readonly processId: string;
  readonly child: ChildProcess;
  readonly pid: number;
  readonly info: Readonly<Record<string, string>>;
  readonly ended: Promise<Ended>;
}

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

async function ready(
  program: string,
  told: object,
  log: string,
): Promise<Omit<Running, 'processId'>> {
  const child = spawn(program, [], {
    env: { ...process.env, LEGWORK_PROCESS: JSON.stringify(told) },
    stdio: ['pipe', 'pipe', openSync(log, 'a')],
  });
  const ended = new Promise<Ended>((resolve) => {
    child.once('exit', (code, signal) => {
      resolve({ code, signal });
    });
  });
  const info = await Promise.race([
    readyInfo(child),
    ended.then(({ code, signal }) => {
      throw new Error(`the engine ended with ${code ?? signal} before it was ready; see ${log}`);
    }),
  ]);
  return { child, pid: child.pid ?? 0, info, ended };
}

async function readyInfo(child: ChildProcess): Promise<Readonly<Record<string, string>>> {
  if (!child.stdout) throw new Error('the engine was started with its standard output piped');
  const lines = createInterface(child.stdout);
  return new Promise((resolve) => {
    lines.on('line', (line) => {
      const said = childMessageSchema.safeParse(JSON.parse(line)).data;
      if (said?.kind === 'ready') resolve(said.info);
    });
  });
}

/** Where an engine with this data folder hears strategies. */
export const doorIn = (folder: string): string => join(folder, 'engine', 'door', 'socket');

export interface EngineToTell extends Pick<EngineOptions, 'host' | 'servers'> {
  readonly folder: string;
  readonly processId: string;
  readonly fronts: Fronts;
}

/** What a start of it is told. */
export function engineTold(
  desk: TestDesk,
  { folder, processId, host, fronts, servers }: EngineToTell,
): object {
  const folders = { ...desk.config.folders, data: folder };
  return {
    ...{ ...desk.config, ...servers, component: 'engine', processId, host, folders },
    ...{ desk: desk.place.desk, doorSocket: doorIn(folder) },
    tlsVenues: { kalshi: fronts.kalshi.url, polymarket: fronts.polymarket.url },
  };
}

/** The desk's venues by TLS. */
export type Fronts = Record<VenueName, TlsFront>;

export async function openFronts(desk: TestDesk): Promise<Fronts> {
  return {
    kalshi: await openFront(desk, 'kalshi', 0),
    polymarket: await openFront(desk, 'polymarket', 0),
  };
}

async function openFront({ config }: TestDesk, venue: VenueName, port: number): Promise<TlsFront> {
  const certificate = simulatedVenueCertificate(config.folders.credentials);
  const venuePort = Number(new URL(config.venues[venue] ?? '').port);
  return startTlsFront({ port, venuePort, certificate });
}
