import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type {
  ArbitrageQuestion,
  NoArbitrage,
  PricedArbitrage,
} from '../../domain/arbitrage/arbitrage-question.js';
import { bestArbitrage, crossedBooks } from '../../domain/arbitrage/best-arbitrage.js';
import { priceArbitrage } from '../../domain/arbitrage/price-arbitrage.js';
import type { Book, Level } from '../../domain/book.js';
import { mirror } from '../../domain/book.js';
import { orderFee } from '../../domain/fees.js';
import type { Instrument, Market } from '../../domain/instrument.js';
import { instrumentKey } from '../../domain/instrument.js';
import { add, formatAmount, money, notional, price, quantity, ratio } from '../../domain/money.js';
import { sizedOrder } from '../../domain/order-sizing.js';
import type { ArbitrageType } from '../../domain/pair.js';
import { legInstrument, legMarket } from '../../domain/pair.js';
import { band, bookOf, kalshiFees, pairOf, polymarketFees } from '../support/markets.js';

interface Desk {
  readonly yes: string;
  readonly no: string;
  readonly type?: ArbitrageType;
  readonly max?: string;
  readonly edgeMin?: string;
  readonly limits?: readonly [yes: string, no: string];
  readonly kalshi?: Partial<Market>;
  readonly polymarket?: Partial<Market>;
}

const freeKalshi = { fees: { ...kalshiFees, rate: ratio('0') } };
const freePolymarket = { fees: { ...polymarketFees, rate: ratio('0') } };

/** A question as the desk sees it: the offers of both legs. */
function questionOf(desk: Desk): ArbitrageQuestion {
  const pair = pairOf(desk.kalshi, desk.polymarket);
  const type = desk.type ?? 'poly_yes_kalshi_no';
  const { limits } = desk;
  return {
    pair,
    type,
    books: {
      yes: bookOf(legInstrument(pair, type, 'yes'), { asks: desk.yes }),
      no: bookOf(legInstrument(pair, type, 'no'), { asks: desk.no }),
    },
    contractsMax: quantity(desk.max ?? '1000'),
    edgeMin: price(desk.edgeMin ?? '0.01'),
    ...(limits ? { limitPrice: { yes: price(limits[0]), no: price(limits[1]) } } : {}),
  };
}

function shown(priced: PricedArbitrage | NoArbitrage): string {
  if (priced.kind === 'opportunity') {
    const { limitPrice, expectedCost } = priced;
    const legs = [limitPrice.yes, expectedCost.yes, limitPrice.no, expectedCost.no];
    const [yes, yesCost, no, noCost] = legs.map(formatAmount);
    const edge = formatAmount(priced.edge);
    return `${formatAmount(priced.contracts)}, edge ${edge}, ${yes} $${yesCost}, ${no} $${noCost}`;
  }
  if (priced.reason === 'edge_too_small') return `${priced.reason} ${formatAmount(priced.edge)}`;
  if (priced.reason === 'liquidity_too_small') {
    return `${priced.reason} ${formatAmount(priced.contracts)}`;
  }
  return `${priced.reason} ${instrumentKey(priced.instrument)}`;
}

describe('the size is what rests on both sides at the edge, walked through both books', () => {
  const free = { kalshi: freeKalshi, polymarket: freePolymarket };
  // Without fees one cent per Kalshi order is still set aside for rounding.
  test.each<[string, Desk, string]>([
    [
      'one level each: the smaller one',
      { yes: '30 @ 0.41', no: '20 @ 0.55', ...free },
      '20, edge 0.0395, 0.41 $8.2, 0.55 $11',
    ],
    [
      'two levels of one side',
      { yes: '30 @ 0.41', no: '20 @ 0.55, 50 @ 0.57', ...free },
      '30, edge 0.033, 0.41 $12.3, 0.57 $16.7',
    ],
    [
      'a level that is not worth it stays',
      { yes: '30 @ 0.41', no: '20 @ 0.55, 50 @ 0.59', ...free },
      '20, edge 0.0395, 0.41 $8.2, 0.55 $11',
    ],
    [
      'a level that is worth exactly the threshold is taken',
      { yes: '30 @ 0.41', no: '20 @ 0.55, 50 @ 0.58', ...free },
      '30, edge 0.029666666, 0.41 $12.3, 0.58 $16.8',
    ],
    [
      'no more than was asked for',
      { yes: '30 @ 0.41', no: '50 @ 0.55', max: '7', ...free },
      '7, edge 0.038571428, 0.41 $2.87, 0.55 $3.85',
    ],
    [
      'the other way round',
      { type: 'kalshi_yes_poly_no', yes: '30 @ 0.41', no: '20 @ 0.55', ...free },
      '20, edge 0.0395, 0.41 $8.2, 0.55 $11',
    ],
    [
      'limits bound both legs',
      { yes: '10 @ 0.40, 30 @ 0.41', no: '50 @ 0.55', limits: ['0.40', '0.60'], ...free },
      '10, edge 0.049, 0.4 $4, 0.55 $5.5',
    ],
    [
      'each leg by its own limit',
      { yes: '50 @ 0.41', no: '10 @ 0.54, 30 @ 0.55', limits: ['0.60', '0.54'], ...free },
      '10, edge 0.049, 0.41 $4.1, 0.54 $5.4',
    ],
    [
      'a cent that rounding may cost is too much for one contract',
      {
        yes: '1 @ 0.49',
        no: '1 @ 0.50',
        ...free,
        polymarket: { ...freePolymarket, minimumQuantity: quantity('1') },
      },
      'edge_too_small 0',
    ],
    [
      'but not for one contract that nets a cent more',
      {
        yes: '1 @ 0.48',
        no: '1 @ 0.50',
        ...free,
        polymarket: { ...freePolymarket, minimumQuantity: quantity('1') },
      },
      '1, edge 0.01, 0.48 $0.48, 0.5 $0.5',
    ],
  ])('%s', (_name, desk, expected) => {
    expect(shown(priceArbitrage(questionOf(desk)))).toBe(expected);
  });
});

