import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process that cannot be mistaken for a later one under the same pid. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in the words of the kernel: only good for comparing. */
  readonly startedAt: string;
}

/** `undefined` when no such process lives; a zombie that waits to be reaped does not live. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  const found = process.platform === 'linux' ? statOf(pid) : psOf(pid);
  if (found === undefined || found.state.startsWith('Z')) return undefined;
  return { pid, startedAt: found.startedAt };
}

export function isAlive(identity: ProcessIdentity): boolean {
  return identityOf(identity.pid)?.startedAt === identity.startedAt;
}

interface ProcessRow {
  readonly state: string;
  readonly startedAt: string;
}

/** proc(5): the name in brackets may hold anything, so fields are counted from the last bracket. */
function statOf(pid: number): ProcessRow | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? 'Z', startedAt: fields[19] ?? '' };
  } catch {
    return undefined; // The process has ended: its folder is gone.
  }
}

function psOf(pid: number): ProcessRow | undefined {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
    const space = line.indexOf(' ');
    return { state: line.slice(0, space), startedAt: line.slice(space).trim() };
  } catch {
    return undefined; // ps exits with 1 when there is no such process.
  }
}
