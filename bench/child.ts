import { type ChildProcess, spawn } from 'node:child_process';
import type { ToBench } from './processes/messages.js';

export interface ChildProgram {
  readonly name: string;
  /** What Node gets: its own options, the program and its arguments. */
  readonly args: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
}

/** A process of the benchmark, alive until its channel closes. */
export interface Child {
  readonly pid: number;
  readonly info: Readonly<Record<string, string>>;
  /** Sends one message and waits for the answer of that kind. */
  readonly ask: <K extends ToBench['kind']>(message: object, kind: K) => Promise<Answer<K>>;
  readonly stop: () => Promise<void>;
}

type Answer<K extends ToBench['kind']> = Extract<ToBench, { readonly kind: K }>;

const LAST_WORDS = 2_000;
const DRAIN_MS_MAX = 20_000;

/** Starts it and waits until it says that it is ready. Throws its last words when it ends before. */
export async function startChild({ name, args, environment }: ChildProgram): Promise<Child> {
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    ...(environment && { env: environment }),
  });
  const said = lastWordsOf(child);
  const ended = new Promise<never>((_, reject) => {
    child.once('exit', (code) => {
      reject(new Error(`${name} ended with ${code ?? 'a signal'}: ${said()}`));
    });
  });
  ended.catch(() => undefined); // whoever waits for an answer is told
  const heard = <K extends ToBench['kind']>(kind: K): Promise<Answer<K>> =>
    Promise.race([answerOf(child, kind), ended]);
  const { info } = await heard('ready');
  return {
    pid: child.pid ?? 0,
    info,
    ask: async (message, kind) => {
      const answer = heard(kind);
      child.send(message);
      return answer;
    },
    stop: async () => {
      if (child.connected) child.disconnect();
      const overdue = setTimeout(() => child.kill('SIGKILL'), DRAIN_MS_MAX);
      await ended.catch(() => undefined);
      clearTimeout(overdue);
    },
  };
}

function answerOf<K extends ToBench['kind']>(child: ChildProcess, kind: K): Promise<Answer<K>> {
  return new Promise((resolve) => {
    const hear = (message: ToBench): void => {
      if (message.kind !== kind) return;
      child.off('message', hear);
      resolve(message as Answer<K>); // the kind says so
    };
    child.on('message', hear);
  });
}

/** What it prints is read, or it would stand still one day. */
function lastWordsOf(child: ChildProcess): () => string {
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      said = `${said}${chunk.toString()}`.slice(-LAST_WORDS);
    });
  }
  return () => said;
}
