import type { Money, Quantity } from '../../domain/index.js';
import { add, assert, negate, subtract, ZERO_MONEY, ZERO_QUANTITY } from '../../domain/index.js';
import type { Holding } from './account-book.js';
import { moved, movedBack, NOTHING_HELD } from './account-book.js';
import { CROWD, quoteNamed } from './crowd.js';
import type { AcceptedOrder, FailureTimes, LedgerRow } from './ledger-row.js';
import { Lists } from './lists.js';
import type { OrderState, SimulatedOrder } from './order.js';
import type { SimulatedOrderGroup } from './order-group.js';
import { type Payout, yesPaysOf } from './payout.js';
import { TakenQuotes } from './taken-quotes.js';
import type {
  SimulatedSetChange,
  SimulatedSettlement,
  SimulatedTrade,
  TradePart,
  TradeStatus,
} from './trade.js';
import type { VenueRules } from './venue-rules.js';

interface Account {
  cash: Money;
  readonly holdings: Map<string, Holding>;
}

const FINAL_STATUSES: ReadonlySet<TradeStatus> = new Set(['CONFIRMED', 'FAILED']);
export const isFinal = (status: TradeStatus): boolean => FINAL_STATUSES.has(status);

/**
 * Everything the exchange knows, as the sum of its ledger rows. `apply` is the only way in, for a
 * running exchange and for one that reads its ledger after a restart: so both know the same.
 */
export class ExchangeState {
  readonly orders = new Map<string, SimulatedOrder>();
  readonly byClientKey = new Map<string, SimulatedOrder['venueOrderId']>();
  readonly openOrders = new Set<string>();
  readonly trades = new Map<string, SimulatedTrade>();
  readonly pendingTrades = new Set<string>();
  /** Trades that will fail, by an injected fault. */
  readonly failingTrades = new Map<string, FailureTimes>();
  readonly settlements: SimulatedSettlement[] = [];
  readonly setChanges: SimulatedSetChange[] = [];
  /** Markets that were closed before their time. */
  readonly closedEarly = new Set<string>();
  /** Events that were decided other than the script has it. */
  readonly decisions = new Map<string, Payout>();
  /** Markets that have paid or can be redeemed. */
  readonly payouts = new Map<string, Payout>();
  /** Of those, the ones where somebody may still hold shares. */
  readonly redeemable = new Set<string>();
  hasRedemptionsHeldBack = false;
  readonly groups = new Map<string, SimulatedOrderGroup>();
  /** What each group has traded since it was last counted anew, oldest first. */
  readonly groupFills = new Lists<{ readonly atMs: number; readonly quantity: Quantity }>();
  readonly taken = new TakenQuotes();
  readonly faultCounts = new Map<string, number>();
  readonly feesCharged = { fees: ZERO_MONEY };
  isOpened = false;
  private readonly accounts = new Map<string, Account>();
  private readonly orderIds = new Lists<string>();
  private readonly tradeIds = new Lists<string>();
  private readonly partsOfOrder = new Lists<TradePart>();

  private readonly rules: VenueRules;

  constructor(rules: VenueRules) {
    this.rules = rules;
  }

  apply(row: LedgerRow): void {
    switch (row.kind) {
      case 'opened':
        this.isOpened = true;
        for (const { account, cash } of row.accounts) this.account(account).cash = cash;
        return;
      case 'order':
        this.accept(row.order);
        return;
      case 'order_status':
        this.setOrderState(row.venueOrderId, row.state, row.atMs);
        return;
      case 'trade':
        this.trade(row.trade);
        return;
      case 'trade_status':
        this.setTradeStatus(row.tradeId, row.status, row.atMs);
        return;
      case 'reversal':
        this.reverse(row.market, row.parts);
        return;
      case 'settlement':
        this.settle(row.settlement);
        return;
      case 'market_settled':
        this.payouts.set(row.market, {
          yesPays: row.price ?? yesPaysOf(row.winner ?? 'no'),
          atMs: row.atMs,
        });
        this.redeemable.add(row.market);
        return;
      case 'market_closed':
        this.closedEarly.add(row.market);
        return;
      case 'market_decided':
        this.decisions.set(row.market, { yesPays: row.price, atMs: row.atMs });
        return;
      case 'redemptions':
        this.hasRedemptionsHeldBack = row.isHeldBack;
        return;
      case 'set_change':
        this.changeSets(row.change);
        return;
      case 'order_group':
        this.groups.set(row.group.groupId, row.group);
        return;
      case 'order_group_counted_anew':
        this.groupFills.delete(row.groupId);
        return;
      case 'order_group_deleted':
        this.groups.delete(row.groupId);
        this.groupFills.delete(row.groupId);
        return;
      case 'fault':
        this.faultCounts.set(row.fault, (this.faultCounts.get(row.fault) ?? 0) + 1);
        if (row.tradeId !== undefined) {
          this.failingTrades.set(row.tradeId, row.failsAfterMs ?? {});
        }
        for (const quote of row.pulled ?? [])
          this.taken.take(row.market, { ...quote, atMs: row.atMs });
        return;
    }
  }

  hasAccount(account: string): boolean {
    return this.accounts.has(account);
  }

  accountNames(): readonly string[] {
    return [...this.accounts.keys()];
  }

  cash(account: string): Money {
    return this.accounts.get(account)?.cash ?? ZERO_MONEY;
  }

  holding(account: string, market: string): Holding {
    return this.accounts.get(account)?.holdings.get(market) ?? NOTHING_HELD;
  }

  holdings(account: string): ReadonlyMap<string, Holding> {
    return this.accounts.get(account)?.holdings ?? new Map<string, Holding>();
  }

  /** Oldest first: of an account, or of an account in one market. */
  orderIdsOf(account: string, market?: string): readonly string[] {
    return this.orderIds.of(listKey(account, market));
  }

