import { createPrivateKey, createPublicKey } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  isSignedBy,
  type KalshiRequest,
  publicKeyOf,
  signedText,
} from '../../venues/kalshi/signing.js';
import vectors from '../vectors/kalshi.json' with { type: 'json' };

const key = publicKeyOf(vectors.publicKeyPem);

describe.each(vectors.requests)('$name', (vector) => {
  const request = vector as KalshiRequest; // JSON imports know no literal types

  test('is signed over the same text in both languages', () => {
    expect(signedText(request)).toBe(vector.text);
  });

  test.each(['byTypescript', 'byRust'] as const)(
    'has a signature %s that the venue takes',
    (by) => {
      expect(isSignedBy(key, vector.text, vector[by])).toBe(true);
      expect(isSignedBy(key, `${vector.text}/`, vector[by])).toBe(false);
    },
  );
});

test('both forms of the private key are of the one public key', () => {
  for (const pem of [vectors.privateKeyPem, vectors.privateKeyPkcs1Pem]) {
    const spki = createPublicKey(createPrivateKey(pem)).export({ type: 'spki', format: 'pem' });
    expect(spki).toBe(vectors.publicKeyPem);
  }
});
