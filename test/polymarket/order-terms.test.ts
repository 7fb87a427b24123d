import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Market } from '../../domain/instrument.js';
import { ONE, type Price, price, quantity } from '../../domain/money.js';
import { sizedOrder } from '../../domain/order-sizing.js';
import { polygonContracts } from '../../venues/polymarket/contracts.js';
import { createPolymarketCredentials } from '../../venues/polymarket/credentials.js';
import { preparedOrder } from '../../venues/polymarket/prepare-order.js';
import { termsOf } from '../../venues/polymarket/simulator/order-terms.js';
import { sentOrderShape } from '../../venues/polymarket/simulator/sent-order.js';
import { orderOf, rain } from './desk.js';

const ticks = ['0.1', '0.01', '0.005', '0.0025', '0.001', '0.0001'];
const signer = { credentials: createPolymarketCredentials('desk'), contracts: polygonContracts };

const marketOf = (tick: string): Market => {
  const step = price(tick);
  const end = (ONE - step) as Price; // the last tick below a dollar
  return { ...rain, priceBands: [{ start: step, end, step }] };
};

const wish = fc.record({
  tick: fc.constantFrom(...ticks),
  side: fc.constantFrom('buy' as const, 'sell' as const),
  /** Of the ticks between 0 and 1, from the cheapest to the dearest. */
  place: fc.double({ min: 0, max: 0.999, noNaN: true }),
  hundredths: fc.integer({ min: 500, max: 1_000_000 }),
});

const decimal = (counts: bigint): string =>
  `${counts / ONE}.${(counts % ONE).toString().padStart(9, '0')}`;

describe('what we sign', () => {
  test('means to the venue the limit and the size that we meant, at every tick', async () => {
    const property = fc.asyncProperty(wish, async ({ tick, side, place, hundredths }) => {
      const market = marketOf(tick);
      const step = price(tick);
      const count = Number(ONE / step) - 1;
      const limitPrice = (BigInt(1 + Math.floor(place * count)) * step) as Price; // on the grid
      const contracts = quantity(decimal(BigInt(hundredths) * 10_000_000n));
      const instrument = { venue: 'polymarket', market: market.market, outcome: 'yes' } as const;
      const sized = sizedOrder({ market, instrument, side, limitPrice, contracts });
      fc.pre(sized.kind === 'sized');
      const ticket = {
        name: 'wish',
        side,
        limit: decimal(limitPrice),
        contracts: decimal(contracts),
      };
      const order = orderOf(ticket, market);
      const { body, venueOrderId = '0x' } = await preparedOrder(order, market, signer);
      const sent = sentOrderShape.parse(JSON.parse(body));
      const terms = termsOf(sent, market, venueOrderId as `0x${string}`); // a hash by construction
      expect(terms).toEqual({ kind: 'terms', terms: { limitPrice, fixed: order.fixed } });
    });
    await fc.assert(property, { numRuns: 300 });
  });
});
