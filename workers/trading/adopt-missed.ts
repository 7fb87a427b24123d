import type { Client } from '@temporalio/client';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import { type ArbitrageDesk, startAdoption } from '../../client/index.js';
import { shotText } from '../../domain/index.js';
import {
  type BarredBy,
  barShot,
  type Database,
  type MissedShot,
  missedShots,
  type ProcessLock,
} from '../../store/index.js';
import { keepRounds } from './keep-rounds.js';

export interface MissedOptions {
  readonly db: Kysely<Database>;
  readonly temporal: Client;
  /** Where trades are started. */
  readonly desk: ArbitrageDesk;
  readonly tryLock: () => Promise<ProcessLock | undefined>;
  readonly everyMs: number;
  readonly nowMs: () => number;
  readonly log: Logger;
}

/** Whoever has fired starts the trade at once; beyond this it has died, or could not. */
const TOLD_BEFORE_MS = 2_000;
/** After a round that failed, and how often the lock is tried. */
const RETRY_MS = 1_000;

/**
 * Starts the trades of shots that an engine has fired and not brought to their workflows, exactly as
 * it would itself. One that runs already is left to its own trying. Where the intent's workflow is
 * over, or its id was another trade's, nobody will take the shot over: that is a break.
 */
export function adoptMissed(options: MissedOptions): { readonly stop: () => Promise<void> } {
  const { tryLock, everyMs, log } = options;
  return keepRounds({
    ...{ tryLock, log, retryMs: RETRY_MS },
    round: async () => {
      await lookOnce(options);
      return everyMs;
    },
    onFailure: 'cannot look for shots that no trade has',
  });
}

async function lookOnce(options: MissedOptions): Promise<void> {
  for (const missed of await missedShots(options.db, TOLD_BEFORE_MS)) {
    try {
      await takeUp(options, missed);
    } catch (error) {
      const about = { err: error, shot: shotText(missed.shot) };
      options.log.error(about, 'the trade of a shot could not be started; trying again');
    }
  }
}

async function takeUp(options: MissedOptions, missed: MissedShot): Promise<void> {
  const { temporal, desk, log } = options;
  if (missed.isIdTaken) return bar(options, missed, 'INTENT_EXISTS');
  if ((await startAdoption(temporal, desk, missed)) === 'ended') {
    return bar(options, missed, 'WORKFLOW_ENDED'); // it may have adopted it: then nothing is barred
  }
  log.warn({ shot: shotText(missed.shot) }, 'a fired shot waits for its trade, which runs');
}

async function bar(
  { db, nowMs, log }: MissedOptions,
  { shot }: MissedShot,
  why: BarredBy,
): Promise<void> {
  if (!(await barShot(db, { shot, why, by: 'adopt missed', atMs: nowMs() }))) return;
  log.error({ shot: shotText(shot), why }, 'a fired shot is nobody’s trade: see its break');
}
