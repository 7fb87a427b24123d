import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, type ProcessIdentity } from './process-identity.js';

/** Where everything of one data folder answers, for commands typed in another terminal. */
export interface Addresses {
  readonly mode: string;
  readonly namespace: string;
  readonly temporalAddress: string;
  readonly temporalWebUrl?: string;
  /** With its password: the file is readable for its owner alone. */
  readonly databaseUrl: string;
  /** Base URL per venue. */
  readonly venues: Readonly<Record<string, string>>;
  readonly supervisor: ProcessIdentity;
}

export function writeAddresses(folder: string, addresses: Addresses): void {
  const draft = join(folder, 'addresses.json.new');
  writeFileSync(draft, JSON.stringify(addresses, undefined, 2), { mode: 0o600 });
  renameSync(draft, join(folder, 'addresses.json'));
}

/** What was written at the last start, and whether it still runs; `undefined` before the first. */
export function readAddresses(folder: string): (Addresses & { isRunning: boolean }) | undefined {
  const file = join(folder, 'addresses.json');
  if (!existsSync(file)) return undefined;
  const addresses = JSON.parse(readFileSync(file, 'utf8')) as Addresses; // written by writeAddresses
  return { ...addresses, isRunning: isAlive(addresses.supervisor) };
}

export function removeAddresses(folder: string): void {
  rmSync(join(folder, 'addresses.json'), { force: true });
}

/**
 * The servers of a data folder, for a command typed in another terminal: also when the supervisor
 * has died, as they live on then. Empty after a clean stop.
 */
export function findStack(folder: string): Partial<Addresses> {
  return readAddresses(folder) ?? {};
}
