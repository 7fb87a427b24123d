import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { identityOf, isAlive, type ProcessIdentity } from '../../stack/index.js';

/** A process of ours, so that a later supervisor can tell whether it still acts. */
interface RecordedProcess extends ProcessIdentity {
  readonly processId: string;
  /** For a person who looks at the file. */
  readonly name: string;
}

interface StartedProcess {
  readonly name: string;
  readonly processId: string;
  readonly pid: number;
}

/** They drain by themselves when their supervisor dies; this is longer than any of them may take. */
const DRAIN_MS_MAX = 20_000;
const POLL_MS = 50;

/** The processes of one data folder, on disk, while they run. */
export class ProcessRecord {
  readonly #file: string;
  #running: readonly RecordedProcess[] = [];

  readonly #drainMsMax: number;

  constructor(dataFolder: string, { drainMsMax = DRAIN_MS_MAX } = {}) {
    this.#drainMsMax = drainMsMax;
    this.#file = join(dataFolder, 'processes.json');
  }

  started({ name, processId, pid }: StartedProcess): void {
    const identity = identityOf(pid);
    if (identity !== undefined) this.#write([...this.#running, { name, processId, ...identity }]);
  }

  ended(processId: string): void {
    this.#write(this.#running.filter((process) => process.processId !== processId));
  }

  /**
   * Waits until what an earlier supervisor left has drained, kills what does not, and returns the ids
   * of all of them: none acts any more. Two traders of one supervisor's making never overlap.
   */
  async endLeftovers(): Promise<readonly string[]> {
    const leftovers = this.#read();
    const untilMs = performance.now() + this.#drainMsMax;
    for (const process of leftovers) {
      while (isAlive(process) && performance.now() < untilMs) await delay(POLL_MS);
      if (isAlive(process)) await killed(process);
    }
    this.#write([]);
    return leftovers.map(({ processId }) => processId);
  }

  #read(): readonly RecordedProcess[] {
    if (!existsSync(this.#file)) return [];
    return JSON.parse(readFileSync(this.#file, 'utf8')) as RecordedProcess[]; // our own file
  }

  #write(running: readonly RecordedProcess[]): void {
    this.#running = running;
    writeFileSync(`${this.#file}.new`, JSON.stringify(running));
    renameSync(`${this.#file}.new`, this.#file);
  }
}

async function killed(identity: ProcessIdentity): Promise<void> {
  process.kill(-identity.pid, 'SIGKILL'); // each leads a group of its own
  while (isAlive(identity)) await delay(POLL_MS);
}
