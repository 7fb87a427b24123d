import { type Instrument, instrumentKey, type Market } from '../../domain/instrument.js';
import { tokenOf } from './prepare-order.js';
import { type BookHealth, createTokenBook, type TokenBook } from './token-book.js';
import { bookShape, marketResolvedShape, priceChangeShape } from './wire.js';

/** What an event of the market channel did to the books. */
export interface BooksChange {
  readonly changed: readonly Instrument[];
  /** Tokens whose full book is needed. */
  readonly lost: readonly string[];
  /** Tokens of a market that is over: nothing more will be said of them. */
  readonly gone: readonly string[];
}

/** The books of everything that is subscribed to, as the stream's events build them. */
export class TokenBooks {
  private readonly byToken = new Map<string, TokenBook>();
  private readonly byInstrument = new Map<string, TokenBook>();

  get tokens(): readonly string[] {
    return [...this.byToken.keys()];
  }

  /** Tokens that nothing may be priced from. */
  get lost(): readonly string[] {
    return [...this.byToken].filter(([, book]) => book.hasGap).map(([token]) => token);
  }

  find(instrument: Instrument): TokenBook | undefined {
    return this.byInstrument.get(instrumentKey(instrument));
  }

  /** Returns the tokens that are new. */
  add(markets: readonly Market[]): readonly string[] {
    const added = markets.flatMap(instrumentsOf).filter(({ token }) => !this.byToken.has(token));
    for (const { token, instrument } of added) {
      const book = createTokenBook(instrument);
      this.byToken.set(token, book);
      this.byInstrument.set(instrumentKey(instrument), book);
    }
    return added.map(({ token }) => token);
  }

  /** Anything may have been missed. */
  lose(): BooksChange {
    const books = [...this.byToken.values()];
    for (const book of books) book.lose();
    return { ...nothing, changed: books.map((book) => book.instrument) };
  }

  apply(event: unknown): BooksChange {
    const full = bookShape.safeParse(event);
    if (full.success) {
      const { asset_id } = full.data;
      const book = this.byToken.get(asset_id);
      return book
        ? outcomeOf([{ token: asset_id, book, health: book.replace(full.data) }])
        : nothing;
    }
    const change = priceChangeShape.safeParse(event);
    if (change.success) {
      const { timestamp, price_changes } = change.data;
      const touched = price_changes.flatMap((level) => {
        const book = this.byToken.get(level.asset_id);
        return book ? [{ token: level.asset_id, book, health: book.change(level, timestamp) }] : [];
      });
      return outcomeOf(touched);
    }
    const resolved = marketResolvedShape.safeParse(event);
    return resolved.success ? this.forget(resolved.data.market) : nothing;
  }

  private forget(market: string): BooksChange {
    const over = [...this.byToken].filter(([, { instrument }]) => instrument.market === market);
    for (const [token, book] of over) {
      book.lose();
      this.byToken.delete(token);
      this.byInstrument.delete(instrumentKey(book.instrument));
    }
    const changed = over.map(([, book]) => book.instrument);
    return { changed, lost: [], gone: over.map(([token]) => token) };
  }
}

interface Touched {
  readonly token: string;
  readonly book: TokenBook;
  readonly health: BookHealth;
}

function outcomeOf(touched: readonly Touched[]): BooksChange {
  const changed = [...new Set(touched.map(({ book }) => book.instrument))];
  const lost = touched.filter(({ health }) => health !== 'whole').map(({ token }) => token);
  return { changed, lost: [...new Set(lost)], gone: [] };
}

const nothing: BooksChange = { changed: [], lost: [], gone: [] };

function instrumentsOf(market: Market): { token: string; instrument: Instrument }[] {
  return (['yes', 'no'] as const).map((outcome) => {
    const instrument = { venue: 'polymarket', market: market.market, outcome } as const;
    return { token: tokenOf(market, instrument), instrument };
  });
}
