import { describe, expect, test } from 'vitest';
import { formatAmount } from '../../domain/money.js';
import { bookHash, createTokenBook, type TokenBook } from '../../venues/polymarket/token-book.js';
import type { WireBook } from '../../venues/polymarket/wire.js';
import { rain } from './desk.js';

const instrument = { venue: 'polymarket', market: rain.market, outcome: 'yes' } as const;

/** "0.50x10 0.51x5" as the venue's levels. */
const levels = (text: string) =>
  text
    .split(' ')
    .filter((part) => part !== '')
    .map((part) => {
      const [price = '', size = ''] = part.split('x');
      return { price, size };
    });

function fullBook(bids: string, asks: string, hash?: string): WireBook {
  const book: WireBook = {
    market: rain.market,
    asset_id: '1111',
    timestamp: '1',
    hash: '',
    bids: levels(bids),
    asks: levels(asks),
    tick_size: '0.01',
  };
  return { ...book, hash: hash ?? bookHash(book) };
}

const change = (side: 'BUY' | 'SELL', text: string, hash?: string) =>
  levels(text).map((level) => ({
    ...{ asset_id: '1111', side, ...level },
    ...(hash === undefined ? {} : { hash }),
  }));

/** "0.51x5 0.50x10 | 0.53x7", best first, with " gap" where it must not be priced from. */
function picture(book: TokenBook): string {
  const seen = book.book(0);
  if (!seen) return 'nothing';
  const side = (of: typeof seen.bids) =>
    of.map((level) => `${formatAmount(level.price)}x${formatAmount(level.quantity)}`).join(' ');
  return `${side(seen.bids)} | ${side(seen.asks)}${seen.hasGap ? ' gap' : ''}`;
}

describe('a book', () => {
  test('is nothing before the first full one', () => {
    const book = createTokenBook(instrument);
    expect(book.change(change('BUY', '0.5x1'), '2')).toBe('empty');
    expect(picture(book)).toBe('nothing');
    expect(book.hasGap).toBe(true);
  });

  test('is read best level first, whatever order it came in', () => {
    const book = createTokenBook(instrument);
    expect(book.replace(fullBook('0.50x10 0.51x5', '0.55x1 0.53x7'))).toBe('whole');
    expect(picture(book)).toBe('0.51x5 0.5x10 | 0.53x7 0.55x1');
    book.replace(fullBook('0.51x5 0.50x10', '0.53x7 0.55x1'));
    expect(picture(book)).toBe('0.51x5 0.5x10 | 0.53x7 0.55x1');
  });

  test('follows absolute sizes: a level is set, changed, and taken away by 0', () => {
    const book = createTokenBook(instrument);
    book.replace(fullBook('0.50x10', '0.53x7'));
    expect(book.change(change('BUY', '0.51x5'), '2')).toBe('whole');
    expect(book.change(change('SELL', '0.53x2'), '3')).toBe('whole');
    expect(book.change(change('BUY', '0.5x0'), '4')).toBe('whole');
    expect(picture(book)).toBe('0.51x5 | 0.53x2');
  });

  test('that crosses has lost a message, and stays so until a full book comes', () => {
    const book = createTokenBook(instrument);
    book.replace(fullBook('0.50x10', '0.53x7'));
    expect(book.change(change('BUY', '0.53x1'), '2')).toBe('crossed');
    expect(book.change(change('BUY', '0.53x0'), '3')).toBe('empty');
    expect(picture(book)).toBe('0.5x10 | 0.53x7 gap');
    book.replace(fullBook('0.50x10', '0.53x7'));
    expect(picture(book)).toBe('0.5x10 | 0.53x7');
  });

  test('whose hash is not ours has lost a message', () => {
    const book = createTokenBook(instrument);
    book.replace(fullBook('0.50x10', '0.53x7'));
    const right = bookHash({ ...fullBook('0.50x10 0.51x5', '0.53x7'), timestamp: '2' });
    expect(book.change(change('BUY', '0.51x5', right), '2')).toBe('whole');
    expect(book.change(change('BUY', '0.51x6', right), '3')).toBe('hash_mismatch');
    expect(book.hasGap).toBe(true);
  });

  test('changes by all the levels of one event before its hash is looked at', () => {
    const book = createTokenBook(instrument);
    book.replace(fullBook('0.50x10', '0.53x7'));
    const right = bookHash({ ...fullBook('0.49x1 0.50x10 0.51x5', '0.53x7'), timestamp: '2' });
    expect(book.change(change('BUY', '0.51x5 0.49x1', right), '2')).toBe('whole');
    expect(book.change(change('BUY', '0.51x9', right), '3')).toBe('hash_mismatch');
  });

  test('is not judged by hashes that were never ours: they may mean something else', () => {
    const strange = createTokenBook(instrument);
    strange.replace(fullBook('0.50x10', '0.53x7', 'made otherwise'));
    expect(strange.change(change('BUY', '0.51x5', 'made otherwise, too'), '2')).toBe('whole');
    const known = createTokenBook(instrument);
    known.replace(fullBook('0.50x10', '0.53x7'));
    expect(known.change(change('BUY', '0.51x5', 'of the order, not of the book'), '2')).toBe(
      'whole',
    );
    expect(known.change(change('BUY', '0.51x6', 'of another order'), '3')).toBe('whole');
  });

  test('after a lost connection stands, but is not priced from', () => {
    const book = createTokenBook(instrument);
    book.replace(fullBook('0.50x10', '0.53x7'));
    book.lose();
    expect(picture(book)).toBe('0.5x10 | 0.53x7 gap');
    expect(book.change(change('BUY', '0.51x5'), '2')).toBe('empty');
  });

  test('with a size that is no number is not priced from', () => {
    const book = createTokenBook(instrument);
    book.replace(fullBook('0.50x10', '0.53x7'));
    expect(book.change(change('BUY', '0.51xmany'), '2')).toBe('unreadable');
    expect(book.hasGap).toBe(true);
  });

  test('one-sided or empty is a book all the same', () => {
    const book = createTokenBook(instrument);
    expect(book.replace(fullBook('', '0.53x7'))).toBe('whole');
    expect(picture(book)).toBe(' | 0.53x7');
    expect(book.replace(fullBook('', ''))).toBe('whole');
  });
});
