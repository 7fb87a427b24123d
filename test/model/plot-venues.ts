import type { ChildOrder } from '../../domain/child-order.js';
import type { Quantity } from '../../domain/money.js';
import type { Evidence, ExitOutcome, SendOutcome } from '../../domain/trade/trade.js';
import type { Refusal } from '../../domain/venue.js';
import type { TradeRow } from '../../domain/venue-entry.js';
import type { Move } from './moves.js';
import type { PlainBook, Said } from './plain-book.js';
import { marketOf } from './plot-orders.js';
import { matchedOf, type TrueOrder, type Truth, venueIdOf } from './truth.js';

const refusals: readonly Refusal[] = ['no_match', 'funds', 'rate', 'terminal', 'market_closed'];

interface Around {
  readonly truth: Truth;
  /** What is said is written down as it is said. */
  readonly book: PlainBook;
  readonly note: (what: string) => void;
  readonly nowMs: () => number;
}

/** The venues of a plot: what becomes of an order there, and what they say of it, true or not. */
export class PlotVenues {
  readonly #around: Around;

  constructor(around: Around) {
    this.#around = around;
  }

  /** The worker died with the answer: all that is left is the id. */
  lose(order: ChildOrder, move: Move): ExitOutcome {
    this.#around.note('exit lost');
    const one = this.#around.truth.arrived(order, marketOf(order.instrument), move.pick % 3 !== 0);
    if (one.isOpen && move.pick % 2 === 0) this.match(one, move);
    this.#around.book.lostExit = order.clientOrderId;
    this.#around.book.said(order.clientOrderId, { kind: 'silence' });
    return { kind: 'unknown', clientOrderId: order.clientOrderId };
  }

  /** An order goes out: what becomes of it, what is answered, and what the book may know of it. */
  send(order: ChildOrder, move: Move): SendOutcome {
    const { clientOrderId } = order;
    const market = marketOf(order.instrument);
    const code = 'TOLD';
    const reason = 'as the plot has it';
    const how = move.twist % 10;
    const silent = how === 2 || how === 3 || how === 5;
    const one = this.#around.truth.arrived(order, market, how > 2);
    if (how === 0) {
      one.isSaidOver = true;
      this.#around.book.said(clientOrderId, { kind: 'definite_no' });
      return { kind: 'notSent', code, reason };
    }
    if (how === 1) {
      one.isSaidOver = true;
      this.#around.book.said(clientOrderId, { kind: 'definite_no' });
      const refusal = chosen(refusals, move.pick) ?? 'rate';
      return { kind: 'refused', refusal, code, reason };
    }
    if (one.isOpen && move.size > 20) this.match(one, how > 6 ? { ...move, size: 100 } : move);
    if (silent) {
      this.#around.note('silence');
      this.#around.book.said(clientOrderId, { kind: 'silence' });
      return { kind: 'unknown', code, reason };
    }
    const state = how === 4 && one.isOpen ? 'working' : one.isOpen ? 'canceled' : 'filled';
    if (state !== 'working') this.over(one);
    const cumulativeQuantity = matchedOf(one);
    const said: Said = { kind: state === 'working' ? 'shown' : 'ended' };
    this.#around.book.said(
      clientOrderId,
      { kind: 'cumulative', quantity: cumulativeQuantity },
      said,
    );
    return { kind: 'accepted', venueOrderId: venueIdOf(order), state, cumulativeQuantity };
  }

  match(one: TrueOrder, { size, twist, pick }: Move): void {
    const { order } = one;
    const most = order.fixed.kind === 'contracts' ? order.fixed.contracts : order.legalMaximum;
    const isNamed = order.instrument.venue === 'polymarket' || pick % 2 === 0;
    const wanted = ((most * BigInt(size)) / 100n) as Quantity; // a part of contracts
    this.#around.truth.trade(one, wanted, {
      better: twist % 3,
      atMs: this.#around.nowMs(),
      isNamed,
    });
  }

  over(one: TrueOrder): void {
    one.isOpen = false;
    one.isSaidOver = true;
  }

  /** What a venue answers when it is asked: the truth, or less than that. */
  answer(clientOrderId: string, { twist, pick }: Move): Evidence[] {
    const one = this.#around.truth.orders.find(
      ({ order }) => order.clientOrderId === clientOrderId,
    );
    if (!one) return [];
    const rows = this.#around.truth.rows([one]);
    const some = rows.filter((_, index) => (index + pick) % 2 === 0);
    if (twist % 4 === 0) return [this.#open(one, some)];
    if (one.hasArrived) {
      const told = truthOf(one);
      if (told !== 'working') this.over(one);
      return [this.found(one, { told, rows: twist % 4 === 1 ? some : rows })];
    }
    if (!this.isSilent(clientOrderId)) return [this.#open(one, [])];
    one.isSaidOver = true;
    return [twist % 4 === 1 ? this.#neverSent(one) : this.absent(one)];
  }

  #open(one: TrueOrder, rows: readonly TradeRow[]): Evidence {
    return { kind: 'open', clientOrderId: one.order.clientOrderId, rows };
  }

  #neverSent(one: TrueOrder): Evidence {
    const { clientOrderId } = one.order;
    one.isSaidOver = true;
    if (this.#around.book.lostExit === clientOrderId) this.#around.book.lostExit = undefined;
    else this.#around.book.said(clientOrderId, { kind: 'definite_no' });
    return { kind: 'neverSent', clientOrderId };
  }

  absent(one: TrueOrder): Evidence {
    const { order } = one;
    this.#remember(order);
    this.#around.book.said(order.clientOrderId, { kind: 'absent' });
    one.isSaidOver = true;
    for (const fill of one.fills) fill.isDenied = true;
    return { kind: 'absent', clientOrderId: order.clientOrderId, order };
  }

  found(one: TrueOrder, { told, rows }: Found): Evidence {
    const { order } = one;
    this.#remember(order);
    if (told !== 'working') one.isSaidOver = true;
    const cumulativeQuantity = matchedOf(one);
    const said: Said = { kind: told === 'working' ? 'shown' : 'ended' };
    const { clientOrderId } = order;
    this.#around.book.said(
      clientOrderId,
      { kind: 'cumulative', quantity: cumulativeQuantity },
      said,
    );
    const venueOrderId = venueIdOf(order);
    return {
      ...{ kind: 'found', clientOrderId, order, venueOrderId },
      ...{ state: told, cumulativeQuantity, rows },
    };
  }

  /** A lost exit has a name again: it is one of the trade's orders. */
  #remember(order: ChildOrder): void {
    if (this.#around.book.lostExit !== order.clientOrderId) return;
    this.#around.book.lostExit = undefined;
    this.#around.book.orders.push(order);
  }

  isSilent(id: string): boolean {
    return this.#around.book.lostExit === id || this.#around.book.isUnknown(id);
  }
}

export interface Found {
  readonly told: 'working' | 'filled' | 'canceled';
  readonly rows: readonly TradeRow[];
}

function truthOf(one: TrueOrder): Found['told'] {
  if (one.isOpen) return 'working';
  const { fixed } = one.order;
  const isFilled = fixed.kind === 'contracts' && matchedOf(one) >= fixed.contracts;
  return isFilled ? 'filled' : 'canceled';
}

export const chosen = <Item>(items: readonly Item[], pick: number): Item | undefined =>
  items[pick % Math.max(items.length, 1)];
