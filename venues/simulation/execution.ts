import type { Money, Quantity } from '../../domain/index.js';
import {
  add,
  assert,
  negate,
  notional,
  perContract,
  subtract,
  ZERO_MONEY,
} from '../../domain/index.js';
import { cashOf } from './account-book.js';
import { feeOf } from './charges.js';
import { CROWD } from './crowd.js';
import { drawHex } from './draws.js';
import type { AcceptedOrder } from './ledger-row.js';
import type { Match, RestingOrder } from './order-book.js';
import { matchedQuantity, mirrored } from './order-book.js';
import type { SimulatedTrade, TradePart } from './trade.js';
import type { TradingFloor } from './trading-floor.js';

/** Who trades: an order of an account, or the crowd itself. */
export type Trader = Pick<
  AcceptedOrder,
  'account' | 'venueOrderId' | 'clientKey' | 'market' | 'outcome' | 'side'
>;

/**
 * Trades what was matched: takes it off the book, writes the trades and, where the seed says so,
 * that they will fail. Returns the trades, one per maker or one for all, as the venue does.
 */
export function trade(
  floor: TradingFloor,
  taker: Trader,
  found: readonly Match[],
): readonly SimulatedTrade[] {
  const groups = floor.options.rules.hasOneTradePerTaker ? [found] : found.map((match) => [match]);
  return groups.filter((group) => group.length > 0).map((group) => tradeOnce(floor, taker, group));
}

function tradeOnce(floor: TradingFloor, taker: Trader, group: readonly Match[]): SimulatedTrade {
  const { state, options } = floor;
  const { book } = floor.listed(taker.market);
  const sequence = state.trades.size + 1;
  const atMs = options.now();
  const tradeId = drawHex(options.seed, 'trade', options.venue, sequence);
  const made: SimulatedTrade = {
    tradeId,
    market: taker.market,
    status: options.rules.confirmation ? 'MATCHED' : 'CONFIRMED',
    atMs,
    updatedAtMs: atMs,
    parts: [
      partOf(floor, { role: 'taker', trader: taker, group }),
      ...group.map((match) => makerPart(floor, taker.market, match)),
    ],
    sequence,
  };
  assert(isBalanced(made), 'what one side of a trade gets the other side gives');
  for (const { maker, quantity } of group) {
    book.reduce(maker.bookSide, maker.venueOrderId, quantity);
  }
  floor.write({ kind: 'trade', atMs, trade: made });
  failLater(floor, made);
  return made;
}

function makerPart(floor: TradingFloor, market: string, match: Match): TradePart {
  const trader = { ...match.maker, market };
  return partOf(floor, { role: 'maker', trader, group: [match] });
}

interface PartOf {
  readonly role: TradePart['role'];
  readonly trader: Trader;
  readonly group: readonly Match[];
}

function partOf(floor: TradingFloor, { role, trader, group }: PartOf): TradePart {
  const { market, account, venueOrderId, clientKey, outcome, side } = trader;
  const quantity = matchedQuantity(group);
  const paid = group
    .map((match) => notionalOf(trader, match.maker, match.quantity))
    .reduce(add, ZERO_MONEY);
  const fee = feesOf(floor, { role, trader, group });
  const part = { outcome, side, quantity, gross: paid };
  const holding = floor.state.holding(account, market);
  const cash = subtract(cashOf(part, holding, floor.options.rules.nets), fee);
  const price = perContract(paid, quantity, 'floor');
  return { role, account, venueOrderId, clientKey, ...part, price, fee, cash };
}

function feesOf(floor: TradingFloor, { role, trader, group }: PartOf): Money {
  const market = floor.marketOf(trader.market);
  const earlier = floor.state.partsOf(trader.venueOrderId);
  // The crowd pays no fees: its money is not what is simulated.
  if (trader.account === CROWD) return ZERO_MONEY;
  return group
    .map(({ maker, quantity }) => {
      const price = mirrored(trader.outcome, maker.yesPrice);
      const fill = { role, side: trader.side, price, quantity, earlier };
      return feeOf(market, floor.options.rules, fill);
    })
    .reduce(add, ZERO_MONEY);
}

/** Lots and ticks are coarse enough that a trade's dollars are exact: nothing is lost by rounding. */
function notionalOf(trader: Trader, maker: RestingOrder, quantity: Quantity): Money {
  const price = mirrored(trader.outcome, maker.yesPrice);
  const paid = notional(price, quantity, 'floor');
  assert(paid === notional(price, quantity, 'ceil'), 'a trade costs an exact sum');
  return paid;
}

/** Contracts that come into being have their dollar paid in, and those that end have it paid out. */
function isBalanced({ parts }: SimulatedTrade): boolean {
  const change = (of: TradePart) => (of.side === 'buy' ? of.quantity : negate(of.quantity));
  const yes = parts.filter((part) => part.outcome === 'yes').map(change);
  const no = parts.filter((part) => part.outcome === 'no').map(change);
  const sum = (amounts: readonly bigint[]) => amounts.reduce((total, item) => total + item, 0n);
  const paid = parts.map((part) => (part.side === 'buy' ? part.gross : negate(part.gross)));
  return sum(yes) === sum(no) && sum(yes) === sum(paid);
}

/** Whether a provisional trade will fail is drawn from the order of ours that is in it. */
function failLater(floor: TradingFloor, { tradeId, market, parts, atMs }: SimulatedTrade): void {
  const { rules, faults } = floor.options;
  const ours = parts.find((part) => part.account !== CROWD);
  if (!ours || !rules.confirmation) return;
  const { account, side, clientKey, venueOrderId } = ours;
  const subject = { operation: 'place', atMs, account, market, side, clientKey } as const;
  const failed = faults.strike('failed_settlement', subject);
  if (!failed) return;
  const { kind: fault, ...failsAfterMs } = failed;
  const order = { account, market, clientKey, venueOrderId };
  floor.write({ kind: 'fault', atMs, fault, ...order, tradeId, failsAfterMs });
}
