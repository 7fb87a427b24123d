import {
  commandShape,
  outageKinds,
  scriptedKinds,
  venueStates,
} from '../../venues/simulation/index.js';
import { hasEveryFileOf } from './files-run.js';

const FOLDER = 'test/faults';

/** Every fault, and everything that a simulated venue can be told to do, as its row begins. */
export const faultsToTell: readonly string[] = [
  ...scriptedKinds,
  ...commandShape.options.flatMap(({ shape: { command } }) => {
    if (command.value === 'enter') return venueStates.map((state) => `enter ${state}`);
    if (command.value === 'outage') return outageKinds.map((how) => `outage ${how}`);
    return [command.value];
  }),
];

/**
 * What none of these rows is of. Only a run of all files of the faults can say: `undefined` for any
 * other.
 */
export function untoldFaults(
  files: readonly string[],
  rows: readonly { readonly fault: string }[],
): readonly string[] | undefined {
  if (!hasEveryFileOf(FOLDER, files)) return undefined;
  return faultsToTell.filter(
    (told) => !rows.some(({ fault }) => fault === told || fault.startsWith(`${told} `)),
  );
}
