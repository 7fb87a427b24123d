import { existsSync, linkSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createKalshiCredentials,
  createPolymarketCredentials,
  type KalshiCredentials,
  type PolymarketCredentials,
} from '../venues/index.js';
import { createAuthority, type ServerCertificate } from '../venues/simulation/index.js';

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

/** What the simulated venues prove their name with, and who vouches for it. */
export interface VenueCertificate extends ServerCertificate {
  /** PEM; its key is gone, so that nothing else is ever signed by it. */
  readonly authorityPem: string;
}

/** Made at the first start and kept with the data: an engine trusts its venues again after a restart. */
export function simulatedVenueCertificate(folder: string): VenueCertificate {
  return madeOnce(join(folder, 'venues-tls.json'), () => {
    const authority = createAuthority('Legwork simulated venues');
    return {
      ...authority.issue('simulated venue'),
      authorityPem: authority.certificatePem,
    };
  });
}

function madeOnce<T>(path: string, make: () => T): T {
  if (!existsSync(path)) keepFirst(path, make());
  return JSON.parse(readFileSync(path, 'utf8')) as T; // written by ourselves
}

/** A link is made once and whole: of two processes that make keys at once, one wins for both. */
function keepFirst(path: string, made: unknown): void {
  const draft = `${path}.${process.pid}`;
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
