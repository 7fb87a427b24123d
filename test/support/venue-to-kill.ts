import { openLedger } from '../../venues/simulation/index.js';
import { startPolymarketSimulator } from '../../venues/simulators.js';
import { simulatedCredentials } from '../../workers/credentials.js';
import { runProcess } from '../../workers/lifecycle.js';
import { DeskPairs } from './desk-pairs.js';
import { ACCOUNT, BEAT_MS, openDeskExchange } from './desk-venues.js';
import { readVenueArguments } from './kill-arguments.js';

/** Polymarket as a test's desk has it, but as a process of its own on a ledger in a file. */
const { ledgerFile, port, pairs, durations, rules } = readVenueArguments();

runProcess({
  start: async ({ config }) => {
    const deskPairs = new DeskPairs(pairs);
    const ledger = openLedger(ledgerFile);
    const exchange = openDeskExchange('polymarket', ledger, { pairs: deskPairs, durations });
    for (const rule of rules) exchange.faults.script.add(rule);
    const credentials = simulatedCredentials(config.folders.credentials, ACCOUNT).polymarket;
    const accounts = [{ account: ACCOUNT, credentials }];
    const front = await startPolymarketSimulator({ exchange, port, accounts });
    const beat = setInterval(() => exchange.advance(), BEAT_MS);
    return {
      stop: async () => {
        clearInterval(beat);
        await front.close();
        exchange.close();
      },
    };
  },
});
