import { NativeConnection, Worker } from '@temporalio/worker';
import { heartbeating } from '../../activities/heartbeating.js';
import type { EngineActivities } from '../../activities/trade-activities.js';
import { assert, type OverWire, overWire, queuesOf } from '../../domain/index.js';
import { connect } from '../../store/index.js';
import type { ProcessContext, RunningWork } from '../../workers/lifecycle.js';
import { startTrading, type TradingOptions } from '../../workers/trading/start-trading.js';
import {
  connectionSettings,
  sharedSettings,
  wireSettings,
} from '../../workers/trading/worker-settings.js';
import { openVenues } from '../../workers/venue-access.js';
import { fireLegs } from './fire-legs.js';
import type { AnyReached } from './fire-points.js';
import { withSentExits } from './on-written.js';

/** Whose engine the stand-in is: the host that `own-pairs.ts` gives the pairs of a desk to. */
export const STAND_IN_HOST = 'stand-in';

export interface TradingAndEngineOptions extends Omit<TradingOptions, 'reached'> {
  readonly reached?: AnyReached;
}

/**
 * A trading worker, and beside it in its process who fires for it: the product fires by the native
 * engine alone, which would have to be built before any test of a trade, and cannot be told to stop
 * between two lines. What the engine itself does is `test/native`'s.
 */
export async function startTradingAndEngine(
  context: ProcessContext,
  options: TradingAndEngineOptions,
): Promise<RunningWork> {
  const engine = await startFiring(context, options);
  const { reached } = options;
  try {
    const trading = await startTrading(context, {
      ...options,
      ...(reached && { reached: withSentExits(reached) }),
    });
    return {
      stop: async () => {
        await Promise.all([trading.stop(), engine.stop()]);
      },
    };
  } catch (error) {
    await engine.stop();
    throw error;
  }
}

/** The stand-in alone. It polls the queue of its host; whose pairs it fires, others have said. */
export async function startFiring(
  { config, log }: ProcessContext,
  {
    desk = config.mode,
    reached = () => undefined,
  }: Pick<TradingAndEngineOptions, 'desk' | 'reached'>,
): Promise<RunningWork> {
  const { mode, databaseUrl, temporalAddress, namespace } = config;
  const warn = (about: object, message: string): void => {
    log.warn(about, message);
  };
  const books = connect(databaseUrl, {
    connectionsMax: 4,
    onError: (err) => warn({ err }, 'books'),
  });
  const venues = openVenues(config);
  const firing = {
    ...{ db: books.db, mode, nowMs: Date.now, warn, reached },
    venueOf: (name: string, account: string) => {
      const found = venues.find((venue) => venue.name === name && venue.account === account);
      assert(found !== undefined, `account ${account} is wired to ${name}`);
      return found;
    },
  };
  const activities: OverWire<EngineActivities> = overWire<EngineActivities>({
    fireLegs: (shot) => heartbeating(() => fireLegs(firing, shot)),
  });
  const connection = await NativeConnection.connect({
    ...connectionSettings,
    address: temporalAddress,
  });
  const taskQueue = queuesOf(desk).engine(STAND_IN_HOST);
  const worker = await Worker.create({
    ...{ ...sharedSettings, ...wireSettings, connection, namespace, taskQueue, activities },
  });
  const running = worker.run();
  return {
    stop: async () => {
      worker.shutdown();
      await running;
      await Promise.all([books.close(), ...venues.map((venue) => venue.close())]);
      await connection.close();
    },
  };
}
