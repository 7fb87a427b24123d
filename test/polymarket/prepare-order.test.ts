import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { polymarketSalt } from '../../domain/ids.js';
import type { Market } from '../../domain/instrument.js';
import { polygonContracts } from '../../venues/polymarket/contracts.js';
import { createPolymarketCredentials } from '../../venues/polymarket/credentials.js';
import { preparedOrder } from '../../venues/polymarket/prepare-order.js';
import { signerOf } from '../../venues/polymarket/signing.js';
import { orderOf, rain, type Ticket } from './desk.js';

const credentials = createPolymarketCredentials('desk');
const signer = { credentials, contracts: polygonContracts };

const bodyShape = z.object({
  owner: z.string(),
  orderType: z.string(),
  deferExec: z.boolean(),
  postOnly: z.boolean(),
  order: z.object({
    salt: z.number().int(),
    tokenId: z.string(),
    makerAmount: z.string(),
    takerAmount: z.string(),
    side: z.string(),
    timestamp: z.string(),
    expiration: z.string(),
    signature: z.string(),
  }),
});

async function prepared(ticket: Ticket, market: Market = rain) {
  const made = await preparedOrder(orderOf(ticket, market), market, signer);
  return { ...made, sent: bodyShape.parse(JSON.parse(made.body)) };
}

describe('an order', () => {
  test('is complete before any byte leaves, and the same order makes the same bytes', async () => {
    const ticket = { name: 'entry/yes', limit: '0.52', contracts: '10' };
    const [first, second] = await Promise.all([prepared(ticket), prepared(ticket)]);
    expect(second.body).toBe(first.body);
    expect(second.venueOrderId).toBe(first.venueOrderId);
    expect(first.venueOrderId).toMatch(/^0x[0-9a-f]{64}$/);
    expect(first.sent.owner).toBe(credentials.apiKey);
    expect(first.sent.order.salt).toBe(polymarketSalt(first.order.clientOrderId));
    expect(first.sent.order.timestamp).toBe('1700000000000');
  });

  test('carries a signature of its own id by the wallet', async () => {
    const { sent, venueOrderId } = await prepared({ name: 'a', limit: '0.52', contracts: '10' });
    const hash = venueOrderId as `0x${string}`; // a hash by construction
    expect(await signerOf(hash, sent.order.signature)).toBe(credentials.address);
  });

  test.each([
    // side, outcome, limit, contracts → token, gives, takes (in 10⁻⁶)
    ['buy', 'yes', '0.52', '10', '1111', '5200000', '10000000'],
    ['buy', 'no', '0.48', '10', '2222', '4800000', '10000000'],
    ['buy', 'yes', '0.33', '10', '1111', '3300000', '10000000'],
    ['sell', 'yes', '0.52', '10', '1111', '10000000', '5200000'],
    ['sell', 'no', '0.07', '12.5', '2222', '12500000', '875000'],
  ] as const)('to %s %s at %s × %s names token %s, gives %s, takes %s', async (...row) => {
    const [side, outcome, limit, contracts, token, gives, takes] = row;
    const { sent } = await prepared({ name: 'b', side, outcome, limit, contracts });
    expect(sent.order.side).toBe(side.toUpperCase());
    expect([sent.order.tokenId, sent.order.makerAmount, sent.order.takerAmount]).toEqual([
      token,
      gives,
      takes,
    ]);
  });

  test.each([
    ['IOC', 'FAK'],
    ['FOK', 'FOK'],
    ['GTC', 'GTC'],
  ] as const)('with %s is sent as %s', async (timeInForce, orderType) => {
    const ticket = { name: 'c', side: 'sell', limit: '0.5', contracts: '10', timeInForce } as const;
    expect((await prepared(ticket)).sent.orderType).toBe(orderType);
  });

  test('has another id on a neg-risk market and under the next domain version', async () => {
    const { tokens } = rain;
    if (!tokens) throw new Error('the market has tokens');
    const variants: Market[] = [
      rain,
      { ...rain, tokens: { ...tokens, isNegRisk: true } },
      { ...rain, tokens: { ...tokens, domainVersion: '3' } },
    ];
    const ticket = { name: 'd', limit: '0.52', contracts: '10' };
    const ids = await Promise.all(
      variants.map(async (market) => (await prepared(ticket, market)).venueOrderId),
    );
    expect(new Set(ids).size).toBe(3);
  });

  test('in a market without tokens, or until a time of day, is never sent', async () => {
    const nameless: Market = { ...rain };
    Reflect.deleteProperty(nameless, 'tokens');
    const ticket = { name: 'e', limit: '0.52', contracts: '10' };
    await expect(prepared(ticket, nameless)).rejects.toThrow('names its outcome tokens');
    await expect(prepared({ ...ticket, timeInForce: 'DAY' })).rejects.toThrow(
      'not sent to this venue',
    );
  });
});
