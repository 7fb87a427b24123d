import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Freeze, Pair, Venue } from '../../domain/index.js';
import {
  type Database,
  insertFreeze,
  liftFreeze,
  type ProcessLock,
  readControl,
  replacePauses,
} from '../../store/index.js';
import { keepRounds } from './keep-rounds.js';

export interface MarketWatchOptions {
  readonly db: Kysely<Database>;
  readonly venues: readonly Venue[];
  readonly pairs: () => readonly Pair[];
  readonly tryLock: () => Promise<ProcessLock | undefined>;
  readonly everyMs: number;
  readonly nowMs: () => number;
  readonly log: Logger;
}

const WATCHER = 'market watch';
/** Enough of a digest to tell two texts apart in an id that people read. */
const DIGEST_LENGTH = 16;

/**
 * Looks again and again at what the venues say of themselves and of our markets.
 *
 * 1. An equivalence was approved by the words of two rule texts. When one of them changes, its pair
 *    takes no new risk until somebody has approved the new words; open trades run on.
 * 2. Announced pauses are kept where every admission reads them.
 * 3. A venue that does not answer changes nothing: what was known stays.
 */
export function startMarketWatch(options: MarketWatchOptions): { stop: () => Promise<void> } {
  const { tryLock, everyMs, log } = options;
  return keepRounds({
    ...{ tryLock, log, retryMs: everyMs },
    round: async () => {
      await lookOnce(options);
      return everyMs;
    },
    onFailure: 'the markets could not be looked at; trying again',
  });
}

/** One look at every venue, and at every pair that still trades. */
export async function lookOnce(options: MarketWatchOptions): Promise<void> {
  const { db, venues, pairs, nowMs } = options;
  for (const venue of venues) {
    const pauses = await venue.pauses();
    if (pauses.kind === 'unavailable') continue;
    await replacePauses(db, { venue: venue.name, pauses: pauses.value, atMs: nowMs() });
  }
  const { freezes } = await readControl(db);
  const open = pairs().filter(
    ({ kalshi, polymarket }) => Math.min(kalshi.closesAtMs, polymarket.closesAtMs) > nowMs(),
  );
  for (const pair of open) {
    for (const venue of venues) await compareRules(options, { pair, venue, freezes });
  }
}

interface Comparison {
  readonly pair: Pair;
  readonly venue: Venue;
  readonly freezes: readonly Freeze[];
}

async function compareRules(
  { db, nowMs, log }: MarketWatchOptions,
  { pair, venue, freezes }: Comparison,
): Promise<void> {
  const { pairId } = pair;
  const read = await venue.ruleText(pair[venue.name]);
  if (read.kind === 'unavailable') return;
  const approved = pair.ruleTextSha256[venue.name];
  const found = createHash('sha256').update(read.value).digest('hex');
  const ids = `rules/${pairId}/${venue.name}/`;
  const atMs = nowMs();
  if (found === approved) {
    for (const { freezeId } of freezes.filter((one) => one.freezeId.startsWith(ids))) {
      const why = 'the rule text is the approved one';
      await liftFreeze(db, { freezeId, by: WATCHER, why, atMs });
    }
    return;
  }
  const freezeId = `${ids}${found.slice(0, DIGEST_LENGTH)}`;
  if (freezes.some((one) => one.freezeId === freezeId)) return;
  const why = `${venue.name} changed its rule text: SHA-256 ${found}, approved was ${approved}`;
  log.error({ pairId, venue: venue.name, found, approved }, 'a rule text has changed');
  const scope = { kind: 'pair', key: pairId } as const;
  const freeze = { freezeId, scope, cause: 'rules_changed', why, by: WATCHER } as const;
  await insertFreeze(db, { ...freeze, action: 'leave', atMs });
}
