import { cargo, findTemporal } from '../stack/index.js';

// The tests start a Temporal server within a hook's time; building one takes minutes. So it is built
// (once, into the cache) before the first test waits for it, and so are the native engine's tests.
const { origin } = await findTemporal((line) => console.log(`Temporal: ${line}`));
console.log(`Temporal: ${origin === 'built' ? 'built' : `found (${origin})`}`);

const onStep = (line: string): void => {
  if (!line.startsWith('Executable')) console.log(`native: ${line}`);
};
const { exitCode } = await cargo(['test', '--locked', '--no-run'], onStep);
if (exitCode !== 0) throw new Error('the native engine does not build: cargo says why above');
