import { createPolymarketApiKey, type PolymarketApiKey } from '../credentials.js';
import type { SimulatedAccount } from './desk-accounts.js';

export type IssuedKey =
  | { readonly kind: 'key'; readonly key: PolymarketApiKey }
  | { readonly kind: 'refused'; readonly error: string };

/**
 * The API keys of the simulated wallets, one of each in force at a time.
 *
 * 1. The key of nonce 0 is the one in the account's credentials, so that a venue that starts again
 *    knows it again; a keyless account has none before it creates one.
 * 2. Creating a key takes the one before out of force; a nonce makes its key once.
 * 3. Deriving gives what a nonce made, changes nothing, and fails where it made nothing.
 */
export interface ApiKeys {
  /** Every account with the key that is in force for it, or its last one. */
  readonly accounts: readonly SimulatedAccount[];
  isInForce(account: string): boolean;
  create(account: SimulatedAccount, nonce: string): IssuedKey;
  derive(account: SimulatedAccount, nonce: string): IssuedKey;
  revoke(account: string): void;
}

export function createApiKeys(given: readonly SimulatedAccount[]): ApiKeys {
  const accounts = [...given];
  const first = new Map(given.map(({ account, credentials }) => [account, credentials]));
  const withKey = given.filter(({ isKeyless }) => isKeyless !== true);
  const inForce = new Set(withKey.map(({ account }) => account));
  const made = new Set(withKey.map(({ account }) => `${account}/0`));

  const keyOf = ({ account, credentials }: SimulatedAccount, nonce: string): PolymarketApiKey => {
    const { apiKey, secret, passphrase } = first.get(account) ?? credentials;
    return nonce === '0'
      ? { apiKey, secret, passphrase }
      : createPolymarketApiKey(credentials, nonce);
  };
  return {
    accounts,
    isInForce: (account) => inForce.has(account),
    create: (who, nonce) => {
      const name = `${who.account}/${nonce}`;
      if (made.has(name)) return { kind: 'refused', error: 'Could not create api key' };
      const key = keyOf(who, nonce);
      const at = accounts.findIndex(({ account }) => account === who.account);
      accounts[at] = { ...who, credentials: { ...who.credentials, ...key } };
      made.add(name);
      inForce.add(who.account);
      return { kind: 'key', key };
    },
    derive: (who, nonce) =>
      made.has(`${who.account}/${nonce}`)
        ? { kind: 'key', key: keyOf(who, nonce) }
        : { kind: 'refused', error: 'Could not derive api key!' },
    revoke: (account) => void inForce.delete(account),
  };
}
