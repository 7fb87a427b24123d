import type { Market, Money, Outcome, Price, Quantity, VenueName } from '../../domain/index.js';
import { assert, ONE_DOLLAR, subtract, ZERO_QUANTITY } from '../../domain/index.js';
import type { BookChange, ExchangeEvent, SimulatedMarket } from './exchange.js';
import { ExchangeState } from './exchange-state.js';
import type { Faults } from './faults.js';
import type { Ledger } from './ledger.js';
import type { LedgerRow } from './ledger-row.js';
import type { CrowdQuotes, MarketScript, ScriptedMarket } from './market-script.js';
import type { BookSide } from './order-book.js';
import { OrderBook } from './order-book.js';
import { yesPaysOf } from './payout.js';
import type { StaleBalances } from './stale-view.js';
import type { VenueRules } from './venue-rules.js';

/** What an exchange is opened with: time, files and luck are handed in. */
export interface ExchangeOptions {
  readonly venue: VenueName;
  readonly seed: number;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly ledger: Ledger;
  /** Our accounts and their first cash; a ledger that exists already knows better. */
  readonly accounts: readonly { readonly account: string; readonly cash: Money }[];
  readonly script: MarketScript;
  readonly faults: Faults;
  readonly rules: VenueRules;
}

interface ListedMarket {
  readonly scripted: ScriptedMarket;
  state: SimulatedMarket['state'];
  readonly book: OrderBook;
  /** Of the last published book event. */
  sequence: number;
  readonly published: Record<BookSide, Map<bigint, Quantity>>;
  /** The book's version then. */
  publishedVersion: number;
  /** From what the crowd's quotes in the book were made; unchanged, they stand as they are. */
  quotedFrom?: { readonly quotes: CrowdQuotes; readonly takenVersion: number };
}

/**
 * What every operation of the exchange works on: the state, the books and the ledger. Rows that
 * are written take effect at once and reach the ledger together, when the operation is committed;
 * nobody outside hears of them before.
 */
export class TradingFloor {
  readonly options: ExchangeOptions;
  readonly state: ExchangeState;
  readonly markets = new Map<string, ListedMarket>();
  /** Markets that are not settled: the only ones where anything can happen. */
  readonly live = new Set<string>();
  /** Accounts whose balances the venue tells as they were. */
  readonly stale = new Map<string, StaleBalances>();
  /** Orders that are canceled and will be matched all the same; when. */
  readonly undead = new Map<string, number>();
  private readonly listeners = new Set<(event: ExchangeEvent) => void>();
  private rows: LedgerRow[] = [];
  private events: ExchangeEvent[] = [];

  constructor(options: ExchangeOptions) {
    this.options = options;
    this.state = new ExchangeState(options.rules);
    for (const { row } of options.ledger.lines) {
      if (row.kind === 'opened') assertSameWorld(row, options);
      this.state.apply(row);
    }
  }

  /** Writes down a fact, and believes it. */
  write(row: LedgerRow): void {
    this.state.apply(row);
    this.rows.push(row);
    this.events.push(...this.eventsOf(row));
  }

  /** Tells the listeners of something that is no fact of an account. */
  tell(event: ExchangeEvent): void {
    this.events.push(event);
  }

  /** Ends an operation: to the ledger first, then to whoever listens. */
  commit(): void {
    for (const market of this.live) this.publishBook(market);
    const { rows, events } = this;
    this.rows = [];
    this.events = [];
    this.options.ledger.append(rows);
    for (const event of events) for (const listener of this.listeners) listener(event);
  }

