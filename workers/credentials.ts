import { existsSync, linkSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
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
  if (!existsSync(path)) makeOnce(path);
  return JSON.parse(readFileSync(path, 'utf8')) as AccountCredentials; // written by ourselves
}

/** A link is made once and whole: of two processes that make keys at once, one wins for both. */
function makeOnce(path: string): void {
  const draft = `${path}.${process.pid}`;
  const made = { kalshi: createKalshiCredentials(), polymarket: createPolymarketCredentials() };
  writeFileSync(draft, JSON.stringify(made, null, 2), { mode: 0o600 });
  try {
    linkSync(draft, path);
  } catch (error) {
    if (!isThereAlready(error)) throw error;
  } finally {
    unlinkSync(draft);
  }
}

const isThereAlready = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EEXIST';
