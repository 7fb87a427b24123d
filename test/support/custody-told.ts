import type { CustodyCaseKind } from '../../domain/index.js';
import { hasEveryFileOf } from './files-run.js';

const FOLDER = 'test/custody';

/** A new kind of case does not compile before it is named here. */
const kinds: Readonly<Record<CustodyCaseKind, true>> = {
  ...{ trade: true, reservation: true, leftover: true },
  ...{ order: true, position: true, difference: true },
};

/**
 * Of which kinds of cases no row tells that a sweep has found one and left nothing. Only a run of all
 * files of custody can say: `undefined` for any other.
 */
export function untoldCases(
  files: readonly string[],
  rows: readonly { readonly found: string }[],
): readonly string[] | undefined {
  if (!hasEveryFileOf(FOLDER, files)) return undefined;
  const found = new Set(rows.flatMap((row) => row.found.split(', ')));
  return Object.keys(kinds).filter((kind) => !found.has(kind));
}
