import { findTemporal } from '../stack/index.js';

// The tests start a Temporal server within a hook's time; building one takes minutes. So it is built
// (once, into the cache) before the first test waits for it.
const { origin } = await findTemporal((line) => console.log(`Temporal: ${line}`));
console.log(`Temporal: ${origin === 'built' ? 'built' : `found (${origin})`}`);
