import { join } from 'node:path';
import { freePort } from '../../stack/index.js';
import { memoryLedger, type Rule, readLedger } from '../../venues/simulation/index.js';
import type { ProcessConfig } from '../../workers/config.js';
import type { PairTerms } from './desk-pairs.js';
import {
  ACCOUNT,
  type DeskVenues,
  openDeskExchange,
  openDeskVenues,
  type VenuesOptions,
} from './desk-venues.js';
import { killProgram } from './kill-program.js';
import { startTradingProcess, type TradingProcess } from './trading-process.js';

type InFolder = VenuesOptions & { readonly folder: string; readonly keys: string };

/** Kalshi in this process and Polymarket in one of its own, which can be killed. */
export class KillableVenue {
  #process: TradingProcess | undefined;
  #start: () => Promise<TradingProcess> = () => Promise.reject(new Error('not open yet'));
  readonly #pairs: Readonly<Record<string, PairTerms>>;
  readonly #rules: readonly Rule[];

  /** The rules are what goes wrong for orders at the one that can be killed. */
  constructor(pairs: Readonly<Record<string, PairTerms>>, rules: readonly Rule[]) {
    this.#pairs = pairs;
    this.#rules = rules;
  }

  async open(options: InFolder): Promise<DeskVenues> {
    const inProcess = await openDeskVenues(options);
    const port = await freePort();
    const ledgerFile = join(options.folder, 'polymarket.jsonl');
    const { folder, durations } = options;
    const program = await killProgram('venue-to-kill', {
      ...{ folder, ledgerFile, port, durations, pairs: this.#pairs, rules: this.#rules },
    });
    this.#start = () => startTradingProcess(configIn(options), program);
    this.#process = await this.#start();
    const { streams } = inProcess.polymarket;
    return {
      ...inProcess,
      polymarket: {
        ...{ streams, url: `http://127.0.0.1:${port}` },
        get ledger() {
          return memoryLedger(readLedger(ledgerFile));
        },
        // What its ledger adds up to, with no time of its own.
        get exchange() {
          const lines = readLedger(ledgerFile);
          const lastAtMs = lines.at(-1)?.row.atMs ?? 0;
          const around = { ...options, now: () => lastAtMs };
          return openDeskExchange('polymarket', memoryLedger(lines), around);
        },
      },
      close: async () => {
        await this.#process?.kill();
        await inProcess.close();
      },
    };
  }

  /** SIGKILL, then the same venue again on the same ledger; returns when it was killed, Unix ms. */
  async killed(): Promise<number> {
    const killedAtMs = Date.now();
    await this.#process?.kill();
    this.#process = await this.#start();
    return killedAtMs;
  }
}

function configIn({ folder, keys }: InFolder): ProcessConfig {
  const nowhere = {
    host: 'none',
    namespace: 'none',
    temporalAddress: 'none',
    databaseUrl: 'none',
    venues: {},
  };
  return {
    ...{ component: 'simulator-polymarket', processId: 'simulator-polymarket', mode: 'simulated' },
    ...{ account: ACCOUNT, seed: 7, faults: 'none', openedAtMs: Date.now(), drainMs: 1_000 },
    ...nowhere,
    folders: { data: folder, logs: folder, ledgers: folder, credentials: keys },
    pairFile: join(folder, 'pairs.json'),
  };
}
