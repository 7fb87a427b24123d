import { findEngine, findTemporal } from '../stack/index.js';

// The tests start a Temporal server within a hook's time; building one takes minutes. So it is built
// (once, into the cache) before the first test waits for it. `--engine`: the native engine as well,
// for tests of a desk that has one.
const { origin } = await findTemporal((line) => console.log(`Temporal: ${line}`));
console.log(`Temporal: ${origin === 'built' ? 'built' : `found (${origin})`}`);
if (process.argv.includes('--engine')) {
  const engine = await findEngine({ onStep: (line) => console.log(`engine: ${line}`) });
  console.log(`engine: ${engine.origin === 'built' ? 'built' : `found (${engine.origin})`}`);
}
