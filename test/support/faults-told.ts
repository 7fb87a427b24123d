import {
  commandShape,
  outageKinds,
  scriptedKinds,
  venueStates,
} from '../../venues/simulation/index.js';
import { faultRows } from './fault-rows.js';
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

interface Row {
  readonly fault: string;
  readonly venue: string;
}

/** Each row that there has to be. */
const rowsToTell: readonly Row[] = [
  ...(['kalshi', 'polymarket'] as const).flatMap((venue) =>
    [...faultRows.both, ...faultRows[venue]].map((fault) => ({ fault, venue })),
  ),
];

/**
 * What none of these rows is of, and which rows are not there that were. Only a run of all files of
 * the faults can say: `undefined` for any other.
 */
export function untoldFaults(
  files: readonly string[],
  rows: readonly Row[],
): readonly string[] | undefined {
  if (!hasEveryFileOf(FOLDER, files)) return undefined;
  const isTold = (told: string) =>
    rows.some(({ fault }) => fault === told || fault.startsWith(`${told} `));
  const isThere = (wanted: Row) =>
    rows.some(({ fault, venue }) => fault === wanted.fault && venue === wanted.venue);
  return [
    ...faultsToTell.filter((told) => !isTold(told)),
    ...rowsToTell.filter((row) => !isThere(row)).map(({ fault, venue }) => `${fault} at ${venue}`),
  ];
}
