import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

/** What cargo is given, but for `test --locked`. */
export interface NativeSuite {
  readonly settings: readonly string[];
  readonly targets: readonly string[];
  /** Of those targets; a name of a test that is run alone. */
  readonly only?: string;
}

/** The process has no tests, and takes as long to build as all the others: what decides is in those. */
export const UNTESTED = { crate: 'legwork-engine', folder: 'native/worker' } as const;

export const NATIVE_TESTED = ['--workspace', '--exclude', UNTESTED.crate] as const;

const CORE = ['-p', 'legwork-engine-core'] as const;

export const ALL_CRATES: NativeSuite = { settings: [], targets: NATIVE_TESTED };

/** loom's: each order that memory allows. */
export const EVERY_ORDER: NativeSuite = {
  settings: [],
  targets: [...CORE, '--lib', '--features', 'loom'],
  only: 'every_order',
};

/**
 * What shares memory with the kernel, each access checked, and whether that is so. Our own crates are
 * compiled once more for it, and nobody else's.
 */
const ADDRESS_SANITIZER: NativeSuite = {
  settings: ['--config', 'build.rustc-workspace-wrapper="./address-sanitizer.sh"'],
  targets: [...CORE, '--test', 'journal', '--test', 'kernel_clock', '--test', 'sanitizer'],
};

/** The same tests where the compiler brings no AddressSanitizer. */
const WITHOUT_SANITIZER: NativeSuite = {
  settings: [],
  targets: [...CORE, '--test', 'journal', '--test', 'kernel_clock'],
};

export function cargoArguments({ settings, targets, only }: NativeSuite): readonly string[] {
  return [...settings, 'test', '--locked', ...targets, ...(only === undefined ? [] : [only])];
}

/** With the sanitizer, or, told by `say`, what is run instead of it. */
export function memorySuite(say: (line: string) => void): NativeSuite {
  if (hasAddressSanitizer()) return ADDRESS_SANITIZER;
  say('this compiler brings no AddressSanitizer: the journal is tested without it');
  return WITHOUT_SANITIZER;
}

/** Whether the compiler brings the sanitizer's runtime, as it does for Linux with glibc and macOS. */
function hasAddressSanitizer(): boolean {
  const folder = execFileSync('rustc', ['--print', 'target-libdir'], { encoding: 'utf8' }).trim();
  return readdirSync(folder).some((name) => /^librustc.*_rt\.asan\./.test(name));
}
