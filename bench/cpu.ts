import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** CPU seconds of process groups since they began, by name. */
export type CpuSeconds = Readonly<Record<string, number>>;

/** Linux counts in hundredths of a second, whatever the kernel's own beat (proc_pid_stat(5)). */
const TICKS_PER_SECOND = 100;

/**
 * What each process has used, its children with it: Postgres serves every connection by a child.
 * `undefined` where there is no /proc.
 */
export function cpuSeconds(pids: Readonly<Record<string, number>>): CpuSeconds | undefined {
  if (!existsSync('/proc/self/stat')) return undefined;
  const processes = allProcesses();
  return Object.fromEntries(
    Object.entries(pids).map(([name, pid]) => [name, usedBy(pid, processes) / TICKS_PER_SECOND]),
  );
}

/** Resident memory in bytes; `undefined` where there is no /proc. */
export function residentBytes(pid: number): number | undefined {
  if (!existsSync(`/proc/${pid}/status`)) return undefined;
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return line?.[1] === undefined ? undefined : Number(line[1]) * 1_024;
}

export function difference(after: CpuSeconds, before: CpuSeconds): CpuSeconds {
  return Object.fromEntries(
    Object.entries(after).map(([name, seconds]) => [name, seconds - (before[name] ?? 0)]),
  );
}

interface ProcessTimes {
  readonly pid: number;
  readonly parent: number;
  readonly own: number;
  /** Of children that have ended. */
  readonly ended: number;
}

function allProcesses(): readonly ProcessTimes[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => timesOf(Number(name)) ?? []);
}

function usedBy(pid: number, processes: readonly ProcessTimes[]): number {
  return processes
    .filter((one) => one.pid === pid || one.parent === pid)
    .map((one) => one.own + (one.pid === pid ? one.ended : 0))
    .reduce((sum, ticks) => sum + ticks, 0);
}

/** Fields by their numbers in proc_pid_stat(5); the name (2) may hold blanks and brackets. */
function timesOf(pid: number): ProcessTimes | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined; // it ended meanwhile
  }
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const field = (number: number): number => Number(fields[number - 3]);
  return { pid, parent: field(4), own: field(14) + field(15), ended: field(16) + field(17) };
}
