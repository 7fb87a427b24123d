import { readFileSync } from 'node:fs';

/** What a program of the crash suite is told; in a file beside it, because a supervisor tells nothing. */
export interface KillArguments {
  readonly desk: string;
  /** The workflow bundle. */
  readonly codePath: string;
  /** Where it is said who dies where. */
  readonly killFolder: string;
}

export const ARGUMENTS_FILE = 'arguments.json';

export function readKillArguments(): KillArguments {
  const file = new URL(`./${ARGUMENTS_FILE}`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as KillArguments; // the suite's own file
}
