import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import {
  arbitrageWorkflowId,
  assert,
  clientOrderIdOf,
  polymarketSalt,
} from '../../domain/index.js';
import { balances, limitsOf, setLimits } from '../../store/index.js';
import { crashTerms } from './crash-terms.js';
import { type DeskServers, openTestDesk, type TestDesk, type TestDeskOptions } from './desk.js';
import { inTime, soon } from './desk-ends.js';
import type { PairTerms } from './desk-pairs.js';
import { ACCOUNT } from './desk-venues.js';
import type { AnyPoint } from './fire-points.js';
import { type KillPoints, openKillPoints } from './kill-points.js';
import { killProgram } from './kill-program.js';
import { testWorkflowBundle } from './stack.js';
import {
  startTradingProcess,
  type TradingProcess,
  type TradingProgram,
} from './trading-process.js';

export interface CrashDesk extends TestDesk {
  readonly kills: KillPoints;
  /** When a process has ended there, Unix milliseconds; waits for it. */
  readonly died: (point: AnyPoint) => Promise<number>;
  /** This order will be lost on the line to its venue. */
  readonly lose: (intentId: string, what: string) => void;
  /** Resolves when both workers run, restarted where one was killed. */
  readonly bothRun: () => Promise<void>;
  /** All at once; they are started again. */
  readonly killAll: () => Promise<void>;
  /** The supervisor's, where there is one. */
  readonly drain: () => Promise<void>;
}

export interface CrashDeskOptions {
  readonly servers?: DeskServers;
  readonly openVenues?: TestDeskOptions['openVenues'];
  /** How long a silent order takes to be filled: that long its trade is open. */
  readonly lateFillMs?: number;
  /** One supervisor runs both workers, and is started again where it died; else each is alone. */
  readonly isSupervised?: boolean;
}

/** A supervisor's first pause. */
const RESTART_AFTER_MS = 250;

/** A desk of two trading workers, each a process that ends where it is told and is started again. */
export async function openCrashDesk(
  pairs: Readonly<Record<string, PairTerms>>,
  { servers, openVenues, lateFillMs = 2_000, isSupervised = false }: CrashDeskOptions = {},
): Promise<CrashDesk> {
  const lost = new Set<string>();
  const fateOf = (body: string) =>
    [...lost].some((id) => body.includes(id)) ? 'lost' : 'delivered';
  const desk = await openTestDesk({
    ...{ pairs, venues: { lateFillMs }, terms: crashTerms, fateOf, isTrading: false },
    ...(servers && { servers }),
    ...(openVenues && { openVenues }),
  });
  await widenLimits(desk);
  const folder = mkdtempSync(join(inject('runFolder'), 'kill-'));
  const { codePath } = await testWorkflowBundle();
  const program = await killProgram(isSupervised ? 'supervisor-to-kill' : 'trading-to-kill', {
    ...{ folder, desk: desk.place.desk, codePath, killFolder: folder },
  });
  const programs = isSupervised ? [program] : [program, program];
  const workers = new Workers(desk, programs);
  await workers.bothRun();
  await hasBalances(desk);
  const kills = openKillPoints(folder);
  return {
    ...desk,
    kills,
    died: (point) =>
      inTime(() => {
        const atMs = kills.killedAtMs(point);
        if (atMs === undefined) throw new Error(`nobody died at "${point}"`);
        return atMs;
      }),
    lose: (intentId, what) => {
      const id = clientOrderIdOf(arbitrageWorkflowId(intentId), what, 0);
      lost.add(id).add(`"salt":${polymarketSalt(id)},`);
    },
    bothRun: () => workers.bothRun(),
    killAll: () => workers.killAll(),
    drain: () => workers.drain(),
    close: async () => {
      await workers.close();
      await desk.close();
    },
  };
}

/** A first trade that is denied for a book which is not there yet is simply tried again. */
async function hasBalances({ db }: TestDesk): Promise<void> {
  await soon(async () => {
    const known = await balances(db, ACCOUNT);
    if (!known.kalshi || !known.polymarket) throw new Error('no balances yet');
  });
}

/** So many accidents in a row would end a day's trading; here they are the day's work. */
export async function widenLimits({ db }: TestDesk): Promise<void> {
  const limits = await limitsOf(db, ACCOUNT);
  assert(limits !== undefined, 'the account was opened with its first limits');
  await setLimits(db, {
    account: ACCOUNT,
    limits: {
      ...limits,
      positionsMaxCount: 1_000,
      executionsPerMinuteMax: 10_000,
      errorsInARowMax: 1_000,
    },
    by: 'crash suite',
    why: 'many accidents at one desk',
  });
}

/** Whoever is gone is started again after a supervisor's pause, until the desk closes. */
class Workers {
  #starts = 0;
  #isClosing = false;
  readonly #slots = new Map<number, Promise<TradingProcess | undefined>>();

  readonly #desk: TestDesk;

  constructor(desk: TestDesk, programs: readonly TradingProgram[]) {
    this.#desk = desk;
    for (const [slot, program] of programs.entries()) {
      this.#slots.set(slot, this.#start(slot, program));
    }
  }

  /** Also whoever is started while this waits. */
  async bothRun(): Promise<void> {
    for (const slot of this.#slots.keys()) await this.#slots.get(slot);
  }

  async killAll(): Promise<void> {
    const running = await Promise.all([...this.#slots.values()]);
    for (const one of running) await one?.kill();
  }

  async drain(): Promise<void> {
    for (const started of [...this.#slots.values()]) (await started)?.drain();
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    // Nothing of a supervisor's may outlive its desk.
    await this.drain();
    for (const started of this.#slots.values()) await (await started)?.ended;
  }

  /** Until it runs: a server that is away ends a worker before it is ready. */
  async #start(slot: number, program: TradingProgram): Promise<TradingProcess | undefined> {
    while (!this.#isClosing) {
      this.#starts += 1;
      const config = { ...this.#desk.config, processId: `crash-${slot}-${this.#starts}` };
      try {
        const started = await startTradingProcess(config, program);
        void started.ended.then(() => this.#again(slot, program));
        return started;
      } catch {
        await pause(RESTART_AFTER_MS);
      }
    }
    return undefined;
  }

  #again(slot: number, program: TradingProgram): void {
    if (this.#isClosing) return;
    this.#slots.set(
      slot,
      pause(RESTART_AFTER_MS).then(() => this.#start(slot, program)),
    );
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
