import { generateKeyPairSync, randomUUID } from 'node:crypto';

/** An API key of one Kalshi account: its id, and the RSA key that signs for it. PEM texts. */
export interface KalshiCredentials {
  readonly keyId: string;
  readonly privateKeyPem: string;
  readonly publicKeyPem: string;
}

/** A fresh RSA-2048 key for a simulated account; the venue itself makes the keys of a real one. */
export function createKalshiCredentials(): KalshiCredentials {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return { keyId: randomUUID(), privateKeyPem: privateKey, publicKeyPem: publicKey };
}
