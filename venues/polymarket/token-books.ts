import { assert } from '../../domain/assert.js';
import type { Book } from '../../domain/book.js';
import { type Instrument, instrumentKey, type Market } from '../../domain/instrument.js';
import type { Price } from '../../domain/money.js';
import { tokenOf } from './prepare-order.js';
import { type BookHealth, createTokenBook, type TokenBook } from './token-book.js';
import {
  bookShape,
  marketResolvedShape,
  priceChangeShape,
  type StreamEvent,
  tickSizeChangeShape,
  type WireBook,
  type WirePriceChange,
  type WireTickChange,
} from './wire.js';

/** What an event of the market channel did to the books. */
export interface BooksChange {
  readonly changed: readonly Instrument[];
  /** Tokens whose full book is needed. */
  readonly lost: readonly string[];
  /** Tokens of a market that is over: nothing more will be said of them. */
  readonly gone: readonly string[];
}

interface Followed {
  readonly book: TokenBook;
  /** The tick of the market as it was subscribed to. */
  tick: Price;
  /** The tick that the venue has changed it to since. */
  newTick?: Price;
}

/** The books of everything that is subscribed to, as the stream's events build them. */
export class TokenBooks {
  private readonly byToken = new Map<string, Followed>();
  private readonly byInstrument = new Map<string, Followed>();
  /** Markets that are over are not followed again, though a pair may name them a while longer. */
  private readonly resolved = new Set<string>();

  get tokens(): readonly string[] {
    return [...this.byToken.keys()];
  }

  /** Tokens whose full book is needed. */
  get lost(): readonly string[] {
    return [...this.byToken].filter(([, { book }]) => book.hasGap).map(([token]) => token);
  }

  /** A market whose tick has changed under us is not priced: our orders would be off its grid. */
  find(instrument: Instrument, heardAtMs: number): Book | undefined {
    const followed = this.byInstrument.get(instrumentKey(instrument));
    const book = followed?.book.book(heardAtMs);
    const isOffGrid = followed?.newTick !== undefined && followed.newTick !== followed.tick;
    return book && isOffGrid ? { ...book, hasGap: true } : book;
  }

  /** Returns the tokens that are new; a known market may come with its new tick. */
  add(markets: readonly Market[]): readonly string[] {
    const open = markets.filter(({ market }) => !this.resolved.has(market));
    return open.flatMap(followable).flatMap(({ token, instrument, tick }) => {
      const known = this.byToken.get(token);
      if (known) {
        known.tick = tick;
        return [];
      }
      const followed = { book: createTokenBook(instrument), tick };
      this.byToken.set(token, followed);
      this.byInstrument.set(instrumentKey(instrument), followed);
      return [token];
    });
  }

  /** Anything may have been missed. */
  lose(): BooksChange {
    const books = [...this.byToken.values()].map(({ book }) => book);
    for (const book of books) book.lose();
    return { ...nothing, changed: books.map((book) => book.instrument) };
  }

  apply(event: StreamEvent): BooksChange {
    switch (event.event_type) {
      case 'book':
        return applied(bookShape.safeParse(event), (book) => this.replace(book));
      case 'price_change':
        return applied(priceChangeShape.safeParse(event), (change) => this.change(change));
      case 'tick_size_change':
        return applied(tickSizeChangeShape.safeParse(event), (change) => this.setTick(change));
      case 'market_resolved':
        return applied(marketResolvedShape.safeParse(event), ({ market }) => this.forget(market));
      default:
        return nothing; // last trades and best prices: what the book says is enough
    }
  }

  private replace(full: WireBook): BooksChange {
    const { asset_id: token } = full;
    const book = this.byToken.get(token)?.book;
    return book ? outcomeOf([{ token, book, health: book.replace(full) }]) : nothing;
  }

  private change({ price_changes, timestamp }: WirePriceChange): BooksChange {
    const tokens = [...new Set(price_changes.map((level) => level.asset_id))];
    const touched = tokens.flatMap((token) => {
      const book = this.byToken.get(token)?.book;
      const levels = price_changes.filter((level) => level.asset_id === token);
      return book ? [{ token, book, health: book.change(levels, timestamp) }] : [];
    });
    return outcomeOf(touched);
  }

  private setTick({ asset_id: token, new_tick_size: tick }: WireTickChange): BooksChange {
    const followed = this.byToken.get(token);
    if (!followed) return nothing;
    followed.newTick = tick;
    return { ...nothing, changed: [followed.book.instrument] };
  }

  private forget(market: string): BooksChange {
    this.resolved.add(market);
    const over = [...this.byToken].filter(([, { book }]) => book.instrument.market === market);
    for (const [token, { book }] of over) {
      this.byToken.delete(token);
      this.byInstrument.delete(instrumentKey(book.instrument));
    }
    const changed = over.map(([, { book }]) => book.instrument);
    return { changed, lost: [], gone: over.map(([token]) => token) };
  }
}

interface Touched {
  readonly token: string;
  readonly book: TokenBook;
  readonly health: BookHealth;
}

/** An event of a known kind that cannot be read changes nothing; the next hash or cross tells. */
function applied<Shape>(
  read: { readonly success: boolean; readonly data?: Shape | undefined },
  apply: (shape: Shape) => BooksChange,
): BooksChange {
  return read.data === undefined ? nothing : apply(read.data);
}

function outcomeOf(touched: readonly Touched[]): BooksChange {
  const lost = touched.filter(({ health }) => health !== 'whole').map(({ token }) => token);
  return { changed: touched.map(({ book }) => book.instrument), lost, gone: [] };
}

const nothing: BooksChange = { changed: [], lost: [], gone: [] };

function followable(market: Market) {
  const [band] = market.priceBands;
  assert(band !== undefined, `${market.market} has a price band`);
  return (['yes', 'no'] as const).map((outcome) => {
    const instrument = { venue: 'polymarket', market: market.market, outcome } as const;
    return { token: tokenOf(market, instrument), instrument, tick: band.step };
  });
}