describe('both venues’ fees come off', () => {
  test.each<[string, Desk, string]>([
    // Kalshi 0.07 × 0.55 × 0.45 = 0.017325, Polymarket 0.04 × 0.41 × 0.59 = 0.009676 a contract.
    [
      'four cents gross',
      { yes: '100 @ 0.41', no: '100 @ 0.55' },
      '100, edge 0.012899, 0.41 $41, 0.55 $55',
    ],
    [
      'three cents gross are less than a cent net',
      { yes: '100 @ 0.41', no: '100 @ 0.56' },
      'edge_too_small 0.003076',
    ],
    [
      'nothing gross is a loss net',
      { yes: '100 @ 0.45', no: '100 @ 0.55' },
      'edge_too_small -0.027225',
    ],
  ])('%s', (_name, desk, expected) => {
    expect(shown(priceArbitrage(questionOf(desk)))).toBe(expected);
  });
});

describe('both venues must take the size', () => {
  const free = { kalshi: freeKalshi, polymarket: freePolymarket };
  test.each<[string, Desk, string]>([
    [
      'below one minimum',
      { yes: '4.99 @ 0.41', no: '20 @ 0.55', ...free },
      'liquidity_too_small 4.99',
    ],
    [
      'at the minimum',
      { yes: '5 @ 0.41', no: '20 @ 0.55', ...free },
      '5, edge 0.038, 0.41 $2.05, 0.55 $2.75',
    ],
    [
      'asked for less than the minimum',
      { yes: '9 @ 0.41', no: '20 @ 0.55', max: '4', ...free },
      'liquidity_too_small 9',
    ],
    [
      'less than one contract',
      {
        yes: '0.99 @ 0.41',
        no: '20 @ 0.55',
        kalshi: freeKalshi,
        polymarket: { ...freePolymarket, minimumQuantity: quantity('0.01') },
      },
      'liquidity_too_small 0.99',
    ],
    [
      'whole cents on the leg that spends them',
      { yes: '20.37 @ 0.41', no: '90 @ 0.55', ...free },
      '20, edge 0.0395, 0.41 $8.2, 0.55 $11',
    ],
    [
      'whole cents over two levels',
      { yes: '20.37 @ 0.40, 9.63 @ 0.41', no: '90 @ 0.55', ...free },
      '29.57, edge 0.046550557, 0.41 $11.92, 0.55 $16.2635',
    ],
    [
      'tenths of a cent: only every tenth contract is whole cents',
      {
        yes: '27 @ 0.411',
        no: '90 @ 0.55',
        kalshi: freeKalshi,
        polymarket: { ...freePolymarket, priceBands: [band('0.001', '0.999', '0.001')] },
      },
      '20, edge 0.0385, 0.411 $8.22, 0.55 $11',
    ],
    [
      'whole lots of the coarser venue',
      {
        yes: '25 @ 0.40',
        no: '7.93 @ 0.55',
        kalshi: { ...freeKalshi, lot: quantity('1') },
        polymarket: freePolymarket,
      },
      '7, edge 0.048571428, 0.4 $2.8, 0.55 $3.85',
    ],
    [
      'an order that claims too little at its worst level gives up that level',
      { yes: '5 @ 0.30, 1 @ 0.48', no: '90 @ 0.45', ...free },
      '5, edge 0.248, 0.3 $1.5, 0.45 $2.25',
    ],
  ])('%s', (_name, desk, expected) => {
    expect(shown(priceArbitrage(questionOf(desk)))).toBe(expected);
  });
});

