import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import type { Kysely } from 'kysely';
import ts from 'typescript';
import { connectClient, type LegworkClient } from '../client/index.js';
import { money, namespaceOf, quantity, toWire, type VenueName } from '../domain/index.js';
import { ensureFolder, newDataFolder, packageRoot, startStack } from '../stack/index.js';
import {
  assertMode,
  connect,
  type Database,
  ensureAccount,
  migrate,
  setLimits,
} from '../store/index.js';
import { childEnvironment, type ProcessConfig } from '../workers/config.js';
import { hostName } from '../workers/host-name.js';
import { type Child, startChild } from './child.js';
import { ACCOUNT, benchPairs } from './market.js';

export const MODE = 'simulated';
/** From a match on Polymarket to CONFIRMED: long enough to be news of its own. */
export const CONFIRM_MS = 100;
/** A trade that is parked is asked about seldom: what it holds is measured, not what it does. */
const ASK_EVERY_MS_MAX = 3_600_000;

export interface House {
  readonly db: Kysely<Database>;
  readonly client: LegworkClient;
  readonly connection: Connection;
  readonly temporal: Client;
  readonly pairIds: readonly string[];
  readonly servers: { readonly temporal: number; readonly postgres: number };
  readonly simulators: Readonly<Record<VenueName, Child>>;
  readonly ladder: Child;
  /** What the trading worker is told; an engine beside it is told the same. */
  readonly config: ProcessConfig;
  /** The trading worker as `npm start` runs it; `isProbed`: its heap can be measured. */
  readonly startTrading: (options?: { readonly isProbed: boolean }) => Promise<Child>;
  readonly close: () => Promise<void>;
}

/** The embedded servers on disk, simulated venues, and workers: each a process of its own. */
export async function openHouse(
  pairs: number,
  onStep: (line: string) => void = () => undefined,
): Promise<House> {
  const folder = ensureFolder(newDataFolder(Date.now()));
  const stack = await startStack({
    ...{ folder, namespace: namespaceOf(MODE), isDurable: true },
    ...{ onTemporalStep: onStep, onPostgresStep: onStep },
  });
  const children: Child[] = [];
  const kept = async (child: Promise<Child>): Promise<Child> => {
    children.push(await child);
    return child;
  };
  const { databaseUrl } = stack.postgres;
  await migrate(databaseUrl);
  const books = connect(databaseUrl, { connectionsMax: 4 });
  await openAccount(books.db);

  const { address, namespace } = stack.temporal;
  const credentialsFolder = ensureFolder(join(folder, 'credentials'));
  const given = { pairs, credentialsFolder, confirmMs: CONFIRM_MS };
  const simulators = {
    kalshi: await kept(startOurs('simulator', { ...given, venue: 'kalshi' })),
    polymarket: await kept(startOurs('simulator', { ...given, venue: 'polymarket' })),
  };
  const { kalshi, polymarket } = simulators;
  const venues = { kalshi: kalshi.info.url ?? '', polymarket: polymarket.info.url ?? '' };
  const tlsVenues = { kalshi: kalshi.info.tlsUrl ?? '', polymarket: polymarket.info.tlsUrl ?? '' };
  const ladder = await kept(startOurs('ladder-worker', { address, namespace }));
  const connection = await Connection.connect({ address });
  const client = await connectClient({ address, mode: MODE });
  const config = tradingConfig({ folder, address, databaseUrl, venues, tlsVenues });
  const listed = benchPairs(pairs);
  writeFileSync(config.pairFile, JSON.stringify(toWire({ pairs: listed })));
  return {
    ...{ db: books.db, client, connection, simulators, ladder, config },
    temporal: new Client({ connection, namespace }),
    pairIds: listed.map(({ pairId }) => pairId),
    servers: { temporal: pidOf(folder, 'temporal'), postgres: pidOf(folder, 'postgres') },
    startTrading: async (options) => kept(startTradingWorker(config, options?.isProbed ?? false)),
    close: async () => {
      for (const child of children.toReversed()) await child.stop();
      await Promise.all([client.close(), connection.close(), books.close()]);
      await stack.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Limits that a benchmark does not meet; every rule is judged all the same. */
async function openAccount(db: Kysely<Database>): Promise<void> {
  await assertMode(db, MODE);
  await ensureAccount(db, ACCOUNT);
  const limits = {
    ...{ positionMax: quantity('100000000'), contractsPerPairMax: quantity('100000000') },
    ...{ exposureMax: money('1000000000'), lossPerDayMax: money('1000000') },
    ...{ positionsMaxCount: 1_000_000, executionsPerMinuteMax: 1_000_000, errorsInARowMax: 5 },
  };
  await setLimits(db, { account: ACCOUNT, limits, by: 'bench', why: 'no limit is measured' });
}

interface TradingPlace {
  readonly folder: string;
  readonly address: string;
  readonly databaseUrl: string;
  readonly venues: Readonly<Record<string, string>>;
  readonly tlsVenues: Readonly<Record<string, string>>;
}

function tradingConfig({ folder, address, databaseUrl, ...urls }: TradingPlace): ProcessConfig {
  const inside = (name: string): string => ensureFolder(join(folder, name));
  return {
    ...{ component: 'trading', processId: 'trading', mode: MODE, namespace: namespaceOf(MODE) },
    ...{ temporalAddress: address, databaseUrl, account: ACCOUNT, ...urls },
    host: hostName(),
    ...{ seed: 7, faults: 'none', openedAtMs: Date.now(), drainMs: 15_000 },
    folders: {
      ...{ data: folder, logs: inside('logs') },
      ...{ ledgers: inside('venues'), credentials: inside('credentials') },
    },
    pairFile: join(folder, 'pairs.json'),
    terms: { holdAfterMs: 0, askEveryMsMax: ASK_EVERY_MS_MAX },
  };
}

let starts = 0;

/** The program that `npm run build` has made, with the options of `legwork up`. */
function startTradingWorker(config: ProcessConfig, isProbed: boolean): Promise<Child> {
  starts += 1;
  const entry = join(packageRoot(), 'dist', 'programs', 'trading.js');
  const probed = isProbed ? ['--expose-gc', '--import', compiledProbe(config.folders.data)] : [];
  return startChild({
    name: 'trading',
    args: ['--enable-source-maps', ...probed, entry],
    environment: childEnvironment({ ...config, processId: `trading-${starts}` }),
  });
}

/** As plain JavaScript: the threads of a worker load it too, and they know nothing else. */
function compiledProbe(folder: string): string {
  const source = readFileSync(new URL('processes/heap-probe.ts', import.meta.url), 'utf8');
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 };
  const path = join(folder, 'heap-probe.mjs');
  writeFileSync(path, ts.transpileModule(source, { compilerOptions }).outputText);
  return path;
}

function startOurs(name: string, config: object): Promise<Child> {
  const entry = fileURLToPath(new URL(`processes/${name}.ts`, import.meta.url));
  return startChild({ name, args: ['--import', 'tsx', entry, JSON.stringify(config)] });
}

/** The stack remembers its servers in files of its own. */
function pidOf(folder: string, name: string): number {
  const file = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as {
    readonly process: { readonly pid: number };
  }; // written by `stack/lasting-server.ts`
  return file.process.pid;
}
