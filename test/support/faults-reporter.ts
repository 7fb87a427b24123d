import type { Reporter, TestModule, Vitest } from 'vitest/node';
import { untoldCases } from './custody-told.js';
import { untoldFaults } from './faults-told.js';
import type { Figures } from './figures.js';

/** Fails a run of all tests of faults, or of custody, that leaves one of its kinds without a row. */
export default class FaultsReporter implements Reporter {
  #isByName = false;

  onInit({ config }: Vitest): void {
    this.#isByName = config.testNamePattern !== undefined;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    if (this.#isByName) return; // only some were asked for
    const files = modules.map(({ moduleId }) => moduleId);
    const faults = rowsOf(modules, 'faults').map(({ fault, venue }) => {
      return { fault: String(fault), venue: String(venue) };
    });
    const cases = rowsOf(modules, 'custody').map(({ found }) => ({ found: String(found) }));
    const untold = [
      ...(untoldFaults(files, faults) ?? []),
      ...(untoldCases(files, cases) ?? []).map((kind) => `a case of kind ${kind}`),
    ];
    if (untold.length === 0) return;
    process.stdout.write(`\nno row tells of: ${untold.join(', ')}\n`);
    process.on('exit', () => {
      process.exitCode = 1;
    });
  }
}

/** Of tests that have passed. */
function rowsOf(modules: readonly TestModule[], table: string): readonly Figures[] {
  const tests = modules.flatMap((module) => [...module.children.allTests()]);
  return tests.flatMap((test) => {
    const { figures } = test.meta();
    return figures?.table === table && test.result().state === 'passed' ? figures.rows : [];
  });
}
