import type { Side } from '../../domain/child-order.js';
import { polymarketFee } from '../../domain/fees.js';
import type { Instrument } from '../../domain/instrument.js';
import {
  add,
  type Money,
  negate,
  notional,
  ONE_DOLLAR,
  type Price,
  perContract,
  type Quantity,
  subtract,
  ZERO_MONEY,
} from '../../domain/money.js';
import type { Fill, TradeRow } from '../../domain/venue-entry.js';
import { type ClobMarket, instrumentOf } from './market-directory.js';
import type { WireMakerOrder, WireTrade } from './wire.js';

/** Who we are in a trade row: the wallet and the API key of one of our accounts. */
export interface Owner {
  readonly account: string;
  readonly address: string;
  readonly apiKey: string;
}

/**
 * Our rows of one trade of the venue.
 *
 * 1. One trade may fill several of our orders: as taker, as maker, or both.
 * 2. A fill is final only at CONFIRMED; every other status can still be taken back.
 * 3. FAILED gives the fill *and* its reversal, so that a reader who never saw the match is right.
 * 4. The venue states no fee: takers pay the market's schedule, makers nothing (venues.md 2.9).
 */
export function rowsOfTrade(trade: WireTrade, market: ClobMarket, owner: Owner): TradeRow[] {
  return [takerPart(trade, market, owner), ...makerParts(trade, market, owner)]
    .filter((part) => part !== undefined)
    .filter((part) => part.quantity > 0n)
    .flatMap((part) => rowsOfPart(part, trade, owner));
}

/** The venue's status word without the prefix that its REST rows may carry. */
export function statusOf({ status }: { readonly status: string }): string {
  return status.toUpperCase().replace(/^(TRADE|ORDER)_STATUS_/, '');
}

/** When the match happened, and when its status last changed; epoch milliseconds. */
export function timesOf(trade: WireTrade): {
  readonly matchedAtMs: number;
  readonly changedAtMs: number;
} {
  const nano = trade.match_time_nano;
  const seconds = trade.match_time ?? trade.matchtime ?? trade.last_update ?? 0;
  const matchedAtMs = nano ? Number(BigInt(nano) / 1_000_000n) : seconds;
  return { matchedAtMs, changedAtMs: Math.max(matchedAtMs, trade.last_update ?? 0) };
}

interface Part {
  readonly venueOrderId: string;
  readonly instrument: Instrument;
  readonly side: Side;
  readonly quantity: Quantity;
  readonly notional: Money;
  readonly fee: Money;
}

function takerPart(trade: WireTrade, market: ClobMarket, owner: Owner): Part | undefined {
  const instrument = instrumentOf(market, trade.asset_id);
  if (!isOurs(trade, owner) || trade.trader_side === 'MAKER' || !instrument) return undefined;
  const side = trade.side === 'BUY' ? 'buy' : 'sell';
  const levels = takenLevels(trade);
  return {
    venueOrderId: trade.taker_order_id,
    instrument,
    side,
    quantity: trade.size,
    notional: levels.map((level) => collateralOf(level, side)).reduce(add, ZERO_MONEY),
    fee: levels
      .map((level) => polymarketFee(market.fees, level.price, level.quantity))
      .reduce(add, ZERO_MONEY),
  };
}

function makerParts(trade: WireTrade, market: ClobMarket, owner: Owner): (Part | undefined)[] {
  return trade.maker_orders
    .filter((maker) => isOurs(maker, owner))
    .map((maker) => {
      const instrument = instrumentOf(market, maker.asset_id);
      const side = makerSide(trade, maker);
      const level = { price: maker.price, quantity: maker.matched_amount };
      return (
        instrument && {
          venueOrderId: maker.order_id,
          instrument,
          side,
          quantity: maker.matched_amount,
          notional: collateralOf(level, side),
          fee: ZERO_MONEY,
        }
      );
    });
}

interface TakenLevel {
  readonly price: Price;
  readonly quantity: Quantity;
}

/** What the taker paid, maker by maker, in the price of its own outcome (NO at p is YES at 1−p). */
function takenLevels(trade: WireTrade): TakenLevel[] {
  const levels = trade.maker_orders.map((maker) => ({
    price: maker.asset_id === trade.asset_id ? maker.price : subtract(ONE_DOLLAR, maker.price),
    quantity: maker.matched_amount,
  }));
  const covered = levels.reduce((sum, level) => sum + level.quantity, 0n);
  // A row that does not list all its makers is read by its own price.
  return covered === trade.size ? levels : [{ price: trade.price, quantity: trade.size }];
}

/** Against its own token a maker stands on the other side; against the other token on the same. */
function makerSide(trade: WireTrade, maker: WireMakerOrder): Side {
  if (maker.side) return maker.side === 'BUY' ? 'buy' : 'sell';
  const isSameToken = maker.asset_id === trade.asset_id;
  return isSameToken === (trade.side === 'BUY') ? 'sell' : 'buy';
}

/** Collateral of a level in dollars: what a buyer pays is rounded up, what a seller gets down. */
const collateralOf = ({ price, quantity }: TakenLevel, side: Side): Money =>
  notional(price, quantity, side === 'buy' ? 'ceil' : 'floor');

function rowsOfPart(part: Part, trade: WireTrade, { account }: Owner): TradeRow[] {
  const { venueOrderId, instrument, side, quantity, fee } = part;
  const { matchedAtMs, changedAtMs } = timesOf(trade);
  const status = statusOf(trade);
  const price = perContract(part.notional, quantity, 'floor');
  const traded = {
    account,
    instrument,
    venueOrderId,
    executionId: trade.id,
    side,
    quantity,
    price,
    fee,
  };
  const cash = side === 'buy' ? negate(add(part.notional, fee)) : subtract(part.notional, fee);
  const finality = status === 'CONFIRMED' ? 'final' : 'provisional';
  const fill: Fill = { kind: 'fill', ...traded, cash, atMs: matchedAtMs, finality };
  if (status !== 'FAILED') return [fill];
  return [fill, { kind: 'reversal', ...traded, cash: negate(cash), atMs: changedAtMs }];
}

function isOurs(
  {
    owner,
    maker_address: address,
  }: { owner?: string | undefined; maker_address?: string | undefined },
  us: Owner,
): boolean {
  return owner === us.apiKey || address?.toLowerCase() === us.address.toLowerCase();
}
