import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { breakdown } from './breakdown.js';
import { type EngineProcess, startEngine } from './fire/engine-process.js';
import { openHouse } from './house.js';
import { climbLadder } from './ladder.js';
import { parkTrades } from './parked.js';
import { rates } from './rates.js';
import { resultsOf } from './results.js';
import { tablesOf } from './tables.js';
import { readyToTrade } from './trade-once.js';

// What a trade costs beside what any workflow costs: `bench/README.md` says how to read it.
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '8' },
    parked: { type: 'string', default: '250' },
    out: { type: 'string', default: 'bench/results/latest.json' },
  },
});
const rounds = Number(values.rounds);
const levels = [1, 8, 32];
const WARM_UP_SHARE = 10;
/** As many pairs as trades are under way at a time, and no more: each has a book to keep. */
const TRADED_PAIRS = Math.max(...levels);

const say = (line: string): void => void process.stderr.write(`${line}\n`);

const house = await openHouse(Math.max(TRADED_PAIRS, Number(values.parked)), say);
// The servers would outlive us.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void house.close().finally(() => process.exit(130)));
}
let engine: EngineProcess | undefined;
try {
  say('starting the engine and the trading worker');
  engine = await startEngine(house.config, say);
  const traded = house.pairIds.slice(0, TRADED_PAIRS);
  const trading = await house.startTrading();
  await readyToTrade(house, traded);

  const ladder = await climbLadder(
    { ...house, pairIds: traded },
    {
      rounds,
      warmUpRounds: Math.ceil(rounds / WARM_UP_SHARE),
      onRound: (round) => {
        if (round % 50 === 0) say(`ladder: round ${round} of ${rounds}`);
      },
    },
  );
  const pids = {
    trading: trading.pid,
    engine: engine.pid,
    temporal: house.servers.temporal,
    postgres: house.servers.postgres,
    kalshi: house.simulators.kalshi.pid,
    polymarket: house.simulators.polymarket.pid,
    ladder: house.ladder.pid,
  };
  const rated = await rates(
    { ...house, pairIds: traded },
    { levels, seconds: Number(values.seconds), pids, onLevel: say },
  );
  const steps = await breakdown(house, ladder);
  await trading.stop();

  say(`parking ${values.parked} trades in a worker of their own`);
  const fresh = await house.startTrading({ isProbed: true });
  await readyToTrade(house, traded);
  const parked = await parkTrades(house, { trading: fresh, count: Number(values.parked) });

  const results = resultsOf({ ladder, rates: rated, breakdown: steps, parked });
  mkdirSync(dirname(values.out), { recursive: true });
  writeFileSync(values.out, `${JSON.stringify(results, null, 2)}\n`);
  process.stdout.write(`${tablesOf(results)}\n\nwritten to ${values.out}\n`);
} catch (error) {
  // Before the house closes: what fails while it closes is a consequence.
  say(`failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  process.exitCode = 1;
} finally {
  await engine?.stop();
  await house.close();
}
