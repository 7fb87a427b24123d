import { describe, expect, test } from 'vitest';
import { createKalshiCredentials } from '../../venues/kalshi/credentials.js';
import {
  createKalshiSigner,
  isSignedBy,
  publicKeyOf,
  signedText,
} from '../../venues/kalshi/signing.js';

const credentials = createKalshiCredentials();
const key = publicKeyOf(credentials.publicKeyPem);
const sign = createKalshiSigner(credentials);

describe('what is signed (reference/venues.md 4)', () => {
  test.each([
    ['/trade-api/v2/portfolio/balance', '1703123456789GET/trade-api/v2/portfolio/balance'],
    ['/trade-api/v2/markets?status=open&limit=5', '1703123456789GET/trade-api/v2/markets'],
  ])('%s', (path, text) => {
    expect(signedText({ method: 'GET', path, timestampMs: 1_703_123_456_789 })).toBe(text);
  });
});

describe('the headers of a request', () => {
  const request = {
    method: 'POST',
    path: '/trade-api/v2/x',
    timestampMs: 1_703_123_456_789,
  } as const;
  const headers = sign(request);

  test('name the key, the time in milliseconds and a signature of the text', () => {
    expect(headers['KALSHI-ACCESS-KEY']).toBe(credentials.keyId);
    expect(headers['KALSHI-ACCESS-TIMESTAMP']).toBe('1703123456789');
    const text = '1703123456789POST/trade-api/v2/x';
    expect(isSignedBy(key, text, headers['KALSHI-ACCESS-SIGNATURE'])).toBe(true);
  });

  test.each([
    '1703123456790POST/trade-api/v2/x',
    '1703123456789GET/trade-api/v2/x',
    '1703123456789POST/trade-api/v2/y',
  ])('do not sign %s', (text) => {
    expect(isSignedBy(key, text, headers['KALSHI-ACCESS-SIGNATURE'])).toBe(false);
  });

  test('are not accepted from another key', () => {
    const other = publicKeyOf(createKalshiCredentials().publicKeyPem);
    expect(isSignedBy(other, signedText(request), headers['KALSHI-ACCESS-SIGNATURE'])).toBe(false);
  });
});
