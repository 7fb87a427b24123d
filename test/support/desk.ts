import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection as TemporalConnection } from '@temporalio/client';
import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import type { Kysely } from 'kysely';
import { type Logger, pino } from 'pino';
import { inject, vi } from 'vitest';
import { connectClient, type LegworkClient } from '../../client/index.js';
import {
  type CustodyTerms,
  defaultCustody,
  type RiskPolicy,
  type TradeTerms,
  toWire,
} from '../../domain/index.js';
import { ensureFolder } from '../../stack/index.js';
import {
  assertMode,
  balances,
  connect,
  type Database,
  ensureAccount,
  migrate,
} from '../../store/index.js';
import type { ProcessConfig } from '../../workers/config.js';
import { simulatedCredentials } from '../../workers/credentials.js';
import { hostName } from '../../workers/host-name.js';
import type { RunningWork } from '../../workers/lifecycle.js';
import { startTrading } from '../../workers/trading/start-trading.js';
import { intentOf } from './desk-intent.js';
import { linesTo } from './desk-lines.js';
import { DeskPairs, type PairTerms } from './desk-pairs.js';
import { quickPolicy, quickTerms } from './desk-terms.js';
import {
  ACCOUNT,
  type DeskVenues,
  openDeskVenues,
  quickVenues,
  type ScriptedFault,
  type VenueDurations,
  type VenuesOptions,
} from './desk-venues.js';
import type { Fate } from './lossy-line.js';
import { giveToStandIn } from './own-pairs.js';
import { freshDatabase, TEST_NAMESPACE, testTemporal, testWorkflowBundle } from './stack.js';
import { startTradingAndEngine } from './trading-and-engine.js';

// Once per process and before any connection: a test says itself what went wrong.
// Where nothing is kept, the SDK takes each of its own evictions for a bug of its own and says so.
const evictions = 'temporalio_sdk_core::worker::workflow::managed_run=off';
const filter = [
  makeTelemetryFilterString({ core: 'ERROR' }),
  ...(inject('cachedWorkflowsMax') === 0 ? [evictions] : []),
].join(',');
Runtime.install({
  logger: new DefaultLogger('ERROR'),
  telemetryOptions: { logging: { filter } },
  shutdownSignals: [],
});

export interface TestDeskOptions {
  /** One test trades one pair, so that tests do not meet; `{}` is an opportunity. */
  readonly pairs: Readonly<Record<string, PairTerms>>;
  readonly terms?: Partial<TradeTerms>;
  readonly policy?: Partial<RiskPolicy>;
  /** Once a minute, and what is found is kept, unless told. */
  readonly custody?: Partial<CustodyTerms>;
  readonly venues?: Partial<VenueDurations>;
  /** Both simulators in this process, unless told: e.g. one that can be killed. */
  readonly openVenues?: (
    options: VenuesOptions & { readonly folder: string; readonly keys: string },
  ) => Promise<DeskVenues>;
  /** What gets lost on the line to a venue; without it there is no line in between. */
  readonly fateOf?: (body: string) => Fate;
  /** How often announcements and rule texts are read; as in trading unless told. */
  readonly marketWatchEveryMs?: number;
  /** `false`: nobody trades before `startTrading`. */
  readonly isTrading?: boolean;
  /** `false`: no stand-in owns its pairs; an engine of the test's own may. */
  readonly hasEngine?: boolean;
  /** Servers of its own, e.g. to kill; else those of the run. The database is there, and empty. */
  readonly servers?: DeskServers;
  /** The queues' name; unique unless told. */
  readonly desk?: string;
}

export interface DeskServers {
  readonly address: string;
  readonly namespace: string;
  readonly databaseUrl: string;
}

