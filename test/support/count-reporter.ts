import type { SerializedError } from 'vitest';
import type { Reporter, TestModule } from 'vitest/node';

/**
 * Prints `N passed, N failed` as the very last line, whatever else reports before it; above it the
 * same of each project, where more than one has run.
 */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const projects = [...new Set(modules.map(({ project }) => project.name))];
    const parts = projects.map((name) => {
      const seconds = modules
        .filter(({ project }) => project.name === name)
        .reduce((sum, module) => sum + module.diagnostic().duration, 0);
      const { passed, failed } = countOf(modules.filter(({ project }) => project.name === name));
      const spent = `${String(Math.round(seconds / 1_000))} s of tests`;
      return `${name}: ${passed} passed, ${failed} failed, ${spent}\n`;
    });
    const { passed, failed } = countOf(modules);
    // An unhandled error belongs to no test.
    const all = `${passed} passed, ${failed + unhandled.length} failed\n`;
    const lines = parts.length > 1 ? [...parts, all] : [all];
    process.on('exit', () => process.stdout.write(lines.join('')));
  }
}

function countOf(modules: readonly TestModule[]) {
  const states = modules.flatMap((module) =>
    [...module.children.allTests()].map((test) => test.result().state),
  );
  const failedTests = states.filter((state) => state !== 'passed' && state !== 'skipped').length;
  // A file that cannot be loaded has no tests to fail.
  const brokenFiles = modules.filter(
    (module) => module.state() === 'failed' && module.errors().length > 0,
  ).length;
  const passed = states.filter((state) => state === 'passed').length;
  return { passed, failed: failedTests + brokenFiles };
}
