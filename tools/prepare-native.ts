import { constants, setPriority } from 'node:os';
import { cargo } from '../stack/index.js';

// The native engine's tests take minutes to build, once. Beside other tests only what they leave over
// is taken; whoever needs the build waits for it by cargo's own lock, and says what it lacks.
setPriority(constants.priority.PRIORITY_LOW);
const onStep = (line: string): void => {
  if (!line.startsWith('Executable')) console.log(`native: ${line}`);
};
for (const features of [[], ['--lib', '--features', 'loom']]) {
  const { exitCode } = await cargo(['test', '--locked', '--no-run', ...features], onStep);
  if (exitCode !== 0) throw new Error('the native engine does not build: cargo says why above');
}
