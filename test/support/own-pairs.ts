import type { Kysely } from 'kysely';
import { confirmKilled, type Database } from '../../store/index.js';
import type { ProcessConfig } from '../../workers/config.js';
import { callsOver, ownPair, plainPool, type Start, startEngine } from '../store/engine-desk.js';
import { STAND_IN_HOST } from './trading-and-engine.js';

/** The desk whose pairs they are, before or after it was opened. */
interface Owned {
  readonly config: Pick<ProcessConfig, 'databaseUrl'>;
}

/** Enters a start of this host's engine that owns these pairs. Nobody polls its queue. */
export async function ownPairs(
  { config }: Owned,
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
 * Gives pairs to the stand-in that fires beside a trading worker. Its start counts as killed: it is
 * named still, and no freeze waits for the word of one that reads the freezes shot by shot.
 */
export async function giveToStandIn(
  desk: Owned & { readonly db: Kysely<Database> },
  pairIds: readonly string[],
): Promise<void> {
  const { process: processId } = await ownPairs(desk, STAND_IN_HOST, pairIds);
  await confirmKilled(desk.db, { processId, atMs: Date.now() });
}
