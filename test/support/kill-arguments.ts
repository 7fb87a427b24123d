import { readFileSync } from 'node:fs';
import type { Rule } from '../../venues/simulation/index.js';
import type { PairTerms } from './desk-pairs.js';
import type { VenueDurations } from './desk-venues.js';

/** What a program of the crash suite is told. */
export interface KillArguments {
  readonly desk: string;
  /** The workflow bundle. */
  readonly codePath: string;
  /** Where it is said who dies where. */
  readonly killFolder: string;
}

/** What a simulator that dies is told: nothing of it is drawn, and its pairs are the desk's. */
export interface VenueArguments {
  readonly ledgerFile: string;
  readonly port: number;
  readonly pairs: Readonly<Record<string, PairTerms>>;
  readonly durations: VenueDurations;
  readonly rules: readonly Rule[];
}

/** The file that says it, in the environment: a supervisor's workers inherit it. */
export const ARGUMENTS_VARIABLE = 'LEGWORK_TEST_ARGUMENTS';

export const readKillArguments = (): KillArguments => readArguments() as KillArguments; // the suite's own file
export const readVenueArguments = (): VenueArguments => readArguments() as VenueArguments; // as above

function readArguments(): unknown {
  return JSON.parse(readFileSync(process.env[ARGUMENTS_VARIABLE] ?? '', 'utf8'));
}
