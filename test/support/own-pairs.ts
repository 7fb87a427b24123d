import { confirmKilled } from '../../store/index.js';
import { callsOver, ownPair, plainPool, type Start, startEngine } from '../store/engine-desk.js';
import type { TestDesk } from './desk.js';
import { STAND_IN_HOST } from './trading-and-engine.js';

/** Enters a start of this host's engine that owns these pairs, as it would itself. Nobody polls its queue. */
export async function ownPairs(
  { config }: Pick<TestDesk, 'config'>,
  host: string,
  pairIds: readonly string[],
): Promise<Start> {
  const pool = plainPool(config.databaseUrl, 1);
  try {
    const calls = callsOver(() => pool);
    const start = await startEngine(calls, { host });
    for (const pairId of pairIds) await ownPair(calls, start, pairId);
    return start;
  } finally {
    await pool.end();
  }
}

/**
 * Gives pairs to the stand-in that fires beside a trading worker. Its start counts as killed: an owner
 * is named still, and no freeze waits for the word of one that reads it shot by shot.
 */
export async function giveToStandIn(
  desk: Pick<TestDesk, 'config' | 'db'>,
  pairIds: readonly string[],
): Promise<void> {
  const { process: processId } = await ownPairs(desk, STAND_IN_HOST, pairIds);
  await confirmKilled(desk.db, { processId, atMs: Date.now() });
}
