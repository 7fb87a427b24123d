import { constants, createPublicKey, verify } from 'node:crypto';
import { Chain, createL1Headers, createL2Headers, Side } from '@polymarket/clob-client-v2';
import axios from 'axios';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatAmount, money, type Price, price, quantity } from '../../domain/index.js';
import { polymarketAmounts } from '../../domain/order-sizing.js';
import { createKalshiSigner, isSignedBy, publicKeyOf } from '../../venues/kalshi/signing.js';
import { exchangeOf, type Hex, polygonContracts } from '../../venues/polymarket/contracts.js';
import { l1Headers } from '../../venues/polymarket/l1-headers.js';
import { l2Headers } from '../../venues/polymarket/l2-headers.js';
import {
  type OrderFields,
  orderHash,
  type SigningDomain,
  signOrderHash,
} from '../../venues/polymarket/signing.js';
import { ccxtKalshi } from './ccxt-kalshi.js';
import { ccxtPolymarket } from './ccxt-polymarket.js';
import { clobClient, said, walletOf } from './clob-client.js';
import { kalshiClient, type Wire } from './kalshi-typescript.js';
import { desk as kalshiDesk } from './kalshi-venue.js';
import { desk, type MarketName, markets, yesOf } from './polymarket-venue.js';

// Nothing is sent in this file: each client signs, and so do we.
const NOWHERE = 'http://127.0.0.1:9';
const ZERO: Hex = `0x${'00'.repeat(32)}`;

describe('our order is signed bit for bit as', () => {
  test.each<readonly [MarketName, 2 | 3]>([
    ['standard', 2],
    ['negRisk', 2],
    ['protocolV2', 3],
  ])('clob-client-v2 signs it, in the domain of the %s market', async (name, version) => {
    const client = clobClient(NOWHERE);
    client.tickSizes[yesOf(name)] = '0.01';
    const negRisk = markets[name].tokens?.isNegRisk ?? false;
    for (const text of ['BUY 10 @ 0.52', 'SELL 7 @ 0.4', 'BUY 5.55 @ 0.99', 'SELL 100 @ 0.01']) {
      const options = { tickSize: '0.01', negRisk, version } as const;
      const signed = await client.createOrder(said(text, name), options);
      const hash = orderHash(fieldsOf(signed), domainOf(name));
      expect(await signOrderHash(hash, desk.privateKey)).toBe(signed.signature);
    }
  });

  test.each<readonly [MarketName]>([['standard'], ['negRisk'], ['protocolV2']])(
    'ccxt signs it, in the domain of the %s market, with and without a builder',
    async (name) => {
      const client = ccxtPolymarket(NOWHERE);
      const { contracts, tokens } = domainOf(name);
      for (const builder of [ZERO, `0x${'11'.repeat(32)}`]) {
        const message = {
          ...{ salt: '123456789', maker: desk.address, signer: desk.address, tokenId: yesOf(name) },
          ...{ makerAmount: '5200000', takerAmount: '10000000', side: 0, signatureType: 0 },
          ...{ timestamp: '1713398400000', metadata: ZERO, builder },
        };
        const contract = exchangeOf(contracts, tokens);
        const theirs: unknown = client.signClobOrder(message, contract, tokens.domainVersion, 0);
        const hash = orderHash(fieldsOf({ ...message, side: 'BUY' }), { contracts, tokens });
        expect(await signOrderHash(hash, desk.privateKey)).toBe(theirs);
      }
    },
  );
});

/** The fields of an order as a client wrote them. */
function fieldsOf(order: object): OrderFields {
  const text = (name: string): string => {
    const value: unknown = Reflect.get(order, name);
    if (typeof value !== 'string') throw new Error(`${name} is told as a text`);
    return value;
  };
  return {
    salt: BigInt(text('salt')),
    maker: text('maker') as Hex, // an address, or the signatures differ
    signer: text('signer') as Hex, // as above
    tokenId: text('tokenId'),
    makerAmount: BigInt(text('makerAmount')),
    takerAmount: BigInt(text('takerAmount')),
    side: text('side') === 'BUY' ? 'BUY' : 'SELL',
    signatureType: 0,
    timestampMs: Number(text('timestamp')),
    metadata: text('metadata') as Hex, // 32 bytes, or the signatures differ
    builder: text('builder') as Hex, // as above
  };
}

