import { passOn } from '../../activities/points.js';
import { ManagedProcess, type ProcessSpec, type ProcessSurroundings } from './managed-process.js';

/** Keeps the processes of one machine alive: one after the other up, in reverse order down. */
export class Supervisor {
  readonly #around: ProcessSurroundings;
  #processes: ManagedProcess[] = [];
  #drained: Promise<void> | undefined;

  constructor(around: ProcessSurroundings) {
    this.#around = around;
  }

  /**
   * Each is ready before the next one starts; those of one list start together. When one fails or
   * `drain` is called, it throws.
   */
  async start(stages: readonly (ProcessSpec | readonly ProcessSpec[])[]): Promise<void> {
    try {
      for (const stage of stages) {
        if (this.#isDraining()) throw new Error('drained while it was starting');
        const together = [stage].flat().map((spec) => new ManagedProcess(spec, this.#around));
        this.#processes.push(...together);
        await Promise.all(together.map(async (managed) => managed.start()));
      }
    } catch (error) {
      await this.drain();
      throw error;
    }
  }

  /** Drains every process of one kind (`trading`, `trading-2`, …); they stay down. */
  async stop(kind: string): Promise<void> {
    const all = this.#processes.filter(({ name }) => name === kind || name.startsWith(`${kind}-`));
    await Promise.all(all.map(async (managed) => managed.stop()));
  }

  /** Kills one process without asking; it comes back. */
  kill(name: string): void {
    for (const managed of this.#named(name)) managed.kill();
  }

  /** By the ids of their starts: who starts, does its work, or drains. */
  running(): ReadonlyMap<string, ManagedProcess> {
    return new Map(
      this.#processes.flatMap((managed) =>
        managed.current ? [[managed.current.processId, managed] as const] : [],
      ),
    );
  }

  /** New code: every process that runs it drains and comes back. A native one has none of it. */
  restart(): void {
    for (const managed of this.#processes) if (managed.kind === 'module') managed.recycle();
  }

  /** What is fed stops before what feeds it: the scanner first, the simulated venues last. */
  async drain(): Promise<void> {
    this.#drained ??= this.#drainAll();
    await this.#drained;
  }

  pids(): Readonly<Record<string, number>> {
    const pairs = this.#processes.flatMap(({ name, pid }) =>
      pid === undefined ? [] : [[name, pid]],
    );
    return Object.fromEntries(pairs) as Record<string, number>; // pairs of [string, number]
  }

  async #drainAll(): Promise<void> {
    const { reached = passOn } = this.#around;
    reached('supervisor: draining, its children still there', 'supervisor');
    for (const managed of this.#processes.toReversed()) await managed.stop();
  }

  /** A method, because the answer changes while `start` waits. */
  #isDraining(): boolean {
    return this.#drained !== undefined;
  }

  #named(name: string): ManagedProcess[] {
    return this.#processes.filter((managed) => managed.name === name);
  }
}