  tradeIdsOf(account: string, market?: string): readonly string[] {
    return this.tradeIds.of(listKey(account, market));
  }

  /** What an order has got so far, in order. */
  partsOf(venueOrderId: string): readonly TradePart[] {
    return this.partsOfOrder.of(venueOrderId);
  }

  order(venueOrderId: string): SimulatedOrder {
    const order = this.orders.get(venueOrderId);
    assert(order !== undefined, `the ledger knows order ${venueOrderId}`);
    return order;
  }

  tradeById(tradeId: string): SimulatedTrade {
    const trade = this.trades.get(tradeId);
    assert(trade !== undefined, `the ledger knows trade ${tradeId}`);
    return trade;
  }

  /** Parts of this account in trades that may still fail. */
  pendingParts(account: string): readonly { market: string; part: TradePart }[] {
    return [...this.pendingTrades].flatMap((tradeId) => {
      const { market, parts } = this.tradeById(tradeId);
      return parts.filter((part) => part.account === account).map((part) => ({ market, part }));
    });
  }

  private account(name: string): Account {
    const account = this.accounts.get(name) ?? { cash: ZERO_MONEY, holdings: new Map() };
    this.accounts.set(name, account);
    return account;
  }

  private accept(accepted: AcceptedOrder): void {
    const { venueOrderId, clientKey, account, createdAtMs } = accepted;
    this.orders.set(venueOrderId, {
      ...accepted,
      state: 'working',
      filledQuantity: ZERO_QUANTITY,
      filledNotional: ZERO_MONEY,
      fees: ZERO_MONEY,
      updatedAtMs: createdAtMs,
    });
    this.byClientKey.set(clientKey, venueOrderId);
    this.openOrders.add(venueOrderId);
    this.orderIds.add(listKey(account), venueOrderId);
    this.orderIds.add(listKey(account, accepted.market), venueOrderId);
  }

  private setOrderState(venueOrderId: string, state: OrderState, atMs: number): void {
    const order = { ...this.order(venueOrderId), state, updatedAtMs: atMs };
    delete order.executesAtMs; // whatever its state is now, it is not waiting to be executed
    this.orders.set(venueOrderId, order);
    if (state !== 'working') this.openOrders.delete(venueOrderId);
  }

  private trade(trade: SimulatedTrade): void {
    assert(!this.trades.has(trade.tradeId), `trade ${trade.tradeId} happens once`);
    this.trades.set(trade.tradeId, trade);
    if (!isFinal(trade.status)) this.pendingTrades.add(trade.tradeId);
    for (const part of trade.parts) this.book(trade, part);
    for (const account of new Set(trade.parts.map((part) => part.account))) {
      this.tradeIds.add(listKey(account), trade.tradeId);
      this.tradeIds.add(listKey(account, trade.market), trade.tradeId);
    }
  }

  private book({ market, atMs }: SimulatedTrade, part: TradePart): void {
    const account = this.account(part.account);
    account.cash = add(account.cash, part.cash);
    const before = this.holding(part.account, market);
    account.holdings.set(market, moved(before, part, this.rules.nets));
    this.feesCharged.fees = add(this.feesCharged.fees, part.fee);
    if (part.account !== CROWD) this.fill(part, atMs);
    else
      this.taken.take(market, { ...quoteNamed(part.venueOrderId), quantity: part.quantity, atMs });
  }

  private fill(part: TradePart, atMs: number): void {
    const order = this.order(part.venueOrderId);
    this.partsOfOrder.add(part.venueOrderId, part);
    const { orderGroupId } = order;
    if (orderGroupId !== undefined) {
      this.groupFills.add(orderGroupId, { atMs, quantity: part.quantity });
    }
    const filledQuantity = add(order.filledQuantity, part.quantity);
    this.orders.set(order.venueOrderId, {
      ...order,
      filledQuantity,
      filledNotional: add(order.filledNotional, part.gross),
      fees: add(order.fees, part.fee),
      updatedAtMs: atMs,
    });
    if (filledQuantity >= order.quantity) this.setOrderState(order.venueOrderId, 'filled', atMs);
  }

  private setTradeStatus(tradeId: string, status: TradeStatus, atMs: number): void {
    this.trades.set(tradeId, { ...this.tradeById(tradeId), status, updatedAtMs: atMs });
    if (isFinal(status)) this.pendingTrades.delete(tradeId);
  }

  private reverse(market: string, parts: readonly TradePart[]): void {
    for (const part of parts) {
      const account = this.account(part.account);
      account.cash = subtract(account.cash, part.cash);
      const before = this.holding(part.account, market);
      account.holdings.set(market, movedBack(before, part, this.rules.nets));
      this.feesCharged.fees = add(this.feesCharged.fees, negate(part.fee));
    }
  }

  private settle(settlement: SimulatedSettlement): void {
    const { account: name, market, outcome, quantity, cash } = settlement;
    const account = this.account(name);
    account.cash = add(account.cash, cash);
    const holding = this.holding(name, market);
    const left = { ...holding, [outcome]: subtract(holding[outcome], quantity) };
    if (left.yes === 0n && left.no === 0n) account.holdings.delete(market);
    else account.holdings.set(market, left);
    this.settlements.push(settlement);
  }

  private changeSets(change: SimulatedSetChange): void {
    const { how, account: name, market, quantity, cash } = change;
    const account = this.account(name);
    account.cash = add(account.cash, cash);
    const { yes, no } = this.holding(name, market);
    const moved = how === 'split' ? quantity : negate(quantity);
    account.holdings.set(market, { yes: add(yes, moved), no: add(no, moved) });
    this.setChanges.push(change);
  }
}

const listKey = (account: string, market = ''): string => `${account}\n${market}`;
