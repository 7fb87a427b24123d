import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { divide, formatAmount, parseAmount } from '../../../domain/money.js';
import { parsed } from '../answers.js';
import type { WireBook } from '../wire.js';
import type { ListedToken } from './listing.js';
import { textOf, type VenueFront } from './venue-front.js';

const NO_BOOK = { error: 'No orderbook exists for the requested token id' };

const tokensShape = z.array(z.object({ token_id: z.string(), side: z.string().optional() }));

/** What follows from a token's book: several books, the best prices, the middle, the spread. */
export function addPriceRoutes(app: FastifyInstance, { listing }: VenueFront): void {
  const one = (path: string, answer: (token: ListedToken, side: string) => unknown) => {
    app.get(path, ({ query }, reply) => {
      const shape = z.object({ token_id: z.string(), side: z.string().default('') });
      const read = shape.safeParse(query);
      const token = read.data && listing.token(read.data.token_id);
      return token ? answer(token, read.data.side) : reply.code(404).send(NO_BOOK);
    });
  };
  const many = (path: string, answer: (token: ListedToken, side: string) => unknown) => {
    app.post(path, (request, reply) => {
      const read = tokensShape.safeParse(parsed(textOf(request)));
      if (!read.success) return reply.code(400).send({ error: 'Invalid payload' });
      const listed = read.data.flatMap(({ token_id, side = '' }) => {
        const token = listing.token(token_id);
        return token ? [[token_id, answer(token, side)] as const] : [];
      });
      return path === '/books' ? listed.map(([, book]) => book) : Object.fromEntries(listed);
    });
  };
  const bookOf = (token: ListedToken) => listing.book(token);
  many('/books', bookOf);
  one('/midpoint', (token) => ({ mid: middleOf(bookOf(token)) }));
  many('/midpoints', (token) => middleOf(bookOf(token)));
  one('/price', (token, side) => ({ price: bestOf(bookOf(token), side) }));
  many('/prices', (token, side) => ({ [side.toUpperCase()]: bestOf(bookOf(token), side) }));
  one('/spread', (token) => ({ spread: spreadOf(bookOf(token)) }));
  many('/spreads', (token) => spreadOf(bookOf(token)));
  // The CLOB charges per match by the market's own schedule; its old flat fee is nothing.
  one('/fee-rate', () => ({ base_fee: 0 }));
}

/** Best last, as in the book itself. `BUY` asks what the bids show. */
function bestOf({ bids, asks }: WireBook, side: string): string {
  return (side.toUpperCase() === 'BUY' ? bids : asks).at(-1)?.price ?? '0';
}

const countsOf = (decimal: string): bigint => parseAmount(decimal) ?? 0n;

function middleOf(book: WireBook): string {
  const sum = countsOf(bestOf(book, 'BUY')) + countsOf(bestOf(book, 'SELL'));
  return formatAmount(divide(sum, 2n, 'floor'));
}

function spreadOf(book: WireBook): string {
  return formatAmount(countsOf(bestOf(book, 'SELL')) - countsOf(bestOf(book, 'BUY')));
}
