import { cargo, findEngine, findTemporal } from '../stack/index.js';
import { ALL_CRATES, cargoArguments, EVERY_ORDER, memorySuite } from './native-suites.js';

// The tests start a Temporal server within a hook's time; building one takes minutes. So it is
// built (once, into the cache) before the first test waits for it. `--engine`: the native engine
// as well, for tests of a desk that has one; `--native`: its own tests, too. Before the suites and
// not beside them: what a compiler leaves of two processors is too little for those that watch a
// clock.
const isAsked = (flag: string): boolean => process.argv.includes(flag);
const building = new AbortController();
const { signal } = building;

// Beside each other: the crates that speak Temporal are compiled one after the other, which leaves
// much of a second processor idle.
try {
  await Promise.all([
    isAsked('--engine') || isAsked('--native') ? buildEngine() : undefined,
    buildTemporal().then(() => (isAsked('--native') ? buildNativeTests() : undefined)),
  ]);
} catch (error) {
  building.abort(); // nobody waits for the other one any more
  throw error;
}

async function buildTemporal(): Promise<void> {
  const { origin } = await findTemporal((line) => console.log(`Temporal: ${line}`), signal);
  console.log(`Temporal: ${origin === 'built' ? 'built' : `found (${origin})`}`);
}

async function buildEngine(): Promise<void> {
  const engine = await findEngine({ onStep: (line) => console.log(`engine: ${line}`), signal });
  console.log(`engine: ${engine.origin === 'built' ? 'built' : `found (${engine.origin})`}`);
}

/** As test/native runs them. */
async function buildNativeTests(): Promise<void> {
  const say = (line: string): void => {
    if (!line.startsWith('Executable')) console.log(`native tests: ${line}`);
  };
  for (const suite of [ALL_CRATES, EVERY_ORDER, memorySuite(say)]) {
    const { exitCode } = await cargo([...cargoArguments(suite), '--no-run'], say, signal);
    if (exitCode !== 0) throw new Error('the native tests do not build: cargo says why above');
  }
}
