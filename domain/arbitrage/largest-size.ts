import type { Walk } from '../book.js';
import { walk } from '../book.js';
import { orderFee } from '../fees.js';
import type { Outcome } from '../instrument.js';
import type { Money, Quantity } from '../money.js';
import {
  add,
  greatest,
  least,
  notional,
  ONE_DOLLAR,
  perContract,
  quantity,
  subtract,
  ZERO_QUANTITY,
} from '../money.js';
import { sizedOrder } from '../order-sizing.js';
import type { ArbitrageType } from '../pair.js';
import type { Leg } from './arbitrage-legs.js';
import type {
  ArbitrageQuestion,
  Legs,
  NoArbitrage,
  PricedArbitrage,
} from './arbitrage-question.js';
import type { Slice } from './executable-depth.js';
import { commonLot, largestExpressible } from './expressible-size.js';

const CONTRACTS_MIN = quantity('1');
const outcomes = ['yes', 'no'] as const satisfies readonly Outcome[];

/**
 * The largest trade that both venues take and that nets the threshold as a whole. Within a slice
 * more is better, since each contract nets the threshold and rounding is charged once: so one size
 * per slice is tried, deepest first.
 */
export function largestSize(
  question: ArbitrageQuestion,
  legs: Legs<Leg>,
  slices: readonly Slice[],
): PricedArbitrage | NoArbitrage {
  const { type, edgeMin } = question;
  let refused: PricedArbitrage | undefined;
  for (let count = slices.length; count > 0; count -= 1) {
    const contracts = sizeWithin(slices.slice(0, count), legs, question.contractsMax);
    const priced = contracts && pricedAt(type, legs, contracts);
    if (!priced) continue;
    if (priced.edge >= edgeMin) return priced;
    refused ??= priced;
  }
  if (refused) return { kind: 'none', type, reason: 'edge_too_small', edge: refused.edge };
  return thin(type, depthOf(slices));
}

/** The largest size that ends in the last of these slices and that both venues can express. */
function sizeWithin(
  slices: readonly Slice[],
  legs: Legs<Leg>,
  contractsMax: Quantity,
): Quantity | undefined {
  const atMost = least(depthOf(slices), contractsMax);
  const minimum = greatest(legs.yes.market.minimumQuantity, legs.no.market.minimumQuantity);
  const size = largestExpressible({
    above: depthOf(slices.slice(0, -1)),
    atMost,
    lot: commonLot(legs.yes.market.lot, legs.no.market.lot),
    ...collateralOf(slices, legs, atMost),
  });
  return size !== undefined && size >= greatest(minimum, CONTRACTS_MIN) ? size : undefined;
}

function collateralOf(slices: readonly Slice[], legs: Legs<Leg>, atMost: Quantity) {
  const last = slices.at(-1);
  const outcome = outcomes.find((leg) => legs[leg].market.venue === 'polymarket');
  if (!last || !outcome) return {};
  const price = last.prices[outcome];
  const full = slices.reduce((sum, slice) => sum + slice.prices[outcome] * slice.quantity, 0n);
  return { collateral: { price, cost: full - price * subtract(depthOf(slices), atMost) } };
}

/** The trade of exactly this size, or `undefined` where a venue would not take a leg of it. */
function pricedAt(
  type: ArbitrageType,
  legs: Legs<Leg>,
  contracts: Quantity,
): PricedArbitrage | undefined {
  const yes = entryOf(legs.yes, contracts);
  const no = entryOf(legs.no, contracts);
  if (!yes || !no) return undefined;
  const spent = [yes.notional, no.notional, yes.fee, no.fee].reduce(add);
  const net = subtract(notional(ONE_DOLLAR, contracts, 'floor'), spent);
  return {
    kind: 'opportunity',
    type,
    contracts,
    edge: perContract(net, contracts, 'floor'),
    net,
    limitPrice: { yes: yes.worstPrice, no: no.worstPrice },
    expectedCost: { yes: yes.notional, no: no.notional },
    fees: { yes: yes.fee, no: no.fee },
  };
}

function entryOf(leg: Leg, contracts: Quantity): (Walk & { readonly fee: Money }) | undefined {
  const walked = walk(leg.asks, { side: 'buy', quantityMax: contracts });
  if (!walked) return undefined;
  const sized = sizedOrder({
    market: leg.market,
    instrument: leg.instrument,
    side: 'buy',
    limitPrice: walked.worstPrice,
    contracts,
    expectedCost: walked.notional,
  });
  if (sized.kind === 'refused') return undefined;
  return { ...walked, fee: orderFee(leg.market.fees, walked.levels) };
}

const depthOf = (slices: readonly Slice[]): Quantity =>
  slices.map((slice) => slice.quantity).reduce(add, ZERO_QUANTITY);

const thin = (type: ArbitrageType, contracts: Quantity): NoArbitrage => ({
  kind: 'none',
  type,
  reason: 'liquidity_too_small',
  contracts,
});