describe('nothing is priced from a book that cannot be trusted', () => {
  const question = questionOf({ yes: '30 @ 0.41', no: '20 @ 0.50' });
  const { yes, no } = question.books;
  const withYes = (change: Partial<Book>): ArbitrageQuestion => ({
    ...question,
    books: { yes: yes && { ...yes, ...change }, no },
  });

  test('missing, with a gap, or crossed', () => {
    expect(priceArbitrage(question).kind).toBe('opportunity');
    const missing = priceArbitrage({ ...question, books: { yes: undefined, no } });
    expect(missing).toMatchObject({ reason: 'book_missing', instrument: { outcome: 'yes' } });
    const other = priceArbitrage({ ...question, books: { yes, no: undefined } });
    expect(other).toMatchObject({ reason: 'book_missing', instrument: { outcome: 'no' } });
    expect(priceArbitrage(withYes({ hasGap: true }))).toMatchObject({ reason: 'book_missing' });
    const bids = [{ price: price('0.41'), quantity: quantity('1') }];
    expect(priceArbitrage(withYes({ bids }))).toMatchObject({ reason: 'book_crossed' });
  });

  test('an empty side is no liquidity', () => {
    expect(shown(priceArbitrage(withYes({ asks: [] })))).toBe('liquidity_too_small 0');
  });

  test('a price that moved past the limit leaves nothing to take', () => {
    const moved = questionOf({ yes: '30 @ 0.41', no: '20 @ 0.50', limits: ['0.40', '0.50'] });
    expect(shown(priceArbitrage(moved))).toBe('liquidity_too_small 0');
  });
});

describe('one venue’s own book is never an opportunity', () => {
  test.for<[ArbitrageType, string, string, string]>([
    ['kalshi_same_market', '30 @ 0.41', '30 @ 0.58', 'book_crossed kalshi/KXRAIN-26NOV21/yes'],
    ['kalshi_same_market', '30 @ 0.41', '30 @ 0.59', 'book_crossed kalshi/KXRAIN-26NOV21/yes'],
    ['kalshi_same_market', '30 @ 0.41', '30 @ 0.60', 'edge_too_small -0.043733'],
    ['poly_same_market', '30 @ 0.41', '30 @ 0.60', 'edge_too_small -0.029276'],
    ['poly_same_market', '30 @ 0.10', '30 @ 0.10', 'book_crossed'],
  ])('%s, YES %s, NO %s', ([type, yes, no, expected]) => {
    expect(shown(priceArbitrage(questionOf({ type, yes, no })))).toContain(expected);
  });
});

describe('the best of a pair', () => {
  const pair = pairOf(freeKalshi, freePolymarket);
  const kalshiYes = legInstrument(pair, 'kalshi_yes_poly_no', 'yes');
  const polymarketYes = legInstrument(pair, 'poly_yes_kalshi_no', 'yes');
  const bookIn =
    (...books: Book[]) =>
    (wanted: Instrument) =>
      books
        .flatMap((book) => [book, mirror(book)])
        .find((book) => instrumentKey(book.instrument) === instrumentKey(wanted));
  const terms = { pair, contractsMax: quantity('100'), edgeMin: price('0.01') };

  test('is the type that nets the most dollars', () => {
    const bookOfYes = bookIn(
      bookOf(kalshiYes, { bids: '50 @ 0.60', asks: '50 @ 0.62' }),
      bookOf(polymarketYes, { bids: '50 @ 0.52', asks: '50 @ 0.54' }),
    );
    const best = bestArbitrage({ ...terms, bookOf: bookOfYes });
    expect(best).toMatchObject({ type: 'poly_yes_kalshi_no', contracts: quantity('50') });
    expect(best?.net).toBe(money('2.99'));
    expect(crossedBooks({ ...terms, bookOf: bookOfYes })).toEqual([]);
  });

  test('is nothing where the venues agree, and a crossed book is pointed at', () => {
    const bookOfYes = bookIn(
      bookOf(kalshiYes, { bids: '50 @ 0.55', asks: '50 @ 0.54' }),
      bookOf(polymarketYes, { bids: '50 @ 0.53', asks: '50 @ 0.55' }),
    );
    expect(bestArbitrage({ ...terms, bookOf: bookOfYes })).toBeUndefined();
    expect(crossedBooks({ ...terms, bookOf: bookOfYes })).toEqual([kalshiYes]);
  });
});

