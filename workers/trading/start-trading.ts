import { Client } from '@temporalio/client';
import { NativeConnection, Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { createCustodyActivities } from '../../activities/custody/index.js';
import {
  createLendActivities,
  createTradeActivities,
  passOn,
  type Reached,
} from '../../activities/index.js';
import { custodyDoor } from '../../client/index.js';
import {
  type CustodyTerms,
  queuesOf,
  type RateLimits,
  type RiskPolicy,
  type TradeTerms,
} from '../../domain/index.js';
import { endProcess, tryProcessLock } from '../../store/index.js';
import type { ProcessContext, RunningWork } from '../lifecycle.js';
import { workflowBundle } from '../workflow-bundle.js';
import { adoptMissed } from './adopt-missed.js';
import { type Control, openControl } from './control.js';
import { type OpenDesk, openDesk } from './desk.js';
import { flattenHeldPairs } from './flatten-held-pairs.js';
import { startMarketWatch } from './market-watch.js';
import { nameOrders } from './name-orders.js';
import { keepOrderGroups } from './order-groups.js';
import { type RunningBookers, startBookers } from './start-bookers.js';
import { startTaskWatch } from './task-watch.js';
import {
  connectionSettings,
  procedureSettings,
  sharedSettings,
  wireSettings,
} from './worker-settings.js';

/** Rules and announcements change seldom; every look is a read per market. */
const MARKET_WATCH_EVERY_MS = 30_000;
/** A freeze has stopped the entries already; the group is the second lock. */
const GROUPS_EVERY_MS = 250;
/** Who says `flatten` wants to be out; a look is a read that finds no such freeze. */
const FLATTEN_EVERY_MS = 250;
/** Names are heard of as they come; a look is a read that finds none. */
const NAME_EVERY_MS = 1_000;
/** Two seconds after it was told, a shot without a trade is looked for; a look finds none. */
const ADOPT_EVERY_MS = 1_000;
/** A task that fails for ever is told of within five seconds; two attempts take the most of two. */
const LOOK_EVERY_MS = 500;

/** What a test does otherwise than the process: other durations, a desk of its own, its own bundle. */
export interface TradingOptions {
  readonly terms?: TradeTerms;
  readonly policy?: RiskPolicy;
  readonly custody?: CustodyTerms;
  readonly desk?: string;
  readonly bundle?: WorkflowBundleOption;
  /** The crash suite's hook at the points where a process may die. */
  readonly reached?: Reached;
  /** How often the venues' announcements and rule texts are read. */
  readonly marketWatchEveryMs?: number;
  /** 0: every workflow task replays its history from the start. */
  readonly cachedWorkflowsMax?: number;
  /** What the account may ask of Kalshi; absent = as its tier says. */
  readonly kalshiRates?: RateLimits;
}

/**
 * Workflows, ordinary activities, exits, and (per venue account, by a lock) the booker.
 *
 * Starts inside out: Postgres, the word about freezes, venues and books, the workers, the booker.
 * Stops outside in: no new task, then what runs ends (an exit is never cut), then the connections.
 */
export async function startTrading(
  { config, log }: ProcessContext,
  options: TradingOptions = {},
): Promise<RunningWork> {
  const connection = await NativeConnection.connect({
    ...connectionSettings,
    address: config.temporalAddress,
  });
  const temporal = new Client({ connection, namespace: config.namespace });
  const { reached = passOn } = options;
  const control = await openControl({ config, log, reached });
  const desk = await openDesk({ config, log, control, ...options, reached });
  const queues = queuesOf(options.desk ?? config.mode);
  const bookers = startBookers({
    ...{ config, log, temporal, control, desk, reached },
    queues: options.desk ?? config.mode,
  });
  await bookers.begun;

  const watch = startMarketWatch({
    ...{ db: control.db, venues: desk.venues, pairs: desk.pairs, nowMs: Date.now, log },
    tryLock: () => tryProcessLock(config.databaseUrl, 'market watch'),
    everyMs: options.marketWatchEveryMs ?? MARKET_WATCH_EVERY_MS,
  });
  const taskWatch = startTaskWatch({
    ...{ temporal, db: control.db, lookEveryMs: LOOK_EVERY_MS, nowMs: Date.now, log },
    tryLock: () => tryProcessLock(config.databaseUrl, 'task watch'),
  });

  const handing = startHanding({ config, log, control, temporal, reached, desk: options.desk });
  const naming = await startNaming({ config, log, control, bookers });
  const groups = startGroups({ config, log, control, desk, reached });

  const draining = new AbortController();
  const shared = {
    ...sharedSettings,
    connection,
    namespace: config.namespace,
    activities: activitiesOf(desk, draining.signal),
  };
  const procedures = await Worker.create({
    ...shared,
    ...procedureSettings,
    taskQueue: queues.trading,
    workflowBundle: options.bundle ?? (await workflowBundle(log)),
    maxCachedWorkflows: options.cachedWorkflowsMax ?? procedureSettings.maxCachedWorkflows,
  });
  const exits = await Worker.create({ ...shared, ...wireSettings, taskQueue: queues.fire });
  const running = [procedures, exits].map((worker) => worker.run());

  return {
    stop: async () => {
      for (const worker of [procedures, exits]) worker.shutdown();
      draining.abort();
      await Promise.all(running);
      await Promise.all(
        [bookers, watch, taskWatch, ...handing, naming, ...groups].map((work) => work.stop()),
      );
      await desk.close();
      await endProcess(control.db, { processId: config.processId, atMs: Date.now() });
      await control.close();
      await connection.close();
    },
  };
}

interface HandingOptions extends ProcessContext {
  readonly control: Control;
  readonly temporal: Client;
  readonly reached: Reached;
  readonly desk: string | undefined;
}

/** What has nobody who goes on with it: held pairs to flatten, shots without a trade. */
function startHanding({ config, log, control, temporal, reached, ...options }: HandingOptions) {
  const { db } = control;
  const desk = { mode: config.mode, desk: options.desk ?? config.mode };
  const flattening = flattenHeldPairs({
    ...{ db, everyMs: FLATTEN_EVERY_MS, nowMs: Date.now, log, reached },
    custody: custodyDoor(temporal, desk),
    tryLock: () => tryProcessLock(config.databaseUrl, 'flatten held pairs'),
  });
  const adopting = adoptMissed({
    ...{ db, temporal, desk, everyMs: ADOPT_EVERY_MS, nowMs: Date.now, log },
    tryLock: () => tryProcessLock(config.databaseUrl, 'adopt missed'),
  });
  return [flattening, adopting];
}

/** Everything that any workflow may ask, on either queue. */
const activitiesOf = ({ trading }: OpenDesk, draining: AbortSignal) => ({
  ...createTradeActivities(trading),
  ...createCustodyActivities(trading),
  ...createLendActivities(trading, draining),
});

interface GroupsOptions extends ProcessContext {
  readonly control: Control;
  readonly desk: OpenDesk;
  readonly reached: Reached;
}

/** One keeper for each account at a venue that has order groups. */
function startGroups({ config, log, control: { db }, desk, reached }: GroupsOptions) {
  return desk.venues.flatMap(({ account, orderGroups }) => {
    if (!orderGroups) return [];
    const tryLock = () => tryProcessLock(config.databaseUrl, `order groups ${account}`);
    return keepOrderGroups({
      ...{ db, venue: { account, orderGroups }, pairs: desk.pairs, tryLock },
      ...{ everyMs: GROUPS_EVERY_MS, nowMs: Date.now, log, reached },
      sweepEveryMs: desk.trading.custody.sweepEveryMs,
    });
  });
}

interface NamingOptions extends ProcessContext {
  readonly control: Control;
  readonly bookers: RunningBookers;
}

/** Orders of shots that an engine has fired; the bookers know whom to tell of their entries. */
function startNaming({ config: { databaseUrl }, log, control: { db }, bookers }: NamingOptions) {
  return nameOrders({
    ...{ db, databaseUrl, tell: bookers.tell, everyMs: NAME_EVERY_MS, nowMs: Date.now, log },
    tryLock: () => tryProcessLock(databaseUrl, 'name orders'),
  });
}
