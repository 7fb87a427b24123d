import { cargo, findEngine } from '../stack/index.js';

// The native engine and its tests take minutes to build, once. Before the suites and not beside them:
// what a compiler leaves of two processors is too little for those that watch a clock.
const say = (line: string): void => {
  if (!line.startsWith('Executable')) console.log(`native: ${line}`);
};

await findEngine({ onStep: say });
// As test/native runs them.
const tests = ['--workspace', '--exclude', 'legwork-engine'];
const orders = ['-p', 'legwork-engine-core', '--lib', '--features', 'loom'];
for (const of of [tests, orders]) {
  const { exitCode } = await cargo(['test', '--locked', '--no-run', ...of], say);
  if (exitCode !== 0) throw new Error('the native engine does not build: cargo says why above');
}
