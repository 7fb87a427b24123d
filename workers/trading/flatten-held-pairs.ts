import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Reached } from '../../activities/index.js';
import type { CustodyDoor } from '../../client/index.js';
import { tradeCaseKey } from '../../domain/index.js';
import {
  type Database,
  openCase,
  type PairToFlatten,
  type ProcessLock,
  pairsToFlatten,
} from '../../store/index.js';
import { keepRounds } from './keep-rounds.js';

export interface FlattenOptions {
  readonly db: Kysely<Database>;
  readonly custody: CustodyDoor;
  readonly tryLock: () => Promise<ProcessLock | undefined>;
  readonly everyMs: number;
  readonly nowMs: () => number;
  readonly log: Logger;
  readonly reached: Reached;
}

/** After a round that failed, and how often the lock is tried. */
const RETRY_MS = 1_000;

/**
 * A freeze that says `flatten` reaches matches whose trades have closed, too: nobody hears of it, so
 * somebody looks. Each becomes a case of custody, which sells both legs by the trade's own rules; a
 * case that nobody was told of is told by the next sweep.
 */
export function flattenHeldPairs(options: FlattenOptions): { stop: () => Promise<void> } {
  const { tryLock, everyMs, log } = options;
  return keepRounds({
    ...{ tryLock, log, retryMs: RETRY_MS },
    round: async () => {
      for (const due of await pairsToFlatten(options.db)) await handOver(options, due);
      return everyMs;
    },
    onFailure: 'held pairs could not be handed over to be flattened; trying again',
  });
}

/** Looked after where its YES is held: of a match there is as much of the other leg. */
async function handOver(
  { db, custody, nowMs, log, reached }: FlattenOptions,
  { pair, freeze }: PairToFlatten,
): Promise<void> {
  const { workflowId, account, pairId, yes } = pair;
  const key = tradeCaseKey(workflowId);
  const why = `its match is to be flattened (${freeze.freezeId}: ${freeze.why})`;
  const place = { account, instrument: yes };
  const found = { kind: 'trade', key, workflowId, by: freeze.by, why, policy: 'exit' } as const;
  const opened = await openCase(db, { place, found, pairId, atMs: nowMs() });
  reached('flatten: case written, custody not told', workflowId);
  await custody.found(opened.place, [opened.found]);
  log.warn({ workflowId, freezeId: freeze.freezeId }, 'a held match is flattened by custody');
}
