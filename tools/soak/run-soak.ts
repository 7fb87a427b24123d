import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ensureFolder } from '../../stack/index.js';
import { DeskProcess } from './desk-process.js';
import { findProcess } from './find-process.js';
import { killPlan, type Pauses, type Victim } from './kill-plan.js';
import { MemoryWatch } from './memory-watch.js';
import { SoakOperator } from './operator.js';
import { type Kill, type SoakReport, soakReport } from './soak-report.js';

export interface SoakOptions {
  readonly seed: number;
  readonly arbs: number;
  readonly faults: string;
  /** How long nobody is killed between two kills; absent: nobody is killed at all. */
  readonly pauses?: Pauses;
  /** After so many nobody is killed any more; absent: no end to it. */
  readonly killsMax?: number;
  readonly dataFolder: string;
  readonly outFolder: string;
  /** After so long nobody is killed any more, and the desk is told to end. */
  readonly limitMs: number;
  readonly onLine: (line: string) => void;
}

/** Mispricings come so many times as often as in a session, and a pair rests so long after a trade. */
const PACE = 5;
const HOLD_AFTER_MS = 1_000;
const TRADERS = 2;
/** What exits have left goes down custody's ladder, and nothing is without an owner for long. */
const CUSTODY = { policy: 'exit', sweepEveryMs: 5_000 } as const;
const LOOK_EVERY_MS = 250;
const MEMORY_EVERY_MS = 2_000;
/** A victim that is not there now is being started; after so long it is another's turn. */
const VICTIM_MS_MAX = 5_000;
/** Who is not back after so long is not waited for. */
const BACK_MS_MAX = 30_000;
/** Said by the supervisor of a process or a server that died and works again. */
const BACK = /^(.+) is back$/;
/** Said by the session when no more trades are wanted: from here on nobody is killed. */
const ENOUGH = /^enough were fired/;

/**
 * A bounded session whose processes are killed with SIGKILL, one every few seconds, by a plan that
 * the seed draws. The desk is `legwork up --once` as a person starts it: only the supervisor is
 * started again from here, on the same data folder, because nobody else would.
 *
 * 1. Nobody is killed before the desk has come up, nor after enough was fired: what is open then
 *    ends by itself.
 * 2. What the desk prints and leaves behind is its own report; this adds the kills and the memory.
 */
export async function runSoak(options: SoakOptions): Promise<SoakReport> {
  const soak = new Soak(options);
  return soak.run();
}

class Soak {
  readonly #options: SoakOptions;
  readonly #operator: SoakOperator;
  readonly #memory: MemoryWatch;
  readonly #kills: Kill[] = [];
  readonly #over = new AbortController();
  /** Killed and not back yet, in small letters. */
  readonly #down = new Set<string>();
  #desk: DeskProcess;
  #isEnough = false;
  #isTooLong = false;

  constructor(options: SoakOptions) {
    this.#options = options;
    this.#operator = new SoakOperator(options.dataFolder);
    this.#memory = new MemoryWatch(options.dataFolder);
    const terms = { holdAfterMs: HOLD_AFTER_MS, custody: CUSTODY };
    writeFileSync(join(ensureFolder(options.dataFolder), 'terms.json'), JSON.stringify(terms));
    this.#desk = this.#startDesk();
  }