function domainOf(name: MarketName): SigningDomain {
  const { tokens } = markets[name];
  if (!tokens) throw new Error(`${name} has tokens`);
  return { contracts: polygonContracts, tokens };
}

describe('our amounts are those of clob-client-v2', () => {
  const TICK = price('0.01');
  const prices = Array.from({ length: 99 }, (_, index) => (TICK * BigInt(index + 1)) as Price); // ticks
  const ours = (terms: Omit<Parameters<typeof polymarketAmounts>[0], 'tick'>) =>
    told(polymarketAmounts({ ...terms, tick: TICK }));
  const told = (amounts?: { readonly makerAmount: unknown; readonly takerAmount: unknown }) =>
    amounts && `${String(amounts.makerAmount)} for ${String(amounts.takerAmount)}`;

  test.each(['5', '7.77', '100', '1234.56'])('for %s shares at every price', async (size) => {
    const client = clobClient(NOWHERE);
    client.tickSizes[yesOf('standard')] = '0.01';
    const fixed = { kind: 'contracts', contracts: quantity(size) } as const;
    for (const limitPrice of prices) {
      for (const side of ['buy', 'sell'] as const) {
        const text = `${side.toUpperCase()} ${size} @ ${formatAmount(limitPrice)}`;
        const options = { tickSize: '0.01', negRisk: false, version: 2 } as const;
        const theirs = await client.createOrder(said(text), options);
        expect(ours({ fixed, side, limitPrice }), text).toBe(told(theirs));
      }
    }
  });

  test.each(['1', '3.33', '50', '999.99'])('for $%s at every price', async (dollars) => {
    const client = clobClient(NOWHERE);
    const tokenID = yesOf('standard');
    client.tickSizes[tokenID] = '0.01';
    client.feeInfos[tokenID] = { rate: 0, exponent: 0 };
    const fixed = { kind: 'collateral', collateral: money(dollars) } as const;
    for (const limitPrice of prices) {
      const theirs = await client.createMarketOrder(
        {
          tokenID,
          side: Side.BUY,
          amount: Number(dollars),
          price: Number(formatAmount(limitPrice)),
        },
        { tickSize: '0.01', negRisk: false, version: 2 },
      );
      expect(ours({ fixed, side: 'buy', limitPrice }), formatAmount(limitPrice)).toBe(told(theirs));
    }
  });
});

describe('our request is signed bit for bit as', () => {
  const wallet = walletOf(desk);
  const seconds = fc.integer({ min: 1, max: 4_000_000_000 });
  const methods = fc.constantFrom('GET', 'POST', 'DELETE');
  const path = fc.webPath().map((text) => `/${text}`);
  const body = fc.option(fc.json(), { nil: undefined });

  test('clob-client-v2 signs it by an API key, whatever its path and body', async () => {
    const creds = { key: desk.apiKey, secret: desk.secret, passphrase: desk.passphrase };
    const request = fc.record({ method: methods, path, body });
    await fc.assert(
      fc.asyncProperty(request, seconds, async ({ method, path: requestPath, body: text }, at) => {
        const said = text === undefined ? {} : { body: text };
        const theirs = await createL2Headers(wallet, creds, { method, requestPath, ...said }, at);
        const ours = l2Headers(desk, { method, path: requestPath, ...said }, at * 1000);
        expect(ours).toEqual(theirs);
      }),
      { numRuns: 200 },
    );
  });

  test.each([Chain.POLYGON, Chain.AMOY])(
    'clob-client-v2 signs it by the wallet, on chain %i',
    async (chainId) => {
      const nonces = fc.integer({ min: 0, max: 1_000_000 });
      await fc.assert(
        fc.asyncProperty(seconds, nonces, async (at, nonce) => {
          const theirs = await createL1Headers(wallet, chainId, nonce, at);
          const said = { chainId, timestamp: at.toString(), nonce: BigInt(nonce) };
          expect(await l1Headers(desk, said)).toEqual(theirs);
        }),
        { numRuns: 20 },
      );
    },
  );

  test('ccxt signs it, by the wallet and by an API key', async () => {
    const { apiKey: l2ApiKey, secret: l2Secret, passphrase: l2Passphrase } = desk;
    const client = ccxtPolymarket(NOWHERE, desk, { l2ApiKey, l2Secret, l2Passphrase });
    const private_ = ['clob', 'private'] as unknown as string; // typed narrower than it is taken
    const attested = headersOf(client.sign('auth/derive-api-key', private_, 'GET', {}));
    const timestamp = attested.POLY_TIMESTAMP ?? '';
    const said = { chainId: 137, timestamp, nonce: 0n };
    expect(attested).toMatchObject(await l1Headers(desk, said));

    const request = client.sign('order', private_, 'DELETE', { orderID: '0x12' });
    const signed = headersOf(request);
    const body = '{"orderID":"0x12"}';
    const atMs = Number(signed.POLY_TIMESTAMP) * 1000;
    expect(signed).toMatchObject(l2Headers(desk, { method: 'DELETE', path: '/order', body }, atMs));
  });
});

