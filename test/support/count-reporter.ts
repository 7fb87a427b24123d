import { stripVTControlCharacters } from 'node:util';
import type { SerializedError } from 'vitest';
import type { Reporter, TestModule, Vitest } from 'vitest/node';

/**
 * Prints `N passed, N failed` as the very last line, whatever else reports before it; above it the
 * same of each project, where more than one has run; and above that what failed and why: of a long
 * log often only the end is kept. A test that was skipped though nobody chose by name has failed: it
 * would say nothing for ever, and nobody would see it.
 */
export default class CountReporter implements Reporter {
  #isByName = false;

  onInit({ config }: Vitest): void {
    this.#isByName = config.testNamePattern !== undefined;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const countOf = (some: readonly TestModule[]) => count(some, this.#isByName);
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
    const skipped = this.#isByName ? [] : modules.flatMap(skippedOf);
    const failures = [
      ...modules.flatMap(failuresOf),
      ...skipped,
      ...unhandled.map(told('outside of a test')),
    ];
    const lines = [...failures, ...(parts.length > 1 ? parts : []), all];
    process.on('exit', () => {
      if (skipped.length > 0) process.exitCode = 1;
      process.stdout.write(lines.join(''));
    });
  }
}

/** One text for every test that failed, and for a file that could not be loaded. */
function failuresOf(module: TestModule): readonly string[] {
  const file = module.relativeModuleId;
  const tests = [...module.children.allTests('failed')].flatMap((test) =>
    (test.result().errors ?? []).map(told(`${module.project.name} ${file} > ${test.fullName}`)),
  );
  const suites = [...module.children.allSuites()].flatMap((suite) =>
    suite.errors().map(told(`${module.project.name} ${file} > ${suite.fullName}`)),
  );
  return [...module.errors().map(told(file)), ...suites, ...tests];
}

/** Left out in the code, or because what comes before all tests of its suite has failed. */
function skippedOf(module: TestModule): readonly string[] {
  return [...module.children.allTests('skipped')].map(
    (test) => `SKIPPED ${module.project.name} ${module.relativeModuleId} > ${test.fullName}\n`,
  );
}

const LINES_MAX = 30;

function told(where: string): (error: SerializedError) => string {
  return ({ message, diff, stacks }) => {
    const at = stacks?.[0];
    const place = at ? `at ${at.file.split('/').slice(-2).join('/')}:${at.line}` : '';
    const text = stripVTControlCharacters(
      `${message}\n${typeof diff === 'string' ? diff : ''}\n${place}`,
    );
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    return `FAILED ${where}\n${lines
      .slice(0, LINES_MAX)
      .map((line) => `  ${line}\n`)
      .join('')}\n`;
  };
}

function count(modules: readonly TestModule[], maySkip: boolean) {
  const states = modules.flatMap((module) =>
    [...module.children.allTests()].map((test) => test.result().state),
  );
  const failedTests = states.filter(
    (state) => state !== 'passed' && !(maySkip && state === 'skipped'),
  ).length;
  // A file that cannot be loaded has no tests to fail.
  const brokenFiles = modules.filter(
    (module) => module.state() === 'failed' && module.errors().length > 0,
  ).length;
  const passed = states.filter((state) => state === 'passed').length;
  return { passed, failed: failedTests + brokenFiles };
}