  async run(): Promise<SoakReport> {
    const beganAtMs = Date.now();
    const timer = setTimeout(() => this.#tooLong(), this.#options.limitMs);
    const watching = [
      this.#every(LOOK_EVERY_MS, () => this.#operator.look()),
      this.#every(MEMORY_EVERY_MS, async () => this.#memory.look()),
      ...(this.#options.pauses ? [this.#killAround(this.#options.pauses)] : []),
    ];
    const exitCode = await this.#endOfDesk();
    this.#over.abort();
    clearTimeout(timer);
    await Promise.all(watching);
    await this.#operator.close();
    return soakReport({
      ...{ exitCode, beganAtMs, tookMs: Date.now() - beganAtMs, kills: this.#kills },
      ...{ outFolder: this.#options.outFolder, memoryMib: this.#memory.figures() },
      residualsLifted: this.#operator.liftedCount,
    });
  }

  /** The exit code of the last one: those whose supervisor was killed do not count. */
  async #endOfDesk(): Promise<number> {
    for (;;) {
      const killsBefore = this.#killsOf('supervisor');
      const exitCode = await this.#desk.ended;
      const wasKilled = this.#killsOf('supervisor') > killsBefore;
      if (!wasKilled || this.#hasTakenTooLong()) return exitCode;
      this.#desk = this.#startDesk();
    }
  }

  #startDesk(): DeskProcess {
    const { seed, arbs, faults, dataFolder, outFolder, onLine } = this.#options;
    return new DeskProcess({
      args: [
        ...['--once', '--seed', `${seed}`, '--arbs', `${arbs}`, '--faults', faults],
        ...['--pace', `${PACE}`, '--traders', `${TRADERS}`],
        ...['--data', dataFolder, '--out', outFolder],
      ],
      onLine: (line) => {
        if (ENOUGH.test(line)) this.#isEnough = true;
        const back = BACK.exec(line)?.[1]?.toLowerCase().split(' and ') ?? [];
        for (const name of back) this.#down.delete(name);
        onLine(line);
      },
    });
  }

  async #killAround(pauses: Pauses): Promise<void> {
    const { seed, killsMax = Number.POSITIVE_INFINITY } = this.#options;
    for (const { victim, pauseMs, isHasty } of killPlan(seed, pauses)) {
      await this.#until(() => this.#desk.isReady);
      if (!isHasty) await this.#until(() => this.#down.size === 0, BACK_MS_MAX);
      await this.#pause(pauseMs);
      await this.#until(() => this.#desk.isReady);
      if (!this.#isGoingOn() || this.#kills.length >= killsMax) return;
      const atMs = Date.now();
      if (!(await this.#kill(victim))) continue;
      this.#kills.push({ victim, atMs });
      if (victim === 'supervisor') this.#down.clear();
      else this.#down.add(victim);
      this.#options.onLine(`killed ${victim} (${this.#kills.length})`);
    }
  }

  /** The whole process group, but of the supervisor: what it started has to notice by itself. */
  async #kill(victim: Victim): Promise<boolean> {
    const find = () => findProcess(this.#options.dataFolder, victim);
    await this.#until(() => find() !== undefined, VICTIM_MS_MAX);
    const found = find();
    if (!found || !this.#isGoingOn()) return false;
    process.kill(victim === 'supervisor' ? found.pid : -found.pid, 'SIGKILL');
    return true;
  }

  #killsOf(victim: Victim): number {
    return this.#kills.filter((kill) => kill.victim === victim).length;
  }

  #tooLong(): void {
    this.#isEnough = true;
    this.#isTooLong = true;
    this.#options.onLine('the soak takes too long; it is ended');
    this.#desk.interrupt();
  }

  #isGoingOn(): boolean {
    return !this.#over.signal.aborted && !this.#isEnough;
  }

  /** A method, because the answer changes while the desk runs. */
  #hasTakenTooLong(): boolean {
    return this.#isTooLong;
  }

  async #until(isThere: () => boolean, msMax = Number.POSITIVE_INFINITY): Promise<void> {
    const untilMs = performance.now() + msMax;
    while (this.#isGoingOn() && !isThere() && performance.now() < untilMs) {
      await this.#pause(LOOK_EVERY_MS);
    }
  }

  async #every(ms: number, work: () => Promise<void>): Promise<void> {
    while (!this.#over.signal.aborted) {
      await work();
      await this.#pause(ms);
    }
  }

  async #pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#over.signal }).catch(() => undefined); // it is over
  }
}
