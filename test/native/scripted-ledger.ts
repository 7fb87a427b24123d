import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { nativeExample } from '../support/native-example.js';

type Said = Readonly<Record<string, unknown>>;

/** native/ledger/examples/scripted_ledger: a word in, a line of JSON out. */
export interface ScriptedLedger {
  readonly process: string;
  readonly epoch: number;
  readonly say: (word: string, given?: unknown) => Promise<Said>;
  readonly kill: () => Promise<void>;
}

/** Builds the program, and tells where it is. */
export const buildScriptedLedger = (): Promise<string> => nativeExample('scripted_ledger');

export interface Scripting {
  readonly program: string;
  readonly databaseUrl: string;
  readonly process: string;
  readonly host: string;
}

/** Its answers come in the order of the words. Throws what it has against the database. */
export async function startScriptedLedger(of: Scripting): Promise<ScriptedLedger> {
  const child = spawn(of.program, [of.process, of.host], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { DATABASE_URL: of.databaseUrl },
  });
  const answers = answersOf(child.stdout);
  const { epoch, error } = await answers();
  if (error !== undefined) throw new Error(JSON.stringify(error));
  return {
    process: of.process,
    epoch: Number(epoch),
    say: async (word, given) => {
      const text = typeof given === 'string' ? given : JSON.stringify(given ?? '');
      child.stdin.write(given === undefined ? `${word}\n` : `${word} ${text}\n`);
      return answers();
    },
    kill: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Each call waits for the next line. */
function answersOf(output: Readable) {
  const lines = createInterface(output)[Symbol.asyncIterator]();
  return async (): Promise<Said> => {
    const line = await lines.next();
    if (line.done) throw new Error('the scripted ledger has ended');
    return JSON.parse(line.value) as Said; // as the example prints it
  };
}
