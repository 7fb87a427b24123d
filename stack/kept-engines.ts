import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { join } from 'node:path';
import { identityOf } from './process-identity.js';

/** What a person goes back and forth between; each has the size of a release with its lines. */
const KEPT = 5;
const NAME = /^legwork-engine-[0-9a-f]{64}$/;
/** A copy that is under way, by the process that makes it. */
const DRAFT = /^legwork-engine-[0-9a-f]{64}\.(?<pid>\d+)$/;
/** A copy takes seconds: an older draft is not of the process that has its number now. */
const DRAFT_MS_MAX = 3_600_000;

/** Built engines by the digest of their sources, in a folder that every checkout of a user shares. */
export class KeptEngines {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The program of these sources, if it is there: from now on it counts as the newest. */
  find(digest: string): string | undefined {
    const program = this.#pathOf(digest);
    if (!existsSync(program)) return undefined;
    try {
      const now = new Date();
      utimesSync(program, now, now);
    } catch {
      // Of a folder that nobody may write to: only its age is not told.
    }
    return program;
  }

  /** Whole or not at all, after a power cut too; the oldest make room. */
  keep(digest: string, built: string): string {
    const program = this.#pathOf(digest);
    const draft = `${program}.${process.pid}`;
    try {
      copyFileSync(built, draft);
      chmodSync(draft, 0o755);
      syncToDisk(draft);
      renameSync(draft, program);
    } finally {
      rmSync(draft, { force: true });
    }
    this.#prune();
    this.#pruneDrafts();
    return program;
  }

  /** Whoever copied was killed: nobody will ever rename what there is of it. */
  #pruneDrafts(): void {
    for (const name of readdirSync(this.#folder)) {
      const pid = DRAFT.exec(name)?.groups?.pid;
      if (pid === undefined) continue;
      const draft = join(this.#folder, name);
      const isOld = Date.now() - usedAtMs(draft) > DRAFT_MS_MAX;
      if (isOld || identityOf(Number(pid)) === undefined) rmSync(draft, { force: true });
    }
  }

  /** A desk starts its engine again from where it lies: a program that runs stays. */
  #prune(): void {
    const names = readdirSync(this.#folder).filter((name) => NAME.test(name));
    const running = runningPrograms();
    const oldest = names
      .map((name) => join(this.#folder, name))
      .toSorted((one, other) => usedAtMs(other) - usedAtMs(one))
      .slice(KEPT);
    for (const program of oldest) {
      if (running && !running.has(program)) rmSync(program, { force: true });
    }
  }

  #pathOf(digest: string): string {
    return join(this.#folder, `legwork-engine-${digest}`);
  }
}

/** 0: another checkout has made room meanwhile. */
const usedAtMs = (program: string): number =>
  statSync(program, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** `undefined` where the system has no such list: then nobody knows, and nothing is removed. */
function runningPrograms(): ReadonlySet<string> | undefined {
  if (!existsSync('/proc/self/exe')) return undefined;
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return new Set(processes.flatMap((pid) => programOf(pid) ?? []));
}

function programOf(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return undefined; // it has ended, or is another user's, who has a folder of their own
  }
}

function syncToDisk(file: string): void {
  const fd = openSync(file, 'r+');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
