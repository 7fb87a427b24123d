import { connectFireFirst, FireFirstError } from '../client/fire-first/index.js';
import { connectClient, type LegworkClient } from '../client/index.js';
import { EDGE_MIN_DEFAULT, type Pair, quantity } from '../domain/index.js';
import { assertMode, connect, nextNumber } from '../store/index.js';
import type { ProcessConfig } from './config.js';
import { type ProcessContext, type RunningWork, runProcess } from './lifecycle.js';
import { openPairFile } from './pair-file.js';
import { ArmedPairs } from './scanner/armed-pairs.js';
import { type StrategyTerms, sequenceName } from './scanner/build-intent.js';
import { readDeskView } from './scanner/desk-view.js';
import { type Doors, everyDoor, workflowAlone } from './scanner/doors.js';
import { offerVia } from './scanner/offer.js';
import { Scanner } from './scanner/scanner.js';
import { openFeeds, subscribePairs } from './venue-access.js';

runProcess({ start: startScanner });

const STRATEGY = 'scan';
/** A strategy that would take more than this at once is cut by the `contracts` breaker anyway. */
const CONTRACTS_MAX = quantity('1000');
const FRESH_FOR_MS = 1_500;
/** As often as the processes that fire read the word about freezes (DESIGN §8.1). */
const VIEW_EVERY_MS = 250;
/** About 3 % of the intents of a simulated desk stop before the wire, so that this path is seen. */
const DRY_RUN_EVERY = 32;

/** Looks at the public books and hands over what it sees, as any strategy would. */
async function startScanner(context: ProcessContext): Promise<RunningWork> {
  const { config, log } = context;
  const { db, close } = connect(config.databaseUrl, {
    connectionsMax: 4,
    onError: (error) => log.warn({ err: error }, 'a connection to Postgres broke'),
  });
  await assertMode(db, config.mode);
  const { temporalAddress: address, mode, namespace } = config;
  const client = await connectClient({ address, mode, namespace });
  const feeds = openFeeds(config);
  const pairFile = await openPairFile(config.pairFile, {
    log,
    onChange: (pairs) => subscribePairs(feeds, pairs),
  });
  const terms = strategyTerms(config);
  const { doors, closeDoors } = await openDoors(context, {
    ...{ client, terms, pairs: () => pairFile.pairs(), offer: offerVia(client, db) },
  });
  const scanner = new Scanner({
    pairs: () => pairFile.pairs(),
    bookOf: (instrument) => feeds[instrument.venue].book(instrument),
    readView: () => readDeskView(db, Date.now()),
    nextNumber: () => nextNumber(db, sequenceName(terms)),
    doors,
    terms: { ...terms, contractsMax: CONTRACTS_MAX },
    ...(config.session && { firedMax: config.session.arbs }),
    viewEveryMs: VIEW_EVERY_MS,
    nowMs: Date.now,
    log,
  });
  for (const feed of Object.values(feeds)) {
    feed.onChange((instrument) => scanner.changed(instrument));
  }
  subscribePairs(feeds, pairFile.pairs());
  await scanner.start();

  return {
    info: { strategy: sequenceName(terms) },
    stop: async () => {
      pairFile.close();
      await scanner.stop();
      await closeDoors();
      await Promise.all(Object.values(feeds).map((feed) => feed.close()));
      await client.close();
      await close();
    },
  };
}

interface Strategy {
  readonly client: LegworkClient;
  readonly terms: StrategyTerms;
  readonly pairs: () => readonly Pair[];
  /** Through the workflow. */
  readonly offer: Doors['offer'];
}

/** Every door of this host's engine, where it has one. */
async function openDoors({ config, log }: ProcessContext, strategy: Strategy) {
  const { doorSocket, mode, host } = config;
  const { client, terms, pairs, offer } = strategy;
  const engine = doorSocket === undefined ? undefined : await greeted(doorSocket, { mode, log });
  if (!engine) return { doors: workflowAlone(offer), closeDoors: async () => {} };
  const arms = new ArmedPairs({ client, terms, pairs, log, nowMs: Date.now });
  return {
    doors: everyDoor({ pairs, arms, engine, host, offer }),
    closeDoors: async () => {
      await arms.stop();
      engine.close();
    },
  };
}

/** Without an engine that greets a strategy goes on through the workflow, and so does this one. */
async function greeted(
  path: string,
  { mode, log }: Pick<ProcessConfig, 'mode'> & Pick<ProcessContext, 'log'>,
) {
  try {
    return await connectFireFirst(path, { mode });
  } catch (error) {
    if (!(error instanceof FireFirstError)) throw error;
    log.warn(
      { err: error },
      'no engine is heard: until the next start every pair goes by its workflow',
    );
    return undefined;
  }
}

function strategyTerms({ account, seed, session }: ProcessConfig): StrategyTerms {
  return {
    ...{ strategy: STRATEGY, account, seed, edgeMin: EDGE_MIN_DEFAULT, freshForMs: FRESH_FOR_MS },
    // A session shows every result that there is; a desk that trades on has no use for dry runs.
    ...(session && { dryRunEvery: DRY_RUN_EVERY }),
  };
}
