import { randomUUID } from 'node:crypto';
import type { TradeResult } from '../domain/index.js';
import type { House } from './house.js';
import { benchIntent } from './market.js';
import { NotMatchedError } from './not-matched.js';

export interface TradeSample {
  readonly workflowId: string;
  readonly startedAtMs: number;
  readonly verdictMs: number;
  readonly closedMs: number;
}

const runId = randomUUID().slice(0, 8);
let trades = 0;

/** One arbitrage as a strategy hands it over, until it has ended. Throws when it was not matched. */
export async function tradeOnce(house: House, pairId: string): Promise<TradeSample> {
  const started = await startTrade(house, pairId);
  const result = await started.result();
  if (result.kind !== 'matched') throw new NotMatchedError(`a trade ended ${endOf(result)}`);
  const { workflowId, startedAtMs, verdictMs } = started;
  return { workflowId, startedAtMs, verdictMs, closedMs: Date.now() - startedAtMs };
}

/** One arbitrage until its verdict. Throws when it was denied. */
export async function startTrade({ client }: House, pairId: string) {
  trades += 1;
  const intent = benchIntent(`bench.${runId}.${trades}`, pairId);
  const startedAtMs = Date.now();
  const { verdict, handle } = await client.arbitrage(intent);
  const verdictMs = Date.now() - startedAtMs;
  if (verdict.kind === 'denied') throw new NotMatchedError(JSON.stringify(verdict.denial));
  return { workflowId: handle.workflowId, startedAtMs, verdictMs, result: () => handle.result() };
}

function endOf({ kind, denial }: TradeResult): string {
  if (!denial) return kind;
  return `${kind}: ${denial.code === 'NOT_DISPATCHED' ? denial.reason : denial.code}`;
}

const READY_WITHIN_MS = 60_000;
const AGAIN_AFTER_MS = 200;

/** Until the worker has books, balances and its first sweep behind it. */
export async function readyToTrade(house: House, pairIds: readonly string[]): Promise<void> {
  const untilMs = performance.now() + READY_WITHIN_MS;
  for (const pairId of pairIds) await firstTrade(house, pairId, untilMs);
}

async function firstTrade(house: House, pairId: string, untilMs: number): Promise<void> {
  for (;;) {
    try {
      await tradeOnce(house, pairId);
      return;
    } catch (error) {
      if (performance.now() > untilMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
    }
  }
}
