import { setTimeout as delay } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import { isTerminal } from '../domain/index.js';
import type { UpRequest } from '../schemas/up-request.js';
import { findStack } from '../stack/index.js';
import {
  connect,
  type Database,
  ordersOf,
  type StoredIntent,
  tradeRows,
  tradesClosedSince,
  tradesOpen,
} from '../store/index.js';
import { type SeenTrade, tradeLine } from './trade-line.js';

export interface TradeLinesOptions {
  readonly databaseUrl: () => string | undefined;
  readonly nowMs: () => number;
  readonly lookEveryMs: number;
  /** A trade that takes longer than this gets a line that says what it waits for. */
  readonly slowAfterMs: number;
}

/** A commit may become visible after a later one: so far back is looked again. */
const OVERLAP_MS = 5_000;
/** The same denial of the same pair is one line in this time. */
const SAME_DENIAL_MS = 10_000;

/** A line per trade from now on, as it ends, and one more for each that takes long. */
export async function* tradeLines(
  options: TradeLinesOptions,
  signal: AbortSignal,
): AsyncIterable<string> {
  const databaseUrl = options.databaseUrl();
  if (databaseUrl === undefined) return;
  const { db, close } = connect(databaseUrl, { connectionsMax: 1 });
  const watch = new TradeWatch(db, options);
  try {
    while (!signal.aborted) {
      yield* await watch.look();
      await delay(options.lookEveryMs, undefined, { signal }).catch(() => undefined); // the end
    }
  } finally {
    await close();
  }
}

const LOOK_EVERY_MS = 300;
const SLOW_AFTER_MS = 5_000;

/** The lines of the desk that `legwork up` has just started. */
export const tradeLinesOf =
  ({ dataFolder, databaseUrl }: Pick<UpRequest, 'dataFolder' | 'databaseUrl'>) =>
  (signal: AbortSignal): AsyncIterable<string> =>
    tradeLines(
      {
        databaseUrl: () => databaseUrl ?? findStack(dataFolder).databaseUrl,
        ...{ nowMs: Date.now, lookEveryMs: LOOK_EVERY_MS, slowAfterMs: SLOW_AFTER_MS },
      },
      signal,
    );

class TradeWatch {
  readonly #db: Kysely<Database>;
  readonly #options: TradeLinesOptions;
  readonly #beganAtMs: number;
  readonly #told = new Map<string, number>();
  readonly #toldSlow = new Set<string>();
  readonly #denials = new Map<string, number>();
  #sinceMs: number;

  constructor(db: Kysely<Database>, options: TradeLinesOptions) {
    this.#db = db;
    this.#options = options;
    this.#beganAtMs = options.nowMs();
    this.#sinceMs = this.#beganAtMs;
  }

  /** What is new. Postgres may be away for a moment: then nothing is, and the next look tells it. */
  async look(): Promise<readonly string[]> {
    try {
      const trades = [...(await this.#ended()), ...(await this.#slow())];
      const seen = await Promise.all(trades.map(async (trade) => this.#seen(trade)));
      const nowMs = this.#options.nowMs();
      return seen.map((one) => tradeLine(one, nowMs));
    } catch {
      return [];
    }
  }

  async #ended(): Promise<readonly StoredIntent[]> {
    const fromMs = Math.max(this.#beganAtMs, this.#sinceMs - OVERLAP_MS);
    const closed = await tradesClosedSince(this.#db, fromMs);
    const fresh = closed.filter(({ workflowId }) => !this.#told.has(workflowId));
    for (const { workflowId, closedAtMs = fromMs } of fresh) {
      this.#told.set(workflowId, closedAtMs);
      this.#sinceMs = Math.max(this.#sinceMs, closedAtMs);
    }
    for (const [workflowId, atMs] of this.#told) {
      if (atMs < fromMs) this.#told.delete(workflowId);
    }
    return fresh.filter((trade) => this.#isWorthALine(trade));
  }

  async #slow(): Promise<readonly StoredIntent[]> {
    const latestMs = this.#options.nowMs() - this.#options.slowAfterMs;
    const slow = await tradesOpen(this.#db, latestMs);
    const fresh = slow.filter(({ workflowId }) => !this.#toldSlow.has(workflowId));
    this.#toldSlow.clear();
    for (const { workflowId } of slow) this.#toldSlow.add(workflowId);
    return fresh;
  }

  #isWorthALine({ intent, result, closedAtMs = 0 }: StoredIntent): boolean {
    if (!result?.denial) return true;
    const key = `${intent.pairId} ${result.denial.code}`;
    const before = this.#denials.get(key);
    if (before !== undefined && closedAtMs - before < SAME_DENIAL_MS) return false;
    this.#denials.set(key, closedAtMs);
    return true;
  }

  async #seen(trade: StoredIntent): Promise<SeenTrade> {
    const { workflowId } = trade;
    const rows = await tradeRows(this.#db, workflowId);
    const orders = trade.result ? [] : await ordersOf(this.#db, workflowId);
    return { trade, rows, openOrders: orders.filter(({ status }) => !isTerminal(status)) };
  }
}
