import type { SerializedError } from 'vitest';
import type { Reporter, TestModule } from 'vitest/node';

/** Prints `N passed, N failed` as the very last line, whatever else reports before it. */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const states = modules.flatMap((module) =>
      [...module.children.allTests()].map((test) => test.result().state),
    );
    const passed = states.filter((state) => state === 'passed').length;
    const failedTests = states.filter((state) => state !== 'passed' && state !== 'skipped').length;
    // A file that cannot be loaded has no tests to fail, and an unhandled error belongs to none.
    const brokenFiles = modules.filter(
      (module) => module.state() === 'failed' && module.errors().length > 0,
    ).length;
    const failed = failedTests + brokenFiles + unhandled.length;
    process.on('exit', () => process.stdout.write(`${passed} passed, ${failed} failed\n`));
  }
}
