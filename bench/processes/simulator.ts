import { money } from '../../domain/index.js';
import {
  createFaults,
  memoryLedger,
  openExchange,
  startTlsFront,
  venueRules,
} from '../../venues/simulation/index.js';
import { startKalshiSimulator, startPolymarketSimulator } from '../../venues/simulators.js';
import { simulatedCredentials } from '../../workers/credentials.js';
import { simulatedVenueCertificate } from '../../workers/venue-certificate.js';
import { ACCOUNT, benchPairs, benchScript } from '../market.js';
import { givenConfig, type SimulatorConfig, type ToSimulator, tellBench } from './messages.js';

/** As in `workers/simulator.ts`. */
const BEAT_MS = 25;
const SEED = 7;
const CASH = money('1000000000');

const config = givenConfig() as SimulatorConfig; // the benchmark wrote it
const { venue } = config;
const credentials = simulatedCredentials(config.credentialsFolder, ACCOUNT);
/** From a match to its confirmation; changed while the exchange runs, for trades that are parked. */
const confirmed = { leastMs: config.confirmMs, mostMs: config.confirmMs };

const exchange = openVenue();
const url = await served();
const tls = await startTlsFront({
  ...{ port: 0, venuePort: Number(new URL(url).port) },
  certificate: simulatedVenueCertificate(config.credentialsFolder),
});
setInterval(() => {
  exchange.advance();
}, BEAT_MS);

process.on('message', ({ ms }: ToSimulator) => {
  confirmed.leastMs = ms;
  confirmed.mostMs = ms;
  tellBench({ kind: 'done' });
});
process.on('disconnect', () => process.exit(0));
tellBench({ kind: 'ready', info: { url, tlsUrl: tls.url } });

/** A venue without faults; its ledger is in memory, because no disk of a venue is measured here. */
function openVenue() {
  const { confirmation, ...rules } = venueRules[venue];
  const mined = { leastMs: config.confirmMs / 2, mostMs: config.confirmMs / 2 };
  return openExchange({
    ...{ venue, seed: SEED, now: Date.now, ledger: memoryLedger() },
    script: benchScript(venue, benchPairs(config.pairs)),
    accounts: [{ account: ACCOUNT, cash: CASH }],
    faults: createFaults({ seed: SEED, profile: 'none' }),
    rules: confirmation ? { ...rules, confirmation: { ...confirmation, mined, confirmed } } : rules,
  });
}

async function served(): Promise<string> {
  const server = { exchange, port: 0 };
  if (venue === 'kalshi') {
    const keys = [{ account: ACCOUNT, ...credentials.kalshi }];
    const { url: path } = await startKalshiSimulator({ ...server, keys });
    return new URL(path).origin;
  }
  const accounts = [{ account: ACCOUNT, credentials: credentials.polymarket }];
  return (await startPolymarketSimulator({ ...server, accounts })).url;
}
