import { assert } from './assert.js';
import type { Market, PriceBand } from './instrument.js';
import type { Price, Rounding } from './money.js';
import { greatest, least, ONE_DOLLAR, subtract, toMultiple } from './money.js';

/**
 * The distance between two legal prices at `price`, which lies between the market's bounds. Where
 * two bands meet the larger step counts: a ladder that takes it lands on a legal price either way.
 */
export function tickAt(market: Market, price: Price): Price {
  const steps = legalBands(market)
    .filter((band) => band.start <= price && price <= band.end)
    .map((band) => band.step);
  const [first] = steps;
  assert(first !== undefined, `${price} lies in a price band of ${market.market}`);
  return steps.reduce(greatest, first);
}

/** An order may state this price: strictly between 0 and 1 dollar, and on the grid of its band. */
export function isLegalPrice(market: Market, price: Price): boolean {
  return legalBands(market).some(
    (band) => band.start <= price && price <= band.end && price % band.step === 0n,
  );
}

/**
 * The nearest legal price not above (floor) or not below (ceil); `undefined` where there is none.
 */
export function toLegalPrice(market: Market, price: Price, rounding: Rounding): Price | undefined {
  const nearest = legalBands(market)
    .map((band) => nearestIn(band, price, rounding))
    .filter((candidate) => candidate !== undefined);
  const [first] = nearest;
  if (first === undefined) return undefined;
  return nearest.reduce(rounding === 'floor' ? greatest : least, first);
}

/** No order can trade below this: what a legal maximum is divided by (DESIGN §9). */
export function lowestPrice(market: Market): Price {
  const [first] = legalBands(market);
  assert(first !== undefined, `${market.market} has a price band`);
  return first.start;
}

export function highestPrice(market: Market): Price {
  const last = legalBands(market).at(-1);
  assert(last !== undefined, `${market.market} has a price band`);
  return last.end;
}

/** Venues list bands from 0 to 1 dollar, but an order at either end is refused. */
function legalBands(market: Market): readonly PriceBand[] {
  return market.priceBands.map(({ start, end, step }) => ({
    start: greatest(start, step),
    end: least(end, subtract(ONE_DOLLAR, step)),
    step,
  }));
}

function nearestIn({ start, end, step }: PriceBand, price: Price, rounding: Rounding) {
  if (rounding === 'floor') {
    const below = toMultiple(least(price, end), step, 'floor');
    return below >= start ? below : undefined;
  }
  const above = toMultiple(greatest(price, start), step, 'ceil');
  return above <= end ? above : undefined;
}
