import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, type ProcessIdentity } from '../../stack/index.js';
import { type Victim, victims } from './kill-plan.js';

interface NamedProcess extends ProcessIdentity {
  readonly name: string;
}

/** The living process of a data folder by that name, as its supervisor and its servers wrote it. */
export function findProcess(dataFolder: string, name: Victim): ProcessIdentity | undefined {
  const found = identityIn(dataFolder, name);
  return found && isAlive(found) ? found : undefined;
}

/** All that live, by name. */
export function livingProcesses(dataFolder: string): ReadonlyMap<Victim, ProcessIdentity> {
  const living = victims.flatMap((name) => {
    const identity = findProcess(dataFolder, name);
    return identity ? [[name, identity] as const] : [];
  });
  return new Map(living);
}

interface ServerState {
  readonly process?: ProcessIdentity;
}

// Files of our own making, each replaced as a whole: what is in them is what we wrote.
function identityIn(folder: string, name: Victim): ProcessIdentity | undefined {
  if (name === 'supervisor') {
    return readJson(folder, 'supervisor.lock') as ProcessIdentity | undefined; // as above
  }
  if (name === 'temporal' || name === 'postgres') {
    return (readJson(folder, `${name}.json`) as ServerState | undefined)?.process; // as above
  }
  const processes = readJson(folder, 'processes.json') as readonly NamedProcess[] | undefined; // as above
  return processes?.findLast((process) => process.name === name);
}

/** `undefined`: it is not there yet. */
function readJson(folder: string, name: string): unknown {
  try {
    return JSON.parse(readFileSync(join(folder, name), 'utf8'));
  } catch {
    return undefined;
  }
}
