import {
  collateralFeeUpperBound,
  kalshiFillFee,
  kalshiTradeFee,
  polymarketFee,
  takerFee,
} from '../../domain/fees.js';
import { money, ZERO_MONEY } from '../../domain/money.js';
import { spendOf } from '../../domain/risk/reservation.js';
import { differs } from './differs.js';
import { mostFee, mostSpend } from './plain-fees.js';
import type { TrueOrder, Truth } from './truth.js';

const CENT = money('0.01');

/** Where the domain's fees are not those of the venues' pages: of a match, or an order's most. */
export function chargedOtherwise({ orders }: Truth): string | undefined {
  for (const one of orders) {
    const { clientOrderId } = one.order;
    const what =
      differs(`${clientOrderId}: most fees`, said(mostByDomain(one)), said(mostPlainly(one))) ??
      differs(`${clientOrderId}: fees`, said(feesByDomain(one)), said(one.fills.map(feeOf)));
    if (what !== undefined) return what;
  }
  return undefined;
}

/** By its contracts and by its dollars, whichever of them it states. */
function mostByDomain({ order, market: { fees } }: TrueOrder): bigint[] {
  const { limitPrice, legalMaximum } = order;
  const collateral = spendOf(order);
  return [takerFee(fees, limitPrice, legalMaximum), collateralFeeUpperBound(fees, collateral)];
}

function mostPlainly({ order, market: { fees } }: TrueOrder): bigint[] {
  const { limitPrice, legalMaximum: contracts } = order;
  const collateral = mostSpend(order);
  return [
    mostFee(fees, { limitPrice, fixed: { kind: 'contracts', contracts } }),
    mostFee(fees, { limitPrice, fixed: { kind: 'collateral', collateral } }),
  ];
}

function feesByDomain({ order, market, fills }: TrueOrder): bigint[] {
  let accumulator = ZERO_MONEY;
  return fills.map(({ price, quantity }) => {
    const { fees } = market;
    if (fees.kind === 'polymarket_taker') return polymarketFee(fees, price, quantity);
    const tradeFee = kalshiTradeFee(fees, price, quantity);
    const fill = { side: order.side, price, contracts: quantity, tradeFee };
    const charged = kalshiFillFee({ ...fill, accumulator, precision: CENT });
    accumulator = charged.accumulator;
    return charged.fee;
  });
}

const feeOf = ({ fee }: { readonly fee: bigint }): bigint => fee;
const said = (fees: readonly bigint[]): string => fees.map(String).join(', ');
