import type { Instrument, Outcome } from '../../domain/instrument.js';
import type { Money, Price, Quantity } from '../../domain/money.js';
import {
  greatest,
  negate,
  notional,
  ONE_DOLLAR,
  subtract,
  ZERO_QUANTITY,
} from '../../domain/money.js';
import type { Fill } from '../../domain/venue-entry.js';
import type { BookSide } from './book-side.js';
import { fromBookSide, outcomeBought } from './book-side.js';
import type { FillRow } from './wire.js';

/** One traded part as Kalshi tells it, and the signed position (+ YES, − NO) that it started from. */
export interface NettedFill {
  readonly account: string;
  readonly ticker: string;
  readonly venueOrderId: string;
  readonly executionId: string;
  readonly clientOrderId?: string;
  readonly bookSide: BookSide;
  readonly yesPrice: Price;
  readonly quantity: Quantity;
  readonly fee: Money;
  readonly positionBefore: bigint;
  readonly atMs: number;
}

/**
 * All fills of one market, oldest first, as entries. Kalshi nets: the same ask at p brings in p where
 * it reduces YES and costs 1 − p where it adds NO, and its rows do not say which it was. Only fills
 * move a position before the market settles, so the position before each one is the sum of those
 * before it. Every reader of the same rows gets the same entries.
 */
export function entriesOfMarket(account: string, rows: readonly FillRow[]): Fill[] {
  let position = 0n;
  return rows.map((row) => {
    const positionBefore = position;
    position += signedCount(row.book_side, row.count_fp);
    return nettedEntry({
      account,
      ticker: row.ticker,
      venueOrderId: row.order_id,
      executionId: row.trade_id,
      bookSide: row.book_side,
      yesPrice: row.yes_price_dollars,
      quantity: row.count_fp,
      fee: row.fee_cost,
      positionBefore,
      atMs: row.created_time,
    });
  });
}

/** A Kalshi match is final at once. */
export function nettedEntry(fill: NettedFill): Fill {
  const outcome = outcomeTraded(fill);
  const instrument: Instrument = { venue: 'kalshi', market: fill.ticker, outcome };
  const { side, price } = fromBookSide(fill.bookSide, fill.yesPrice, outcome);
  return {
    kind: 'fill',
    account: fill.account,
    instrument,
    venueOrderId: fill.venueOrderId,
    executionId: fill.executionId,
    ...(fill.clientOrderId !== undefined && { clientOrderId: fill.clientOrderId }),
    side,
    quantity: fill.quantity,
    price,
    fee: fill.fee,
    cash: cashMoved(fill),
    atMs: fill.atMs,
    finality: 'final',
  };
}

/** A fill that only reduces sells what was held; any other buys. */
function outcomeTraded({ bookSide, quantity, positionBefore }: NettedFill): Outcome {
  const bought = outcomeBought(bookSide);
  const held = bought === 'yes' ? -positionBefore : positionBefore;
  if (held < quantity) return bought;
  return bought === 'yes' ? 'no' : 'yes';
}

/**
 * The signed price of the YES that moved, less one dollar for each NO that came in (more for each
 * that went out): holding a NO is owing a YES with its dollar put down.
 */
function cashMoved(fill: NettedFill): Money {
  const change = signedCount(fill.bookSide, fill.quantity);
  const paid = notional(fill.yesPrice, fill.quantity, fill.bookSide === 'bid' ? 'ceil' : 'floor');
  const after = fill.positionBefore + change;
  const noAdded = subtract(noHeld(after), noHeld(fill.positionBefore));
  const putDown = notional(ONE_DOLLAR, noAdded, 'floor');
  const traded = fill.bookSide === 'bid' ? negate(paid) : paid;
  return subtract(subtract(traded, putDown), fill.fee);
}

const noHeld = (position: bigint): Quantity =>
  greatest(ZERO_QUANTITY, negate(position as Quantity)); // a short position, in NO contracts

export const signedCount = (bookSide: BookSide, quantity: Quantity): bigint =>
  bookSide === 'bid' ? quantity : -BigInt(quantity);
