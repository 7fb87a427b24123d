import { cargo } from '../stack/index.js';

// The native engine's tests take a minute to build, once: not while another test is waited for.
const onStep = (line: string): void => {
  if (!line.startsWith('Executable')) console.log(`native: ${line}`);
};
for (const features of [[], ['--lib', '--features', 'loom']]) {
  const { exitCode } = await cargo(['test', '--locked', '--no-run', ...features], onStep);
  if (exitCode !== 0) throw new Error('the native engine does not build: cargo says why above');
}
