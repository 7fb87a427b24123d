import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { childMessageSchema, drainMessage } from '../../schemas/process-messages.js';
import { findEngine } from '../../stack/index.js';
import { startTlsFront, type TlsFront } from '../../venues/simulation/index.js';
import { simulatedVenueCertificate } from '../../workers/credentials.js';
import type { TestDesk } from './desk.js';

/** The process `legwork-engine` beside a test's desk, before the same venues, by TLS. */
export interface NativeEngine {
  /** Of the one that runs now. */
  readonly pid: number;
  /** What it has said of itself when it was ready: its queue, pairs, and shots that it swept. */
  readonly info: Readonly<Record<string, string>>;
  /** Its log, with those of its earlier starts. */
  readonly log: string;
  /** SIGKILL, and it is gone when this is fulfilled. */
  kill(): Promise<void>;
  /** Asked to drain; fulfilled with its exit code. */
  drain(): Promise<number | null>;
  /** Another start on the same data folder. */
  startAgain(): Promise<void>;
  /** SIGKILL, if it runs, and the fronts. */
  close(): Promise<void>;
}

export interface EngineOptions {
  /** The machine's name: of the queue, and of the pairs' owner. */
  readonly host: string;
}

export async function startNativeEngine(
  desk: TestDesk,
  { host }: EngineOptions,
): Promise<NativeEngine> {
  const { program } = await findEngine({
    ...(process.env.LEGWORK_ENGINE && { named: process.env.LEGWORK_ENGINE }),
    onStep: () => undefined,
  });
  const fronts = await openFronts(desk);
  const log = join(desk.config.folders.logs, `${host}.log`);
  const told = (processId: string) => ({
    ...{ ...desk.config, component: 'engine', processId, host, desk: desk.place.desk },
    tlsVenues: { kalshi: fronts.kalshi.url, polymarket: fronts.polymarket.url },
  });
  let starts = 0;
  const start = async (): Promise<Running> => {
    starts += 1;
    return ready(program, told(`${host}-${process.pid}-${Date.now()}-${starts}`), log);
  };
  let running = await start();
  return {
    log,
    get pid() {
      return running.pid;
    },
    get info() {
      return running.info;
    },
    kill: async () => {
      running.child.kill('SIGKILL');
      await running.ended;
    },
    drain: async () => {
      running.child.stdin?.write(`${JSON.stringify(drainMessage)}\n`);
      return running.ended;
    },
    startAgain: async () => {
      running = await start();
    },
    close: async () => {
      running.child.kill('SIGKILL');
      await running.ended;
      await Promise.all([fronts.kalshi.close(), fronts.polymarket.close()]);
    },
  };
}

interface Running {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly info: Readonly<Record<string, string>>;
  readonly ended: Promise<number | null>;
}

async function ready(program: string, told: object, log: string): Promise<Running> {
  const child = spawn(program, [], {
    env: { ...process.env, LEGWORK_PROCESS: JSON.stringify(told) },
    stdio: ['pipe', 'pipe', openSync(log, 'a')],
  });
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  const info = await Promise.race([
    readyInfo(child),
    ended.then((code) => {
      throw new Error(`the engine ended with ${code} before it was ready; see ${log}`);
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

async function openFronts({ config }: TestDesk): Promise<Record<'kalshi' | 'polymarket', TlsFront>> {
  const certificate = simulatedVenueCertificate(config.folders.credentials);
  const front = async (url: string | undefined) =>
    startTlsFront({ port: 0, venuePort: Number(new URL(url ?? '').port), certificate });
  return {
    kalshi: await front(config.venues.kalshi),
    polymarket: await front(config.venues.polymarket),
  };
}
