import { join } from 'node:path';
import { money } from '../domain/index.js';
import {
  createFaults,
  createMarketScript,
  type FaultLog,
  heavyRules,
  type OpenExchange,
  openExchange,
  openFaultLog,
  openLedger,
  type StreamControls,
  startControlPort,
  startTlsFront,
  type TlsFront,
  venueRules,
  Weather,
  writePairFile,
} from '../venues/simulation/index.js';
import { startKalshiSimulator, startPolymarketSimulator } from '../venues/simulators.js';
import type { ProcessConfig } from './config.js';
import { simulatedCredentials } from './credentials.js';
import { type ProcessContext, type RunningWork, runProcess } from './lifecycle.js';
import { simulatedVenueCertificate } from './venue-certificate.js';

runProcess({ start: startSimulator });

/** What a simulated account has at each venue when its ledger begins. */
const FIRST_CASH = money('100000');
/** Quotes, late fills, settlement on chain and resolution happen on this beat. */
const BEAT_MS = 25;
/** How often the pair file is brought up to the pairs that are listed. */
const PAIRS_EVERY_MS = 2_000;

/** One venue: its exchange on its ledger, its protocol before it, and the beat of its time. */
async function startSimulator({ config, log }: ProcessContext): Promise<RunningWork> {
  const { venue, port } = simulatedVenue(config);
  const faultLog = openFaultLog(join(config.folders.ledgers, `${venue}.faults`));
  const exchange = openVenueExchange(config, venue, faultLog);
  const front = await startFront({ config, venue, port, exchange });
  const tls = await tlsBefore(config, port);
  const control = await startControlPort({ exchange, streams: front.streams }, 0);
  const weather = weatherAt(config, exchange, front.streams);
  const beat = setInterval(() => {
    exchange.advance();
    weather?.beat();
  }, BEAT_MS);
  // One of the two keeps the file: both would write the same.
  const pairs = venue === 'kalshi' ? keepPairFile(config) : undefined;
  const urls = { url: front.url, tls: tls?.url, control: control.url };
  log.info({ venue, ...urls, faults: config.faults }, 'open');
  return {
    info: {
      ...{ [venue]: front.url, [`${venue} control`]: control.url },
      ...(tls && { [`${venue} by TLS`]: tls.url }),
    },
    stop: async () => {
      clearInterval(beat);
      clearInterval(pairs);
      await Promise.all([front.close(), tls?.close(), control.close()]);
      exchange.close();
      faultLog.close();
    },
  };
}

type SimulatedVenue = 'kalshi' | 'polymarket';

function simulatedVenue({ venue, port }: ProcessConfig) {
  if (venue !== 'kalshi' && venue !== 'polymarket') throw new Error('which venue is simulated?');
  if (port === undefined) throw new Error(`which port does ${venue} listen on?`);
  return { venue, port } as const;
}

/** Other profiles know no weather. */
function weatherAt(
  { seed, openedAtMs, faults }: ProcessConfig,
  exchange: OpenExchange,
  streams: StreamControls,
): Weather | undefined {
  if (faults !== 'heavy') return undefined;
  return new Weather({ exchange, streams, seed, openedAtMs, nowMs: Date.now });
}

function openVenueExchange(
  config: ProcessConfig,
  venue: SimulatedVenue,
  faultLog: FaultLog,
): OpenExchange {
  const { seed, openedAtMs: startedAtMs, faults: profile, pace, account, folders } = config;
  return openExchange({
    venue,
    seed,
    now: Date.now,
    ledger: openLedger(join(folders.ledgers, `${venue}.jsonl`)),
    accounts: [{ account, cash: FIRST_CASH }],
    script: createMarketScript({
      ...{ listing: { seed, startedAtMs }, venue },
      ...(pace !== undefined && { pace }),
    }),
    faults: createFaults({
      ...{ seed, profile, onCount: faultLog.count },
      ...(profile === 'heavy' && { standing: heavyRules[venue] }),
    }),
    rules: venueRules[venue],
  });
}

interface Front {
  readonly config: ProcessConfig;
  readonly venue: SimulatedVenue;
  readonly port: number;
  readonly exchange: OpenExchange;
}

async function startFront({ config, venue, port, exchange }: Front) {
  const { account } = config;
  const credentials = simulatedCredentials(config.folders.credentials, account);
  if (venue === 'polymarket') {
    const accounts = [{ account, credentials: credentials.polymarket }];
    return startPolymarketSimulator({ exchange, port, accounts });
  }
  const { keyId, publicKeyPem } = credentials.kalshi;
  return startKalshiSimulator({ exchange, port, keys: [{ account, keyId, publicKeyPem }] });
}

/** A venue that was started by itself, for a test, may have none. */
async function tlsBefore(
  { tlsPort, folders }: ProcessConfig,
  venuePort: number,
): Promise<TlsFront | undefined> {
  if (tlsPort === undefined) return undefined;
  const certificate = simulatedVenueCertificate(folders.credentials);
  return startTlsFront({ port: tlsPort, venuePort, certificate });
}

function keepPairFile({ seed, openedAtMs: startedAtMs, pairFile }: ProcessConfig): NodeJS.Timeout {
  const write = (): void => {
    writePairFile(pairFile, { seed, startedAtMs, nowMs: Date.now() });
  };
  write();
  return setInterval(write, PAIRS_EVERY_MS);
}