  listen(listener: (event: ExchangeEvent) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  list(scripted: ScriptedMarket): void {
    const { market } = scripted.market;
    this.markets.set(market, {
      scripted,
      state: 'open',
      book: new OrderBook(),
      sequence: 0,
      published: { bid: new Map(), ask: new Map() },
      publishedVersion: 0,
    });
    this.live.add(market);
    this.tell({ kind: 'market', market: this.view(market) });
  }

  setMarketState(market: string, state: SimulatedMarket['state']): void {
    const listed = this.listed(market);
    if (listed.state === state) return;
    listed.state = state;
    this.tell({ kind: 'market', market: this.view(market) });
    if (state !== 'settled') return;
    this.publishBook(market);
    this.live.delete(market);
  }

  listed(market: string): ListedMarket {
    const listed = this.markets.get(market);
    assert(listed !== undefined, `market ${market} is listed`);
    return listed;
  }

  marketOf(market: string): Market {
    return this.listed(market).scripted.market;
  }

  view(market: string): SimulatedMarket {
    const { scripted, state } = this.listed(market);
    if (state !== 'settled') return { market: scripted.market, state };
    // A market that nobody held has no payout of its own: it ended as its script has it.
    const yesPays = this.state.payouts.get(market)?.yesPays ?? yesPaysOf(scripted.winner);
    return { market: scripted.market, state, yesPays, ...winnerOf(yesPays) };
  }

  private eventsOf(row: LedgerRow): readonly ExchangeEvent[] {
    const { state } = this;
    switch (row.kind) {
      case 'order':
        return [{ kind: 'order', order: state.order(row.order.venueOrderId) }];
      case 'order_status':
        return [{ kind: 'order', order: state.order(row.venueOrderId) }];
      case 'trade':
        return [
          { kind: 'trade', trade: row.trade },
          ...row.trade.parts.flatMap(({ venueOrderId }) => this.orderEvent(venueOrderId)),
        ];
      case 'trade_status':
        return [{ kind: 'trade', trade: state.tradeById(row.tradeId) }];
      case 'settlement':
        return [{ kind: 'settlement', settlement: row.settlement }];
      case 'opened':
      case 'reversal':
      case 'market_closed':
      case 'market_decided':
      case 'market_settled':
      case 'redemptions':
      case 'set_change':
      case 'order_group':
      case 'order_group_counted_anew':
      case 'order_group_deleted':
      case 'fault':
        return [];
    }
  }

  /** Nothing for an order of the crowd: it has no reports. */
  private orderEvent(venueOrderId: string): readonly ExchangeEvent[] {
    const order = this.state.orders.get(venueOrderId);
    return order ? [{ kind: 'order', order }] : [];
  }

  private publishBook(market: string): void {
    const listed = this.listed(market);
    if (listed.publishedVersion === listed.book.version) return;
    listed.publishedVersion = listed.book.version;
    const changes = [...changesOf(listed, 'bid'), ...changesOf(listed, 'ask')];
    if (changes.length === 0) return;
    listed.sequence += 1;
    const atMs = this.options.now();
    this.tell({ kind: 'book', market, sequence: listed.sequence, atMs, changes });
  }
}

/** Where both outcomes were paid nobody has won. */
function winnerOf(yesPays: Price): { readonly winner?: Outcome } {
  if (yesPays === ONE_DOLLAR) return { winner: 'yes' };
  return yesPays === 0n ? { winner: 'no' } : {};
}

/** With another seed the markets of the ledger would not be listed, and its trades never end. */
function assertSameWorld(
  row: Extract<LedgerRow, { readonly kind: 'opened' }>,
  { venue, seed }: ExchangeOptions,
): void {
  assert(row.venue === venue, `the ledger of ${row.venue} is not that of ${venue}`);
  assert(row.seed === seed, `a ledger of seed ${row.seed} cannot go on with seed ${seed}`);
}

/** What differs from the last published book; publishing it is remembered here. */
function changesOf({ book, published }: ListedMarket, side: BookSide): readonly BookChange[] {
  const before = published[side];
  const now = new Map(book.levels(side).map((level) => [level.price, level.quantity]));
  const prices = new Set([...before.keys(), ...now.keys()]);
  const changes = [...prices].flatMap((price): readonly BookChange[] => {
    const quantity = now.get(price as BookChange['price']) ?? ZERO_QUANTITY; // keys are its prices
    const delta = subtract(quantity, before.get(price) ?? ZERO_QUANTITY);
    return delta === 0n ? [] : [{ side, price: price as BookChange['price'], quantity, delta }]; // as above
  });
  published[side] = now;
  return changes;
}
