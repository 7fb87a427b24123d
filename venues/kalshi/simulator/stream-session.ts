import { z } from 'zod';
import type { BookChange, ExchangeEvent, SimulatedExchange } from '../../simulation/index.js';
import { disturbedReports } from '../../simulation/index.js';
import { priceOf } from '../book-side.js';
import { bidsOf, dollars, fillMessage, fixedPoint, userOrderMessage } from './rows.js';

const command = z.object({
  id: z.number().int(),
  cmd: z.enum(['subscribe', 'unsubscribe', 'update_subscription']),
  params: z
    .object({
      channels: z.array(z.string()).optional(),
      market_ticker: z.string().optional(),
      market_tickers: z.array(z.string()).optional(),
      sids: z.array(z.number().int()).optional(),
      action: z.string().optional(),
    })
    .optional(),
});
type Command = z.infer<typeof command>;
type Params = NonNullable<Command['params']>;

/** Error codes of the venue's stream (reference/venues.md 1.6 and its AsyncAPI text). */
const errors = {
  unreadable: [1, 'Unable to process message'],
  channelsRequired: [3, 'Channels required'],
  unknownSubscription: [7, 'Unknown subscription ID'],
  unknownChannel: [8, 'Unknown channel name'],
  oneSubscription: [12, 'Exactly one subscription ID is required'],
  unsupportedAction: [13, 'Unsupported action'],
  marketRequired: [14, 'Market ticker required'],
  marketNotFound: [16, 'Market not found'],
} as const satisfies Record<string, readonly [code: number, message: string]>;

/** Its own count of messages, as that of the books. Source: docs.kalshi.com, "Order Group Updates". */
const GROUPS = 'order_group_updates';

interface BookSubscription {
  readonly sid: number;
  seq: number;
  /** The last book event that each market's reader has. */
  readonly sequences: Map<string, number>;
}

export interface SessionOptions {
  readonly exchange: SimulatedExchange;
  readonly account: string;
  readonly send: (frame: object) => void;
  /** Asked before each delta: a lost one still counts in `seq`. */
  readonly isLost: () => boolean;
}

/** One client's WebSocket connection: its subscriptions, each with a `sid` of its own. */
export class StreamSession {
  private readonly options: SessionOptions;
  private sids = 0;
  private book: BookSubscription | undefined;
  private readonly private = new Map<'fill' | 'user_orders', number>();
  private groups: { readonly sid: number; seq: number } | undefined;

  private readonly report: ReturnType<typeof disturbedReports>;

  constructor(options: SessionOptions) {
    this.options = options;
    this.report = disturbedReports(options.exchange.faults, options.send);
  }

  take(text: string): void {
    const read = command.safeParse(parsed(text));
    if (!read.success) {
      this.error(0, 'unreadable');
      return;
    }
    const { id, cmd, params = {} } = read.data;
    if (cmd === 'subscribe') this.subscribe(id, params);
    else if (cmd === 'unsubscribe') this.unsubscribe(id, params);
    else this.update(id, params);
  }

  hear(event: ExchangeEvent): void {
    if (event.kind === 'book') this.hearBook(event);
    else if (event.kind === 'trade') this.hearTrade(event);
    else if (event.kind === 'order') this.hearOrder(event);
    else if (event.kind === 'order_group') this.hearGroup(event);
  }

  private subscribe(id: number, params: Params): void {
    const channels = params.channels ?? [];
    if (channels.length === 0) {
      this.error(id, 'channelsRequired');
      return;
    }
    for (const channel of channels) {
      if (channel === 'orderbook_delta') this.subscribeBook(id, tickersOf(params));
      else if (channel === 'fill' || channel === 'user_orders') this.subscribePrivate(id, channel);
      else if (channel === GROUPS) this.subscribeGroups(id);
      else this.error(id, 'unknownChannel');
    }
  }

  private subscribeBook(id: number, tickers: readonly string[]): void {
    const problem = this.tickerProblem(tickers);
    if (problem) {
      this.error(id, problem);
      return;
    }
    this.book ??= { sid: this.nextSid(), seq: 0, sequences: new Map() };
    this.subscribed(id, 'orderbook_delta', this.book.sid);
    for (const ticker of tickers) this.snapshot(ticker);
  }

  private subscribePrivate(id: number, channel: 'fill' | 'user_orders'): void {
    const sid = this.private.get(channel) ?? this.nextSid();
    this.private.set(channel, sid);
    this.subscribed(id, channel, sid);
  }

  /** Markets that are named with it are ignored. */
  private subscribeGroups(id: number): void {
    this.groups ??= { sid: this.nextSid(), seq: 0 };
    this.subscribed(id, GROUPS, this.groups.sid);
  }

  private unsubscribe(id: number, { sids = [] }: Params): void {
    for (const sid of sids) {
      if (this.book?.sid === sid) this.book = undefined;
      if (this.groups?.sid === sid) this.groups = undefined;
      for (const [channel, own] of this.private) if (own === sid) this.private.delete(channel);
      this.options.send({ id, sid, type: 'unsubscribed' });
    }
  }

