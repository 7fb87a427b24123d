import type { Reporter, TestModule, Vitest } from 'vitest/node';
import { untoldFaults } from './faults-told.js';

/** Fails a run of all tests of faults that leaves one of them without a row. */
export default class FaultsReporter implements Reporter {
  #isByName = false;

  onInit({ config }: Vitest): void {
    this.#isByName = config.testNamePattern !== undefined;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    if (this.#isByName) return; // only some were asked for
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const rows = tests.flatMap((test) => {
      const { figures } = test.meta();
      const told = figures?.table === 'faults' && test.result().state === 'passed';
      return told ? figures.rows.map(({ fault }) => ({ fault: String(fault) })) : [];
    });
    const files = modules.map(({ moduleId }) => moduleId);
    const untold = untoldFaults(files, rows) ?? [];
    if (untold.length === 0) return;
    process.stdout.write(`\nno row tells of: ${untold.join(', ')}\n`);
    process.on('exit', () => {
      process.exitCode = 1;
    });
  }
}
