import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { AnyPoint, AnyReached } from './fire-points.js';

/** Where a suite says who shall die where; processes look there at every point that they pass. */
export interface KillPoints {
  /** The next process that passes it ends there: once, whoever it is. Without `about`: anything. */
  readonly arm: (point: AnyPoint, about?: string) => void;
  /** When a process ended there, Unix milliseconds; `undefined` when none did. */
  readonly killedAtMs: (point: AnyPoint) => number | undefined;
  /** Whoever died there before, and what is armed there: as if nobody had ever spoken of it. */
  readonly forget: (point: AnyPoint) => void;
  /** How often any process has passed each point, whether it ended there or not. */
  readonly passed: () => ReadonlyMap<string, number>;
  /** How many processes have ended at each. */
  readonly ended: () => ReadonlyMap<string, number>;
}

export function openKillPoints(folder: string): KillPoints {
  mkdirSync(folder, { recursive: true });
  return {
    arm: (point, about) => {
      const file = armedFile(folder, point);
      writeFileSync(`${file}.new`, JSON.stringify({ about }));
      renameSync(`${file}.new`, file); // a process reads all of it or nothing
    },
    killedAtMs: (point) => {
      const file = hitFile(folder, point);
      const atMs = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
      return atMs > 0 ? atMs : undefined; // renamed, and the time not yet written into it
    },
    forget: (point) => {
      for (const file of [armedFile, hitFile]) rmSync(file(folder, point), { force: true });
    },
    passed: () => countsOf(join(folder, PASSED)),
    ended: () => countsOf(join(folder, ENDED)),
  };
}

/**
 * The hook of a process that shall die: SIGKILL at the armed point, in the very call. Who renames the
 * file dies, so that of two processes at one point only one does, and none that is started later.
 */
export function endWhereArmed(folder: string): AnyReached {
  return (point, about) => {
    appendFileSync(join(folder, PASSED), `${point}\n`);
    const file = armedFile(folder, point);
    if (!existsSync(file)) return;
    const armed = readArmed(file);
    if (!armed || (armed.about !== undefined && armed.about !== about)) return;
    try {
      renameSync(file, hitFile(folder, point));
    } catch {
      return; // another process was faster
    }
    appendFileSync(join(folder, ENDED), `${point}\n`);
    writeFileSync(hitFile(folder, point), String(Date.now()));
    process.kill(process.pid, 'SIGKILL');
  };
}

const PASSED = 'passed';
const ENDED = 'ended';
const armedFile = (folder: string, point: AnyPoint): string => join(folder, `${slug(point)}.armed`);
const hitFile = (folder: string, point: AnyPoint): string => join(folder, `${slug(point)}.hit`);
const slug = (point: AnyPoint): string => point.replaceAll(/[^a-z]+/gi, '-');

function readArmed(file: string): { readonly about?: string } | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as { readonly about?: string }; // ours
  } catch {
    return undefined; // taken in this moment
  }
}

function countsOf(file: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  if (!existsSync(file)) return counts;
  for (const point of readFileSync(file, 'utf8').trim().split('\n')) {
    counts.set(point, (counts.get(point) ?? 0) + 1);
  }
  return counts;
}

/** A row's columns of how often processes came there, and how many ended. */
export const visitsOf = (kills: KillPoints, point: AnyPoint) => ({
  passed: kills.passed().get(point) ?? 0,
  killed: kills.ended().get(point) ?? 0,
});
