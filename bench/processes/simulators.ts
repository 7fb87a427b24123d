import { money } from '../../domain/index.js';
import { startKalshiSimulator, startPolymarketSimulator } from '../../venues/index.js';
import {
  createFaults,
  memoryLedger,
  openExchange,
  venueRules,
} from '../../venues/simulation/index.js';
import { simulatedCredentials } from '../../workers/credentials.js';
import { ACCOUNT, benchPairs, benchScript } from '../market.js';
import { givenConfig, type SimulatorsConfig, type ToSimulators, tellBench } from './messages.js';

/** As in `workers/simulator.ts`. */
const BEAT_MS = 25;
const SEED = 7;
const CASH = money('1000000000');

const config = givenConfig() as SimulatorsConfig; // the benchmark wrote it
const pairs = benchPairs(config.pairs);
const credentials = simulatedCredentials(config.credentialsFolder, ACCOUNT);
/** From a match to its confirmation; changed while the exchange runs, for trades that are parked. */
const confirmed = { leastMs: config.confirmMs, mostMs: config.confirmMs };

const exchanges = { kalshi: exchangeOf('kalshi'), polymarket: exchangeOf('polymarket') };
const kalshi = await startKalshiSimulator({
  ...{ exchange: exchanges.kalshi, port: 0 },
  keys: [{ account: ACCOUNT, ...credentials.kalshi }],
});
const polymarket = await startPolymarketSimulator({
  ...{ exchange: exchanges.polymarket, port: 0 },
  accounts: [{ account: ACCOUNT, credentials: credentials.polymarket }],
});
setInterval(() => {
  for (const exchange of Object.values(exchanges)) exchange.advance();
}, BEAT_MS);

process.on('message', ({ ms }: ToSimulators) => {
  confirmed.leastMs = ms;
  confirmed.mostMs = ms;
  tellBench({ kind: 'done' });
});
process.on('disconnect', () => process.exit(0));
const info = { kalshi: new URL(kalshi.url).origin, polymarket: polymarket.url };
tellBench({ kind: 'ready', info });

/** A venue without faults; its ledger is in memory, because no disk of a venue is measured here. */
function exchangeOf(venue: 'kalshi' | 'polymarket') {
  const { confirmation, ...rules } = venueRules[venue];
  const mined = { leastMs: config.confirmMs / 2, mostMs: config.confirmMs / 2 };
  return openExchange({
    ...{ venue, seed: SEED, now: Date.now, ledger: memoryLedger() },
    script: benchScript(venue, pairs),
    accounts: [{ account: ACCOUNT, cash: CASH }],
    faults: createFaults({ seed: SEED, profile: 'none' }),
    rules: confirmation ? { ...rules, confirmation: { ...confirmation, mined, confirmed } } : rules,
  });
}
