import { expect, test } from 'vitest';
import { createKalshiCredentials, createPolymarketCredentials } from '../../venues/index.js';
import { createLogger } from '../../workers/log.js';

const kalshi = createKalshiCredentials();
const polymarket = createPolymarketCredentials();
const { privateKey, apiKey, secret, passphrase } = polymarket;
const databaseUrl = 'postgres://desk:s3cr3t@db.internal:5432/legwork';
const signature = 'c2lnbmVkIGJ5dGVz';
/** A line of it, as a stack or an escaped string would show it. */
const pemLine = kalshi.privateKeyPem.split('\n')[3] ?? '';
const secrets = [pemLine, privateKey, apiKey, secret, passphrase, 's3cr3t', signature];

const headers = { 'KALSHI-ACCESS-SIGNATURE': signature, POLY_PASSPHRASE: passphrase };
test.each<[string, object, string?]>([
  ['credentials by themselves', { ...kalshi, ...polymarket }],
  ['credentials of an account', { account: { main: { kalshi, polymarket } } }],
  ['credentials of a config', { config: { credentials: { kalshi, polymarket } } }],
  ['a request with its headers', { request: { url: '/orders', headers } }],
  ['a signed order', { order: { body: { signature } } }],
  ['a config with its database', { config: { databaseUrl } }],
  ['an address in a text', { address: databaseUrl }, `cannot connect to ${databaseUrl}`],
  ['an error that quotes it', { err: new Error(`no answer from ${databaseUrl}`) }],
  ['an error with a key', { err: Object.assign(new Error('x'), { input: kalshi.privateKeyPem }) }],
])('%s leaves no secret in the log', (_, record, message = 'told') => {
  const told: string[] = [];
  const log = createLogger({ component: 'test', onWarning: (line) => told.push(line) });
  log.warn(record, message);
  expect(told).toHaveLength(1);
  const [line = ''] = told;
  expect(JSON.parse(line)).toMatchObject({ component: 'test', level: 'warn' });
  for (const hidden of secrets) expect(line).not.toContain(hidden);
  expect(line).toContain('[secret]');
});
