import { domainSeparator } from 'viem';
import { describe, expect, test } from 'vitest';
import { exchangeOf, type Hex, polygonContracts } from '../../venues/polymarket/contracts.js';
import { createPolymarketCredentials } from '../../venues/polymarket/credentials.js';
import { l2Headers, l2Signature } from '../../venues/polymarket/l2-headers.js';
import {
  type OrderFields,
  orderHash,
  type SigningDomain,
  signerOf,
  signOrderHash,
} from '../../venues/polymarket/signing.js';
import vectors from '../vectors/polymarket.json' with { type: 'json' };

const address = vectors.address as Hex; // JSON imports know no template types
const privateKey = vectors.privateKey as Hex; // as above

type Vector = (typeof vectors.orders)[number];

function fieldsOf(vector: Vector): OrderFields {
  return {
    salt: BigInt(vector.salt),
    maker: address,
    signer: address,
    tokenId: vectors.tokenId,
    makerAmount: BigInt(vector.makerAmount),
    takerAmount: BigInt(vector.takerAmount),
    side: vector.side === 'BUY' ? 'BUY' : 'SELL',
    signatureType: 0,
    timestampMs: vectors.timestampMs,
  };
}

const domainOf = (vector: { domainVersion: string; isNegRisk: boolean }): SigningDomain => ({
  contracts: polygonContracts,
  tokens: {
    domainVersion: vector.domainVersion === '3' ? '3' : '2',
    isNegRisk: vector.isNegRisk,
  },
});

describe('orders', () => {
  test.each(vectors.orders)(
    'the id and the signature of $name are known before the send',
    async (vector) => {
      const hash = orderHash(fieldsOf(vector), domainOf(vector));
      expect(hash).toBe(vector.hash);
      expect(await signOrderHash(hash, privateKey)).toBe(vector.signature);
      expect(await signerOf(hash, vector.signature)).toBe(vectors.address);
    },
  );

  test.each(vectors.domainSeparators)(
    'an order is bound to domain version $domainVersion, neg-risk $isNegRisk',
    (vector) => {
      const { contracts, tokens } = domainOf(vector);
      const domain = {
        name: 'Polymarket CTF Exchange',
        version: tokens.domainVersion,
        chainId: contracts.chainId,
        verifyingContract: exchangeOf(contracts, tokens),
      };
      expect(domainSeparator({ domain })).toBe(vector.separator);
    },
  );

  test('the same order has another id under every domain, and after any change of a field', () => {
    const [buy] = vectors.orders;
    if (buy === undefined) throw new Error('the vectors hold an order');
    const fields = fieldsOf(buy);
    const variants: OrderFields[] = [
      fields,
      { ...fields, salt: fields.salt + 1n },
      { ...fields, makerAmount: fields.makerAmount + 1n },
      { ...fields, takerAmount: fields.takerAmount + 1n },
      { ...fields, side: 'SELL' },
      { ...fields, timestampMs: fields.timestampMs + 1 },
      { ...fields, tokenId: '1' },
    ];
    const domains = vectors.domainSeparators.slice(0, 3).map(domainOf);
    const hashes = domains.flatMap((domain) =>
      variants.map((variant) => orderHash(variant, domain)),
    );
    expect(new Set(hashes).size).toBe(variants.length * domains.length);
  });

  test('what is no signature has no signer', async () => {
    const [buy] = vectors.orders;
    if (buy === undefined) throw new Error('the vectors hold an order');
    expect(await signerOf(buy.hash as Hex, '0x1234')).toBeUndefined(); // a vector is hex
    expect(await signerOf(buy.hash as Hex, `0x${'00'.repeat(65)}`)).toBeUndefined(); // as above
  });
});

describe('requests', () => {
  test.each(vectors.l2)('the signature covers the exact bytes of $name', (vector) => {
    const { secret, timestamp, message } = vector;
    // The published vectors use a method of their own.
    const request = { method: 'test-sign' as 'POST', ...message }; // as the vector has it
    expect(l2Signature(secret, timestamp, request)).toBe(vector.signature);
  });

  test('the stamp is in whole seconds and belongs to the signature', () => {
    const credentials = createPolymarketCredentials('desk');
    const request = { method: 'GET', path: '/data/orders' } as const;
    const headers = l2Headers(credentials, request, 1_713_398_400_999);
    expect(headers.POLY_TIMESTAMP).toBe('1713398400');
    expect(headers.POLY_ADDRESS).toBe(credentials.address);
    expect(headers.POLY_SIGNATURE).toBe(l2Signature(credentials.secret, '1713398400', request));
    expect(headers.POLY_SIGNATURE).not.toBe(l2Signature(credentials.secret, '1713398401', request));
  });

  test('one seed makes one set of keys, and no seed a new one', () => {
    expect(createPolymarketCredentials('desk')).toEqual(createPolymarketCredentials('desk'));
    expect(createPolymarketCredentials('desk')).not.toEqual(createPolymarketCredentials('other'));
    expect(createPolymarketCredentials().privateKey).not.toBe(
      createPolymarketCredentials().privateKey,
    );
  });
});
