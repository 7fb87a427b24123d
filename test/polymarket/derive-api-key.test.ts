import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createPolymarketCredentials } from '../../venues/polymarket/credentials.js';
import { createPolymarketVenue, withApiKey } from '../../venues/polymarket/index.js';
import { clobAuthHash, l1Headers } from '../../venues/polymarket/l1-headers.js';
import { signerOf } from '../../venues/polymarket/signing.js';
import { startPolymarketSimulator } from '../../venues/polymarket/simulator/index.js';
import { credentials, type Stage, stage } from './stage.js';

const { privateKey, address } = credentials;
const wallet = { privateKey, address };

describe('an account that is configured by its wallet alone', () => {
  let at: Stage;
  beforeEach(async () => {
    at = await stage();
  });
  afterEach(async () => {
    await at.close();
  });
  const options = () => ({ baseUrl: at.simulator.url, nowMs: at.nowMs });

  test('gets the API key that the venue has for the wallet, and reads with it', async () => {
    const derived = await withApiKey(wallet, options());
    expect(derived).toEqual({ kind: 'read', value: credentials });
    if (derived.kind !== 'read') return;
    const venue = createPolymarketVenue({
      ...{ account: 'desk', credentials: derived.value },
      ...{ baseUrl: at.simulator.url, nowMs: at.nowMs },
    });
    expect(await venue.openOrders()).toEqual({ kind: 'read', value: [] });
    await venue.close();
  });

  test('has its first key created where the venue has none, and the same one ever after', async () => {
    const fresh = createPolymarketCredentials('fresh');
    const { exchange } = at;
    const accounts = [{ account: 'desk', credentials: fresh, isKeyless: true }];
    const keyless = await startPolymarketSimulator({ exchange, port: 0, accounts });
    const from = { baseUrl: keyless.url, nowMs: at.nowMs };
    const bare = { privateKey: fresh.privateKey, address: fresh.address };
    expect(await withApiKey(bare, from)).toEqual({ kind: 'read', value: fresh });
    expect(await withApiKey(bare, from)).toEqual({ kind: 'read', value: fresh });
    await keyless.close();
  });

  test('keeps a key that is configured, and asks nobody', async () => {
    const nowhere = { baseUrl: 'http://127.0.0.1:9', nowMs: at.nowMs };
    expect(await withApiKey(credentials, nowhere)).toEqual({ kind: 'read', value: credentials });
  });

  test.each([
    ['of a wallet that the venue does not know', createPolymarketCredentials('stranger'), 137],
    ['for another chain', wallet, 80_002],
  ])('gets none %s', async (_what, { privateKey, address }, chainId) => {
    expect(await withApiKey({ privateKey, address }, { ...options(), chainId })).toEqual({
      kind: 'unavailable',
      code: 'wallet_refused',
    });
  });

  test('gets none with a clock that is far off', async () => {
    const late = { ...options(), nowMs: () => at.nowMs() - 600_000 };
    expect(await withApiKey(wallet, late)).toMatchObject({ kind: 'unavailable' });
  });

  test('hears when nobody answers', async () => {
    const nowhere = { baseUrl: 'http://127.0.0.1:9', nowMs: at.nowMs };
    expect(await withApiKey(wallet, nowhere)).toMatchObject({ kind: 'unavailable' });
  });
});

describe('the attestation of a wallet', () => {
  const said = { chainId: 137, timestamp: '1713398400', nonce: 0n };

  test('is signed by the wallet', async () => {
    const headers = await l1Headers(wallet, said);
    const hash = clobAuthHash({ address, ...said });
    expect(await signerOf(hash, headers.POLY_SIGNATURE)).toBe(address);
    expect(headers).toMatchObject({ POLY_TIMESTAMP: '1713398400', POLY_NONCE: '0' });
  });

  test('is another one for another time, nonce, chain or wallet', () => {
    const variants = [
      { address, ...said },
      { address, ...said, timestamp: '1713398401' },
      { address, ...said, nonce: 1n },
      { address, ...said, chainId: 80_002 },
      { ...said, address: createPolymarketCredentials('stranger').address },
    ].map(clobAuthHash);
    expect(new Set(variants).size).toBe(variants.length);
  });
});
