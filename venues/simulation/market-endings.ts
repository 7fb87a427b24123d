import type { Money, Outcome, Price } from '../../domain/index.js';
import { assert, notional, ONE_DOLLAR, subtract, toMultiple } from '../../domain/index.js';
import { draw, drawHex } from './draws.js';
import { yesPaysOf } from './payout.js';
import { endOrder } from './placement.js';
import type { SimulatedSettlement } from './trade.js';
import type { TradingFloor } from './trading-floor.js';

/**
 * Closes markets at their time and settles those whose event is decided and whose trades are final.
 * Where shares are redeemed (Polymarket), a settled market has paid nobody yet: see `redeemDue`.
 */
export function endMarkets(floor: TradingFloor): void {
  const nowMs = floor.options.now();
  for (const market of [...floor.live]) {
    const { scripted, state } = floor.listed(market);
    if (state === 'open' && scripted.market.closesAtMs <= nowMs) stopTrading(floor, market);
    const yesPays = decided(floor, market);
    if (yesPays !== undefined && !hasPendingTrades(floor, market)) settle(floor, market, yesPays);
  }
  redeemDue(floor);
}

/** Trading is over, before the time that the script has; working orders are canceled. */
export function closeMarket(floor: TradingFloor, market: string): void {
  if (floor.listed(market).state !== 'open') return;
  floor.write({ kind: 'market_closed', atMs: floor.options.now(), market });
  stopTrading(floor, market);
}

/** Closes the market and decides its event; it is settled as soon as its trades are final. */
export function decideMarket(floor: TradingFloor, market: string, price: Price): void {
  assert(floor.listed(market).state !== 'settled', `market ${market} is settled once`);
  closeMarket(floor, market);
  floor.write({ kind: 'market_decided', atMs: floor.options.now(), market, price });
  endMarkets(floor);
}

/** A holder's own transaction: every share of a resolved market becomes what it is worth. */
export function redeemShares(
  floor: TradingFloor,
  account: string,
  market: string,
): readonly SimulatedSettlement[] {
  const { state } = floor;
  const before = state.settlements.length;
  const payout = state.payouts.get(market);
  if (payout) payAccount(floor, account, { market, yesPays: payout.yesPays });
  return state.settlements.slice(before);
}

/** What every outcome of a market pays, once it has paid or can be redeemed. */
export function paysOf(yesPays: Price, outcome: Outcome): Price {
  return outcome === 'yes' ? yesPays : subtract(ONE_DOLLAR, yesPays);
}

function stopTrading(floor: TradingFloor, market: string): void {
  const { state } = floor;
  for (const venueOrderId of [...state.openOrders]) {
    const order = state.order(venueOrderId);
    if (order.market === market) endOrder(floor, order, 'canceled');
  }
  floor.setMarketState(market, 'closed');
}

/** What one YES will pay, as soon as that is decided. */
function decided({ state, markets, options }: TradingFloor, market: string): Price | undefined {
  const decision = state.decisions.get(market);
  if (decision) return decision.yesPays;
  const scripted = markets.get(market)?.scripted;
  if (!scripted || scripted.resolvesAtMs > options.now()) return undefined;
  return yesPaysOf(scripted.winner);
}

function hasPendingTrades({ state }: TradingFloor, market: string): boolean {
  return [...state.pendingTrades].some((tradeId) => state.tradeById(tradeId).market === market);
}

function settle(floor: TradingFloor, market: string, yesPays: Price): void {
  const { state, options } = floor;
  const holders = state.accountNames().filter((account) => isHolder(floor, account, market));
  const isScripted = !state.decisions.has(market);
  // A market that nobody held leaves no row where its script says all there is to say.
  if (holders.length > 0 || !isScripted) {
    const result = isScripted
      ? { winner: floor.listed(market).scripted.winner }
      : { price: yesPays };
    floor.write({ kind: 'market_settled', atMs: options.now(), market, ...result });
  }
  if (!options.rules.redemption) {
    for (const account of holders) payAccount(floor, account, { market, yesPays });
  }
  floor.listed(market).book.clear();
  floor.setMarketState(market, 'settled');
}

/** Shares are redeemed for their holders a while after the resolution, unless that is held back. */
function redeemDue(floor: TradingFloor): void {
  const { state, options } = floor;
  const { redemption } = options.rules;
  for (const market of [...state.redeemable]) {
    const payout = state.payouts.get(market);
    const holders = state.accountNames().filter((account) => isHolder(floor, account, market));
    if (!payout || holders.length === 0) state.redeemable.delete(market);
    else if (redemption && !state.hasRedemptionsHeldBack) {
      const { leastMs, mostMs } = redemption;
      const afterMs = leastMs + draw(options.seed, market, 'redemption') * (mostMs - leastMs);
      if (payout.atMs + afterMs > options.now()) continue;
      for (const account of holders) payAccount(floor, account, { ...payout, market });
    }
  }
}

function payAccount(
  floor: TradingFloor,
  account: string,
  { market, yesPays }: { readonly market: string; readonly yesPays: Price },
): void {
  const { state, options } = floor;
  const atMs = options.now();
  for (const outcome of ['yes', 'no'] as const) {
    const quantity = state.holding(account, market)[outcome];
    if (quantity === 0n) continue;
    const price = paysOf(yesPays, outcome);
    const sequence = state.settlements.length + 1;
    const reference = drawHex(options.seed, 'settlement', options.venue, sequence);
    const cash = wholeCoins(floor, notional(price, quantity, 'floor'));
    const settlement = { reference, account, market, outcome, quantity, price, cash };
    floor.write({ kind: 'settlement', atMs, settlement: { ...settlement, atMs, sequence } });
  }
}

/** Kalshi pays whole cents. */
function wholeCoins({ options }: TradingFloor, cash: Money): Money {
  const { cashPrecision } = options.rules;
  return cashPrecision === undefined ? cash : toMultiple(cash, cashPrecision, 'floor');
}

function isHolder({ state }: TradingFloor, account: string, market: string): boolean {
  const { yes, no } = state.holding(account, market);
  return yes !== 0n || no !== 0n;
}
