import { readFileSync } from 'node:fs';
import type { Rule } from '../../venues/simulation/index.js';
import type { PairTerms } from './desk-pairs.js';
import type { VenueDurations } from './desk-venues.js';

/** What a program of the crash suite is told; in a file beside it, because a supervisor tells nothing. */
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

export const ARGUMENTS_FILE = 'arguments.json';

export const readKillArguments = (): KillArguments => readArguments() as KillArguments; // the suite's own file
export const readVenueArguments = (): VenueArguments => readArguments() as VenueArguments; // as above

function readArguments(): unknown {
  return JSON.parse(readFileSync(new URL(`./${ARGUMENTS_FILE}`, import.meta.url), 'utf8'));
}
