import { readFileSync } from 'node:fs';
import { livingProcesses } from './find-process.js';
import type { Victim } from './kill-plan.js';

/** Resident memory of one process over a soak, whoever it was at the time; in MiB. */
export interface MemoryOf {
  readonly firstMib: number;
  readonly lastMib: number;
  readonly mostMib: number;
}

/** A process that has just begun has not yet read what it works on. */
const SETTLED_AFTER_MS = 5_000;
const KIB_PER_MIB = 1024;

/** Looks at the processes of a data folder now and then. */
export class MemoryWatch {
  readonly #dataFolder: string;
  readonly #seen = new Map<Victim, MemoryOf>();
  readonly #since = new Map<number, number>();

  constructor(dataFolder: string) {
    this.#dataFolder = dataFolder;
  }

  look(): void {
    const nowMs = performance.now();
    for (const [name, { pid }] of livingProcesses(this.#dataFolder)) {
      const sinceMs = this.#since.get(pid) ?? nowMs;
      this.#since.set(pid, sinceMs);
      const mib = residentMib(pid);
      if (mib === undefined || nowMs - sinceMs < SETTLED_AFTER_MS) continue;
      const { firstMib = mib, mostMib = mib } = this.#seen.get(name) ?? {};
      this.#seen.set(name, { firstMib, lastMib: mib, mostMib: Math.max(mostMib, mib) });
    }
  }

  figures(): Readonly<Partial<Record<Victim, MemoryOf>>> {
    return Object.fromEntries(this.#seen); // keys are names
  }
}

/** proc(5): VmRSS in KiB. `undefined` where there is no /proc, or the process has ended. */
function residentMib(pid: number): number | undefined {
  try {
    const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return line?.[1] === undefined ? undefined : Math.round(Number(line[1]) / KIB_PER_MIB);
  } catch {
    return undefined;
  }
}