describe('whatever the books', () => {
  test('the walked fills net the threshold after both orders’ fees', () => {
    fc.assert(
      fc.property(anyQuestion, (question) => {
        const priced = priceArbitrage(question);
        if (priced.kind === 'none') return;
        const { pair, type, books, edgeMin, contractsMax } = question;
        const { contracts } = priced;
        let net = contracts * 1_000_000_000n;
        for (const leg of ['yes', 'no'] as const) {
          const market = legMarket(pair, type, leg);
          const fills = bruteForceFills(books[leg]?.asks ?? [], contracts);
          expect(fills).toBeDefined();
          if (!fills) continue;
          for (const fill of fills) net -= fill.price * fill.quantity;
          net -= orderFee(market.fees, fills) * 1_000_000_000n;
          expect(fills.at(-1)?.price).toBe(priced.limitPrice[leg]);
          const instrument = legInstrument(pair, type, leg);
          const limitPrice = priced.limitPrice[leg];
          const expectedCost = priced.expectedCost[leg];
          const wish = {
            market,
            instrument,
            side: 'buy',
            limitPrice,
            contracts,
            expectedCost,
          } as const;
          const sized = sizedOrder(wish);
          expect(sized.kind).toBe('sized');
          if (sized.kind === 'sized' && sized.fixed.kind === 'collateral') {
            expect(sized.fixed.collateral).toBe(expectedCost);
          }
          expect(contracts % market.lot).toBe(0n);
          expect(contracts >= market.minimumQuantity).toBe(true);
        }
        expect(net >= edgeMin * contracts).toBe(true);
        expect(contracts <= contractsMax && contracts >= quantity('1')).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('asking for more, or for less edge, never gets less', () => {
    fc.assert(
      fc.property(anyQuestion, fc.constantFrom('1', '20', '400'), (question, more) => {
        const priced = priceArbitrage(question);
        if (priced.kind === 'none' || isAtTheThreshold(priced, question)) return;
        const sizeAt = (change: Partial<ArbitrageQuestion>) => {
          const other = priceArbitrage({ ...question, ...change });
          return other.kind === 'none' ? 0n : other.contracts;
        };
        const contractsMax = add(question.contractsMax, quantity(more));
        expect(sizeAt({ contractsMax }) >= priced.contracts).toBe(true);
        expect(sizeAt({ edgeMin: price('0.001') }) >= priced.contracts).toBe(true);
        const limitPrice = { yes: price('0.99'), no: price('0.99') };
        expect(sizeAt({ limitPrice }) >= priced.contracts).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

/** Within a tenth of a cent of the threshold the rounding of one fee more may decide. */
function isAtTheThreshold(priced: PricedArbitrage, { edgeMin }: ArbitrageQuestion): boolean {
  const spare = priced.net - notional(edgeMin, priced.contracts, 'floor');
  return spare < money('0.001');
}

/** Takes exactly `contracts` from the best offer on, by arithmetic of its own. */
function bruteForceFills(asks: readonly Level[], contracts: bigint): Level[] | undefined {
  const fills: Level[] = [];
  let left = contracts;
  for (const ask of asks) {
    const taken = ask.quantity < left ? ask.quantity : left;
    if (taken > 0n) fills.push({ price: ask.price, quantity: quantity(formatAmount(taken)) });
    left -= taken;
  }
  return left === 0n ? fills : undefined;
}

const anyAsks = (from: number, to: number) =>
  fc
    .uniqueArray(
      fc.record({
        cents: fc.integer({ min: from, max: to }),
        hundredths: fc.oneof(
          fc.integer({ min: 1, max: 60 }).map((whole) => whole * 100),
          fc.integer({ min: 1, max: 6_000 }),
        ),
      }),
      { selector: (row) => row.cents, minLength: 1, maxLength: 5 },
    )
    .map((rows) =>
      rows
        .toSorted((left, right) => left.cents - right.cents)
        .map((row) => `${row.hundredths / 100} @ ${(row.cents / 100).toFixed(2)}`)
        .join(', '),
    );

const anyQuestion: fc.Arbitrary<ArbitrageQuestion> = fc
  .record({
    type: fc.constantFrom('poly_yes_kalshi_no' as const, 'kalshi_yes_poly_no' as const),
    yes: anyAsks(30, 50),
    no: anyAsks(38, 56),
    max: fc.integer({ min: 1, max: 8_000 }).map((hundredths) => (hundredths / 100).toFixed(2)),
    edgeMin: fc.constantFrom('0.01', '0.02', '0.005'),
    limits: fc.tuple(fc.constantFrom('0.40', '0.50'), fc.constantFrom('0.50', '0.56')),
    kalshi: fc.constantFrom({}, { lot: quantity('1') }),
  })
  .map(questionOf);