export interface TestDesk {
  readonly place: OpenPlace;
  readonly config: ProcessConfig;
  readonly db: Kysely<Database>;
  readonly client: LegworkClient;
  /** For what only an operator of Temporal does: reset, delete, describe. */
  readonly temporal: Client;
  readonly venues: DeskVenues;
  readonly pairs: DeskPairs;
  readonly terms: TradeTerms;
  readonly startTrading: () => Promise<void>;
  /** Drains, as on a deploy. */
  readonly stopTrading: () => Promise<void>;
  readonly fault: (fault: ScriptedFault) => void;
  readonly close: () => Promise<void>;
}

/** A desk of its own: database, queues, venues, worker and client; durations in milliseconds. */
export async function openTestDesk(options: TestDeskOptions): Promise<TestDesk> {
  const place = await openPlace(options);
  const { db, close: closeDb } = connect(place.config.databaseUrl);
  await assertMode(db, place.config.mode);
  await ensureAccount(db, ACCOUNT);
  if (place.hasEngine) {
    const pairIds = place.pairs.pairs.map(({ pairId }) => pairId);
    await giveToStandIn({ config: place.config, db }, pairIds);
  }
  return openDeskAt({
    ...place,
    db,
    close: async () => {
      await closeDb();
      await place.close();
    },
  });
}

/** The same books, venues and terms before a Temporal that remembers none of it. */
export async function openForgetful({ place }: TestDesk): Promise<TestDesk> {
  const namespace = `${place.config.namespace}-later`;
  await testTemporal(namespace);
  const config = { ...place.config, namespace };
  return openDeskAt({ ...place, config, isTrading: true, close: async () => undefined });
}

/** Everything of a desk but its processes. */
interface DeskPlace {
  readonly desk: string;
  readonly pairs: DeskPairs;
  readonly venues: DeskVenues;
  readonly config: ProcessConfig;
  readonly terms: TradeTerms;
  readonly policy: RiskPolicy;
  readonly custody: CustodyTerms;
  readonly isTrading: boolean;
  readonly hasEngine: boolean;
  readonly marketWatchEveryMs?: number;
  readonly close: () => Promise<void>;
}

interface OpenPlace extends DeskPlace {
  readonly db: Kysely<Database>;
}

async function openPlace(options: TestDeskOptions): Promise<DeskPlace> {
  const pairs = new DeskPairs(options.pairs);
  const terms = { ...quickTerms, ...options.terms };
  const folder = mkdtempSync(join(ensureFolder(inject('runFolder')), 'desk-'));
  const keys = ensureFolder(join(inject('runFolder'), 'credentials'));
  const credentials = simulatedCredentials(keys, ACCOUNT);
  const durations = { ...quickVenues, ...options.venues };
  const { openVenues = openDeskVenues } = options;
  const venues = await openVenues({ pairs, credentials, durations, folder, keys });
  const lines = await linesTo(venues, options.fateOf);
  const servers = options.servers ?? (await serversOfRun());
  const config = configOf({ folder, keys, venues: lines.urls, servers });
  writeFileSync(config.pairFile, JSON.stringify(toWire({ pairs: pairs.pairs })));
  return {
    ...{ pairs, venues, config, isTrading: options.isTrading ?? true },
    hasEngine: options.hasEngine ?? true,
    desk: options.desk ?? `simulated-${process.pid}-${next('desk')}`,
    terms,
    ...(options.marketWatchEveryMs && { marketWatchEveryMs: options.marketWatchEveryMs }),
    policy: { ...quickPolicy, exit: terms.exit, ...options.policy },
    custody: { ...defaultCustody, ...options.custody },
    close: async () => {
      await lines.close();
      await venues.close();
    },
  };
}

async function openDeskAt(place: OpenPlace): Promise<TestDesk> {
  const { config, desk, db, pairs, terms, venues } = place;
  const { temporalAddress: address, mode, namespace } = config;
  const client = await connectClient({ address, mode, namespace, desk });
  const connection = await TemporalConnection.connect({ address });
  let trading: RunningWork | undefined;
  const open: TestDesk = {
    ...{ place, config, db, client, venues, pairs, terms },
    temporal: new Client({ connection, namespace }),
    startTrading: async () => {
      trading = await startTradingAt(place);
      await readyToTrade(open);
    },
    stopTrading: async () => {
      await trading?.stop();
      trading = undefined;
    },
    fault: (fault) => venues.script.set(fault),
    close: async () => {
      await open.stopTrading();
      await Promise.all([client.close(), connection.close()]);
      await place.close();
    },
  };
  if (place.isTrading) await open.startTrading();
  return open;
}

