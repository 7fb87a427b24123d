import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createKalshiCredentials,
  createPolymarketCredentials,
  type KalshiCredentials,
  type PolymarketCredentials,
} from '../venues/index.js';

export interface AccountCredentials {
  readonly kalshi: KalshiCredentials;
  readonly polymarket: PolymarketCredentials;
}

/**
 * The keys of a simulated account, made by whichever process asks first and kept with the data: a
 * simulator must know an account again after a restart. Readable by their owner only.
 */
export function simulatedCredentials(folder: string, account: string): AccountCredentials {
  const path = join(folder, `${account}.json`);
  try {
    const made = { kalshi: createKalshiCredentials(), polymarket: createPolymarketCredentials() };
    writeFileSync(path, JSON.stringify(made, null, 2), { mode: 0o600, flag: 'wx' });
    return made;
  } catch (error) {
    if (!isThereAlready(error)) throw error;
    return JSON.parse(readFileSync(path, 'utf8')) as AccountCredentials; // written by ourselves
  }
}

const isThereAlready = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EEXIST';
