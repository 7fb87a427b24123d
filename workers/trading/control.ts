import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import { FreezeWord, type Reached } from '../../activities/index.js';
import { freezeTimes } from '../../domain/index.js';
import {
  acknowledge,
  assertMode,
  connect,
  type Database,
  FREEZES_CHANNEL,
  heartbeat,
  listen,
  readControl,
  registerProcess,
} from '../../store/index.js';
import type { ProcessConfig } from '../config.js';

const HEARTBEAT_EVERY_MS = 1_000;

/** This process' word about freezes, and its row that says it lives and what it has heard. */
export interface Control {
  readonly db: Kysely<Database>;
  readonly freezes: FreezeWord;
  readonly close: () => Promise<void>;
}

export interface ControlOptions {
  readonly config: ProcessConfig;
  readonly log: Logger;
  readonly reached: Reached;
}

/** Registers before any work is taken: a freeze waits for every process that is registered. */
export async function openControl(options: ControlOptions): Promise<Control> {
  const { config, log, reached } = options;
  const { processId, component, host, mode, databaseUrl } = config;
  const { db, close } = connect(databaseUrl, {
    onError: (error) => log.warn({ err: error }, 'a connection to Postgres broke'),
  });
  await assertMode(db, mode);
  const startedAtMs = Date.now();
  await registerProcess(db, { processId, component, host, pid: process.pid, mode, startedAtMs });

  // A poll of its own connections: a pool that is busy must not look like lost control.
  const word = connect(databaseUrl, { connectionsMax: 2 });
  const freezes = new FreezeWord({
    readControl: () => readControl(word.db),
    acknowledge: async (epoch) => {
      reached('control: freeze heard, not acknowledged', processId);
      await acknowledge(word.db, processId, epoch);
      reached('control: freeze acknowledged, not read again', processId);
    },
    pollEveryMs: freezeTimes.readEveryMs,
    onError: (error) => log.warn({ err: error }, 'no word about freezes'),
  });
  await freezes.start();
  const listening = await listen(databaseUrl, FREEZES_CHANNEL, () => freezes.wake());
  const beat = setInterval(() => {
    const { acknowledged } = freezes;
    heartbeat(word.db, { processId, atMs: Date.now(), acknowledged }).catch((error: unknown) => {
      log.warn({ err: error }, 'no heartbeat');
    });
  }, HEARTBEAT_EVERY_MS);

  return {
    db,
    freezes,
    close: async () => {
      clearInterval(beat);
      await listening.close();
      await freezes.stop();
      await word.close();
      await close();
    },
  };
}
