import { ManagedProcess, type ProcessSpec, type ProcessSurroundings } from './managed-process.js';

/** Keeps the processes of one machine alive: one after the other up, in reverse order down. */
export class Supervisor {
  readonly #around: ProcessSurroundings;
  #processes: ManagedProcess[] = [];

  constructor(around: ProcessSurroundings) {
    this.#around = around;
  }

  /** Each is ready before the next one starts. When one fails, those before it are drained. */
  async start(specs: readonly ProcessSpec[]): Promise<void> {
    try {
      for (const spec of specs) {
        const managed = new ManagedProcess(spec, this.#around);
        this.#processes.push(managed);
        await managed.start();
      }
    } catch (error) {
      await this.drain();
      throw error;
    }
  }

  /** Drains one process; it stays down. */
  async stop(name: string): Promise<void> {
    await Promise.all(this.#named(name).map(async (managed) => managed.stop()));
  }

  /** Kills one process without asking; it comes back. */
  kill(name: string): void {
    for (const managed of this.#named(name)) managed.kill();
  }

  /** What is fed stops before what feeds it: the scanner first, the simulated venues last. */
  async drain(): Promise<void> {
    const processes = this.#processes.toReversed();
    this.#processes = [];
    for (const managed of processes) await managed.stop();
  }

  pids(): Readonly<Record<string, number>> {
    const pairs = this.#processes.flatMap(({ name, pid }) =>
      pid === undefined ? [] : [[name, pid]],
    );
    return Object.fromEntries(pairs) as Record<string, number>; // pairs of [string, number]
  }

  #named(name: string): ManagedProcess[] {
    return this.#processes.filter((managed) => managed.name === name);
  }
}
