import { join } from 'node:path';
import {
  createKalshiCredentials,
  createPolymarketCredentials,
  type KalshiCredentials,
  type PolymarketCredentials,
} from '../venues/index.js';
import { madeOnce } from './made-once.js';

export interface AccountCredentials {
  readonly kalshi: KalshiCredentials;
  readonly polymarket: PolymarketCredentials;
}

/**
 * The keys of a simulated account, made by whichever process asks first and kept with the data: a
 * simulator must know an account again after a restart. Readable by their owner only.
 */
export function simulatedCredentials(folder: string, account: string): AccountCredentials {
  const make = (): AccountCredentials => ({
    kalshi: createKalshiCredentials(),
    polymarket: createPolymarketCredentials(),
  });
  return madeOnce(join(folder, `${account}.json`), make);
}
