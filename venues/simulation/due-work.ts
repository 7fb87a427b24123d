import type { Level } from '../../domain/index.js';
import { greatest, subtract, ZERO_QUANTITY } from '../../domain/index.js';
import { CROWD, crowdQuote, quoteLimit } from './crowd.js';
import { draw } from './draws.js';
import { trade } from './execution.js';
import { executeJointly, executeUndead } from './late-orders.js';
import { endMarkets } from './market-endings.js';
import type { CrowdQuotes } from './market-script.js';
import type { BookSide, RestingOrder } from './order-book.js';
import { matchedQuantity, matches } from './order-book.js';
import { endOrder, executeOrder } from './placement.js';
import type { Taken } from './taken-quotes.js';
import type { SimulatedTrade, TradeStatus } from './trade.js';
import type { TradingFloor } from './trading-floor.js';
import type { Confirmation, DurationRange } from './venue-rules.js';

/** Does all that time alone brings about, oldest cause first. The caller commits. */
export function doDueWork(floor: TradingFloor): void {
  executeLateOrders(floor);
  expireOrders(floor);
  settleTrades(floor);
  endMarkets(floor);
  for (const market of floor.live) refreshQuotes(floor, market);
}

/** Makes the book show what the crowd quotes now, less what was taken from it a short while ago. */
export function refreshQuotes(floor: TradingFloor, market: string): void {
  const { script, now } = floor.options;
  const listed = floor.listed(market);
  const quotes = listed.state === 'open' ? script.quotes(market, now()) : NO_QUOTES;
  const taken = floor.state.taken.since(market, now() - script.returnsAfterMs);
  const { quotedFrom } = listed;
  if (quotedFrom?.quotes === quotes && quotedFrom.takenVersion === taken.version) return;
  const wanted = [
    ...quotes.bids.map((level) => left('bid', level, taken.quotes)),
    ...quotes.asks.map((level) => left('ask', level, taken.quotes)),
  ];
  withdraw(floor, market, wanted);
  for (const quote of wanted) show(floor, market, quote);
  // What the crowd has traded by showing its quotes has changed what is left of them.
  const { version: takenVersion } = floor.state.taken.since(market, now() - script.returnsAfterMs);
  listed.quotedFrom = { quotes, takenVersion };
}

const NO_QUOTES: CrowdQuotes = { bids: [], asks: [] };

function left(side: BookSide, { price, quantity }: Level, taken: readonly Taken[]): RestingOrder {
  const open = taken
    .filter((quote) => quote.side === side && quote.price === price)
    .reduce((rest, quote) => subtract(rest, quote.quantity), quantity);
  return crowdQuote(side, price, greatest(open, ZERO_QUANTITY));
}

/** Takes away what the crowd does not want any more, before it shows anything new. */
function withdraw(floor: TradingFloor, market: string, quotes: readonly RestingOrder[]): void {
  const { book } = floor.listed(market);
  const wanted = new Map(quotes.map((quote) => [quote.venueOrderId, quote.quantity]));
  for (const side of ['bid', 'ask'] as const) {
    for (const order of [...book.resting(side)]) {
      if (order.account !== CROWD) continue;
      const left = wanted.get(order.venueOrderId) ?? ZERO_QUANTITY;
      if (left < order.quantity) {
        book.reduce(side, order.venueOrderId, subtract(order.quantity, left));
      }
    }
  }
}

/** A quote that crosses an account's resting order trades with it; what is left rests. */
function show(floor: TradingFloor, market: string, quote: RestingOrder): void {
  const { book } = floor.listed(market);
  const shown = book
    .resting(quote.bookSide)
    .find((order) => order.venueOrderId === quote.venueOrderId);
  const missing = subtract(quote.quantity, shown?.quantity ?? ZERO_QUANTITY);
  if (missing <= 0n) return;
  const taker = { ...quote, limitPrice: quoteLimit(quote), quantityMax: missing };
  const found = matches(book, { ...taker, shareStep: floor.options.rules.shareStep });
  if (found.length > 0) trade(floor, { ...quote, market }, found);
  const left = subtract(missing, matchedQuantity(found));
  if (left <= 0n) return;
  // A larger quote goes to the back of its price: it is a new one.
  if (shown) book.remove(quote.venueOrderId);
  book.add({ ...quote, quantity: shown ? quote.quantity : left });
}

function executeLateOrders(floor: TradingFloor): void {
  const nowMs = floor.options.now();
  for (const order of openOrders(floor)) {
    if (order.executesAtMs === undefined || order.executesAtMs > nowMs) continue;
    if (order.late?.jointly === undefined) executeOrder(floor, order);
    else executeJointly(floor, order);
  }
  executeUndead(floor);
}

function expireOrders(floor: TradingFloor): void {
  const nowMs = floor.options.now();
  for (const order of openOrders(floor)) {
    if (order.expiresAtMs !== undefined && order.expiresAtMs <= nowMs) {
      endOrder(floor, order, 'expired');
    }
  }
}

/** Brings every provisional trade to where the seed has it by now. */
function settleTrades(floor: TradingFloor): void {
  const { confirmation } = floor.options.rules;
  if (!confirmation) return;
  for (const tradeId of [...floor.state.pendingTrades]) settleTrade(floor, tradeId, confirmation);
}

function settleTrade(floor: TradingFloor, tradeId: string, confirmation: Confirmation): void {
  const { state, options } = floor;
  const failing = state.failingTrades.get(tradeId);
  const [first, last] = failing
    ? ([
        ['RETRYING', told(failing.retryingMs) ?? confirmation.retrying],
        ['FAILED', told(failing.failedMs) ?? confirmation.failed],
      ] as const)
    : ([
        ['MINED', confirmation.mined],
        ['CONFIRMED', confirmation.confirmed],
      ] as const);
  for (const [status, range] of [first, last]) {
    const made = state.tradeById(tradeId);
    const atMs = made.atMs + afterMatchMs(draw(options.seed, tradeId, status), range);
    const isNews = made.status === 'MATCHED' || (status === last[0] && made.status === first[0]);
    if (isNews && atMs <= options.now()) becomes(floor, made, status);
  }
}

const told = (ms: number | undefined): DurationRange | undefined =>
  ms === undefined ? undefined : { leastMs: ms, mostMs: ms };

function becomes(
  floor: TradingFloor,
  { tradeId, market, parts }: SimulatedTrade,
  status: TradeStatus,
) {
  const atMs = floor.options.now();
  floor.write({ kind: 'trade_status', atMs, tradeId, status });
  if (status === 'FAILED') floor.write({ kind: 'reversal', atMs, tradeId, market, parts });
}

/** Counted from the match, drawn for this trade and status. */
function afterMatchMs(unit: number, { leastMs, mostMs }: DurationRange): number {
  return leastMs + Math.round(unit * (mostMs - leastMs));
}

function openOrders({ state }: TradingFloor) {
  return [...state.openOrders].map((venueOrderId) => state.order(venueOrderId));
}