function headersOf(request: unknown): Readonly<Record<string, string>> {
  return (request as { readonly headers: Record<string, string> }).headers; // the client says any
}

describe('a Kalshi signature is another one each time, and', () => {
  const PATH = '/trade-api/v2/portfolio/balance';
  const key = publicKeyOf(kalshiDesk.publicKeyPem);

  test("kalshi-typescript's own is one that we take", async () => {
    const headers = await sentBy((wire) =>
      kalshiClient(`${NOWHERE}/trade-api/v2`, kalshiDesk, wire).portfolio.getBalance(0),
    );
    const text = `${headers['KALSHI-ACCESS-TIMESTAMP']}GET${PATH}`;
    expect(isSignedBy(key, text, headers['KALSHI-ACCESS-SIGNATURE'] ?? '')).toBe(true);
    expect(isSignedBy(key, `${text}?subaccount=0`, headers['KALSHI-ACCESS-SIGNATURE'] ?? '')).toBe(
      false,
    );
  });

  test("ccxt's own is one that we take", () => {
    const client = ccxtKalshi(`${NOWHERE}/trade-api/v2`);
    const private_ = ['kalshi', 'private'] as unknown as string; // typed narrower than it is taken
    const headers = headersOf(client.sign('portfolio/balance', private_, 'GET', {}));
    const text = `${headers['KALSHI-ACCESS-TIMESTAMP']}GET${PATH}`;
    expect(isSignedBy(key, text, headers['KALSHI-ACCESS-SIGNATURE'] ?? '')).toBe(true);
  });

  test('ours verifies by the parameters that the client signs with, and by no others', () => {
    const sign = createKalshiSigner(kalshiDesk);
    const request = {
      method: 'POST',
      path: '/trade-api/v2/x?y=1',
      timestampMs: 1_703_123_456_789,
    } as const;
    const signature = Buffer.from(sign(request)['KALSHI-ACCESS-SIGNATURE'], 'base64');
    const text = Buffer.from('1703123456789POST/trade-api/v2/x');
    const publicKey = createPublicKey(kalshiDesk.publicKeyPem);
    const verifies = (hash: string, padding: number, saltLength: number) =>
      verify(hash, text, { key: publicKey, padding, saltLength }, signature);
    // kalshi-typescript/dist/auth.js: PSS, SHA-256, a salt as long as the digest
    const { RSA_PKCS1_PSS_PADDING, RSA_PKCS1_PADDING, RSA_PSS_SALTLEN_DIGEST } = constants;
    expect(verifies('sha256', RSA_PKCS1_PSS_PADDING, RSA_PSS_SALTLEN_DIGEST)).toBe(true);
    expect(verifies('sha256', RSA_PKCS1_PSS_PADDING, 0)).toBe(false);
    expect(verifies('sha512', RSA_PKCS1_PSS_PADDING, RSA_PSS_SALTLEN_DIGEST)).toBe(false);
    expect(verifies('sha256', RSA_PKCS1_PADDING, 0)).toBe(false);
    expect(sign(request)).not.toEqual(sign(request));
  });
});

/** The headers of the one request that the client would send over that wire. */
async function sentBy(
  send: (wire: Wire) => Promise<unknown>,
): Promise<Readonly<Record<string, string>>> {
  let headers: Readonly<Record<string, string>> = {};
  const wire = axios.create({
    adapter: (config) => {
      headers = config.headers.toJSON() as Record<string, string>; // the client sets texts only
      return Promise.resolve({ data: {}, status: 200, statusText: '', headers: {}, config });
    },
  });
  await send(wire as unknown as Wire); // typed twice: to import, to require
  return headers;
}