  private update(id: number, params: Params): void {
    const { sids = [], action } = params;
    const tickers = tickersOf(params);
    const problem = this.updateProblem(sids) ?? this.tickerProblem(tickers);
    if (problem || !this.book) {
      this.error(id, problem ?? 'unknownSubscription');
      return;
    }
    if (action === 'delete_markets') for (const one of tickers) this.book.sequences.delete(one);
    else if (action !== 'add_markets' && action !== 'get_snapshot') {
      this.error(id, 'unsupportedAction');
      return;
    }
    this.counted({ id, type: 'ok', msg: { market_tickers: tickers } });
    if (action !== 'delete_markets') for (const ticker of tickers) this.snapshot(ticker);
  }

  private updateProblem(sids: readonly number[]): keyof typeof errors | undefined {
    if (sids.length !== 1) return 'oneSubscription';
    return this.book !== undefined && sids[0] === this.book.sid ? undefined : 'unknownSubscription';
  }

  private tickerProblem(tickers: readonly string[]): keyof typeof errors | undefined {
    if (tickers.length === 0) return 'marketRequired';
    const isEveryKnown = tickers.every((ticker) => this.options.exchange.market(ticker));
    return isEveryKnown ? undefined : 'marketNotFound';
  }

  private snapshot(ticker: string): void {
    const book = this.options.exchange.book(ticker);
    if (!book || !this.book) return;
    this.book.sequences.set(ticker, book.sequence);
    const { yes, no } = bidsOf(book);
    const msg = { market_ticker: ticker, yes_dollars_fp: yes, no_dollars_fp: no };
    this.counted({ type: 'orderbook_snapshot', msg });
  }

  /** Events that the last snapshot has in it already are not told again. */
  private hearBook(event: ExchangeEvent & { readonly kind: 'book' }): void {
    const told = this.book?.sequences.get(event.market);
    if (!this.book || told === undefined || event.sequence <= told) return;
    this.book.sequences.set(event.market, event.sequence);
    for (const change of event.changes) {
      this.counted({ type: 'orderbook_delta', msg: deltaOf(event, change) }, this.options.isLost());
    }
  }

  private hearTrade({ trade }: ExchangeEvent & { readonly kind: 'trade' }): void {
    const sid = this.private.get('fill');
    if (sid === undefined) return;
    for (const part of trade.parts) {
      if (part.account !== this.options.account) continue;
      const msg = fillMessage(this.options.exchange, trade, part);
      const about = { ...part, market: trade.market, atMs: trade.updatedAtMs };
      this.report({ operation: 'report_trade', ...about }, { type: 'fill', sid, msg });
    }
  }

  private hearOrder({ order }: ExchangeEvent & { readonly kind: 'order' }): void {
    const sid = this.private.get('user_orders');
    if (sid === undefined || order.account !== this.options.account) return;
    const msg = userOrderMessage(order);
    const about = { ...order, atMs: order.updatedAtMs };
    this.report({ operation: 'report_order', ...about }, { type: 'user_order', sid, msg });
  }

  /** The limit is told where it is new. */
  private hearGroup({ change, group }: ExchangeEvent & { readonly kind: 'order_group' }): void {
    if (!this.groups || group.account !== this.options.account) return;
    this.groups.seq += 1;
    const { sid, seq } = this.groups;
    const hasLimit = change === 'created' || change === 'limit_updated';
    const limit = hasLimit ? { contracts_limit_fp: fixedPoint(group.limit) } : {};
    const msg = { event_type: change, order_group_id: group.groupId, ...limit };
    this.options.send({ type: GROUPS, sid, seq, msg });
  }

  private counted(frame: object, isLost = false): void {
    if (!this.book) return;
    this.book.seq += 1;
    if (!isLost) this.options.send({ ...frame, sid: this.book.sid, seq: this.book.seq });
  }

  private subscribed(id: number, channel: string, sid: number): void {
    this.options.send({ id, type: 'subscribed', msg: { channel, sid } });
  }

  private error(id: number, name: keyof typeof errors): void {
    const [code, msg] = errors[name];
    this.options.send({ id, type: 'error', msg: { code, msg } });
  }

  private nextSid(): number {
    this.sids += 1;
    return this.sids;
  }
}

/** A change of an offer of YES at p is one of a bid for NO at 1 − p. */
function deltaOf(event: ExchangeEvent & { readonly kind: 'book' }, change: BookChange) {
  const side = change.side === 'bid' ? 'yes' : 'no';
  return {
    market_ticker: event.market,
    side,
    price_dollars: dollars(priceOf(side, change.price)),
    delta_fp: fixedPoint(change.delta),
    ts_ms: event.atMs,
  };
}

function tickersOf({ market_ticker, market_tickers = [] }: Params): readonly string[] {
  return market_ticker === undefined ? market_tickers : [market_ticker, ...market_tickers];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // not JSON: an unreadable command
  }
}
