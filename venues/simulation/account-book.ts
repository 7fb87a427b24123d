import type { Money, Outcome, Quantity } from '../../domain/index.js';
import { add, greatest, least, negate, subtract, ZERO_QUANTITY } from '../../domain/index.js';
import type { TradePart } from './trade.js';

/** An account's holdings of one market. On a netting venue one of the two is always zero. */
export interface Holding {
  readonly yes: Quantity;
  readonly no: Quantity;
}

export const NOTHING_HELD: Holding = { yes: ZERO_QUANTITY, no: ZERO_QUANTITY };

type Movement = Pick<TradePart, 'outcome' | 'side' | 'quantity'>;

/** What a holding becomes by a trade. A netting venue turns a sale of nothing into the other side. */
export function moved(holding: Holding, movement: Movement, nets: boolean): Holding {
  const { outcome, side, quantity } = movement;
  const change = side === 'buy' ? quantity : negate(quantity);
  const next = { ...holding, [outcome]: add(holding[outcome], change) };
  return nets ? netted(next) : next;
}

/** The inverse of `moved`, for a trade that failed. */
export function movedBack(holding: Holding, movement: Movement, nets: boolean): Holding {
  const side = movement.side === 'buy' ? 'sell' : 'buy';
  return moved(holding, { ...movement, side }, nets);
}

/**
 * What a trade does to cash before its fee. Where the venue nets, every YES with its NO has become
 * a dollar: holding n NO is owing n YES with n dollars put by, so the cash moves by what the trade
 * itself pays, less the dollars that are put by in addition.
 */
export function cashOf(
  part: Movement & Pick<TradePart, 'gross'>,
  before: Holding,
  nets: boolean,
): Money {
  const paid = part.side === 'buy' ? negate(part.gross) : part.gross;
  if (!nets) return paid;
  const after = moved(before, part, nets);
  const noChange = part.outcome === 'no' ? signed(part) : ZERO_QUANTITY;
  return (paid + noChange - (after.no - before.no)) as Money; // each NO stands for one dollar
}

/** Contracts of the other outcome that such a trade would close first. */
export function closable(holding: Holding, { outcome, side }: Movement): Quantity {
  const adds = (outcome === 'yes') === (side === 'buy') ? 'yes' : 'no';
  return holding[otherOf(adds)];
}

function netted({ yes, no }: Holding): Holding {
  const surplus = subtract(yes, no);
  return {
    yes: greatest(surplus, ZERO_QUANTITY),
    no: negate(least(surplus, ZERO_QUANTITY)),
  };
}

const signed = ({ side, quantity }: Movement) => (side === 'buy' ? quantity : negate(quantity));
const otherOf = (outcome: Outcome): Outcome => (outcome === 'yes' ? 'no' : 'yes');
