import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** What a simulated venue has done wrong, kept beside its ledger: a kill takes no count with it. */
export interface FaultLog {
  readonly count: (kind: string, times: number) => void;
  close(): void;
}

/** One line per count, in the kernel before `count` returns: "kind times". */
export function openFaultLog(path: string): FaultLog {
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(path, 'a');
  writeSync(file, '\n'); // what the process before was killed in is no part of our first line
  return {
    count: (kind, times) => void writeSync(file, `${kind} ${times}\n`),
    close: () => closeSync(file),
  };
}

/** How often what happened, by kind, over all processes that the venue ever was. */
export function readFaultLog(path: string): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  for (const [, kind = '', times] of text.matchAll(LINE)) {
    counts.set(kind, (counts.get(kind) ?? 0) + Number(times));
  }
  return Object.fromEntries(counts);
}

/** What is no whole line was cut by a kill, and is not counted. */
const LINE = /^([a-z_]+) (\d+)\n/gm;
