import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { clobAuthHash } from '../l1-headers.js';
import { signerOf } from '../signing.js';
import type { IssuedKey } from './api-keys.js';
import { ownerOf, type SimulatedAccount } from './desk-accounts.js';
import { signedRoute, type VenueFront } from './venue-front.js';

const INVALID_L1 = { error: 'Invalid L1 Request headers' };

/** API keys: made and derived by the wallet's own signature, listed and revoked by the key's. */
export function addAuthRoutes(app: FastifyInstance, front: VenueFront): void {
  const signed = signedRoute(front);
  const byWallet =
    (issue: (who: SimulatedAccount, nonce: string) => IssuedKey) =>
    async (request: FastifyRequest, reply: FastifyReply) => {
      const attested = await attestation(front, request);
      if (!attested) return reply.code(401).send(INVALID_L1);
      const issued = issue(attested.who, attested.nonce);
      return issued.kind === 'key' ? issued.key : reply.code(400).send({ error: issued.error });
    };
  app.post(
    '/auth/api-key',
    byWallet((who, nonce) => front.keys.create(who, nonce)),
  );
  app.get(
    '/auth/derive-api-key',
    byWallet((who, nonce) => front.keys.derive(who, nonce)),
  );
  app.get(
    '/auth/api-keys',
    signed(({ credentials }) => ({ apiKeys: [credentials.apiKey] })),
  );
  app.delete(
    '/auth/api-key',
    signed(({ account }) => {
      front.keys.revoke(account);
      return JSON.stringify('OK');
    }),
  );
  app.get(
    '/auth/ban-status/closed-only',
    signed(() => ({ closed_only: false })),
  );
}

/** Who attests to own a wallet, and for which key; `undefined` where anything does not fit. */
async function attestation(front: VenueFront, { headers }: FastifyRequest) {
  const said = (name: string) => String(headers[name] ?? '');
  const [timestamp, nonce] = [said('poly_timestamp'), said('poly_nonce')];
  if (!/^\d{1,12}$/.test(timestamp) || !/^\d{1,20}$/.test(nonce)) return undefined;
  const skewMs = Math.abs(Number(timestamp) * 1000 - front.exchange.now());
  const who = ownerOf(front.accounts, said('poly_address'));
  if (skewMs > front.toleranceMs || who?.credentials.address !== said('poly_address')) {
    return undefined;
  }
  const { address } = who.credentials;
  const { chainId } = front.contracts;
  const hash = clobAuthHash({ address, chainId, timestamp, nonce: BigInt(nonce) });
  const isAttested = (await signerOf(hash, said('poly_signature'))) === address;
  return isAttested ? { who, nonce: BigInt(nonce).toString() } : undefined;
}
