import { spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { cargo, findEngine } from '../stack/index.js';

// The native engine and its tests take minutes to build, once. `--beside`: while other tests run, of what
// they leave of the processors; whoever needs the build waits for it by cargo's own lock.
const say = (line: string): void => {
  if (!line.startsWith('Executable')) console.log(`native: ${line}`);
};

if (process.argv.includes('--beside')) {
  await cargo(['--version'], say); // Says now what is missing, not a quarter of an hour later.
  spawn(process.execPath, [fileURLToPath(import.meta.url), '--of-what-is-left'], {
    detached: true,
    stdio: 'ignore',
  }).unref();
  console.log(
    'native: building the engine and its tests beside the others, which run before theirs',
  );
} else {
  if (process.argv.includes('--of-what-is-left')) setPriority(constants.priority.PRIORITY_LOW);
  // As test/native runs them.
  const tests = ['--workspace', '--exclude', 'legwork-engine'];
  const orders = ['-p', 'legwork-engine-core', '--lib', '--features', 'loom'];
  for (const of of [tests, orders]) {
    const { exitCode } = await cargo(['test', '--locked', '--no-run', ...of], say);
    if (exitCode !== 0) throw new Error('the native engine does not build: cargo says why above');
  }
  await findEngine({ onStep: say });
}