async function startTradingAt(place: DeskPlace): Promise<RunningWork> {
  const { desk, terms, policy, custody, marketWatchEveryMs } = place;
  const config = { ...place.config, processId: `trading-${desk}-${next('start')}` };
  const bundle = await testWorkflowBundle();
  const log = deskLog();
  const cachedWorkflowsMax = inject('cachedWorkflowsMax');
  const start = place.hasEngine ? startTradingAndEngine : startTrading;
  return start(
    { config, log },
    {
      ...{ terms, policy, custody, desk, bundle, cachedWorkflowsMax },
      ...(marketWatchEveryMs !== undefined && { marketWatchEveryMs }),
    },
  );
}

/** `LEGWORK_TEST_LOG`: a file that the words of desks in tests are appended to. */
function deskLog(): Logger {
  const file = process.env.LEGWORK_TEST_LOG;
  return file ? pino(pino.destination({ dest: file, append: true })) : pino({ enabled: false });
}

const counts = new Map<string, number>();
/** 1, 2, 3, … of a kind. */
function next(kind: string): number {
  const count = (counts.get(kind) ?? 0) + 1;
  counts.set(kind, count);
  return count;
}

async function serversOfRun(): Promise<DeskServers> {
  const databaseUrl = await freshDatabase(async (url) => {
    await migrate(url);
  });
  // A namespace of its own as well: two stories may call their trades alike.
  const namespace = `${TEST_NAMESPACE}-${process.pid}-${next('namespace')}`;
  return { ...(await testTemporal(namespace)), databaseUrl };
}

function configOf(place: {
  readonly folder: string;
  /** Of the whole run: a new RSA key for every desk is half a second of work. */
  readonly keys: string;
  readonly venues: Readonly<Record<string, string>>;
  readonly servers: DeskServers;
}): ProcessConfig {
  const { folder, keys, venues } = place;
  const { address, namespace, databaseUrl } = place.servers;
  return {
    ...{ component: 'trading', processId: 'trading', mode: 'simulated', namespace },
    host: hostName(),
    ...{ temporalAddress: address, databaseUrl, account: ACCOUNT, venues: { ...venues } },
    ...{ seed: 7, faults: 'none', openedAtMs: Date.now(), drainMs: 15_000 },
    folders: { data: folder, logs: folder, ledgers: folder, credentials: keys },
    pairFile: join(folder, 'pairs.json'),
  };
}

/**
 * Waits for balances and books as a strategy would notice them: asked for more than there is, the
 * desk says that it has no book, or something about the trade.
 */
export async function readyToTrade(desk: TestDesk): Promise<void> {
  await vi.waitFor(
    async () => {
      const known = await balances(desk.db, ACCOUNT);
      if (!known.kalshi || !known.polymarket) throw new Error('no balances yet');
    },
    { timeout: 60_000, interval: 20 },
  );
  for (const { pairId } of desk.pairs.pairs) await hasBooks(desk, pairId);
}

/** Waits until this pair would be traded if it were worth it. */
export async function hasBooks(desk: TestDesk, pairId: string): Promise<void> {
  await vi.waitFor(
    async () => {
      const intentId = `probe.${process.pid}.${next('probe')}`;
      const { verdict } = await desk.client.arbitrage(
        intentOf(intentId, pairId, { edgeMin: '0.99' }),
      );
      const why = verdict.kind === 'denied' ? verdict.denial.code : 'it is too good';
      if (/BOOK|SWEPT|ORDER_GROUP|good/.test(why))
        throw new Error(`no books of ${pairId} yet: ${why}`);
    },
    { timeout: 60_000, interval: 20 },
  );
}
