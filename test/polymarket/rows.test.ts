import { describe, expect, test } from 'vitest';
import { formatAmount } from '../../domain/money.js';
import type { TradeRow } from '../../domain/venue-entry.js';
import type { ClobMarket } from '../../venues/polymarket/market-directory.js';
import { venueOrderOf, venueOrderOfEvent } from '../../venues/polymarket/order-rows.js';
import { rowsOfTrade, timesOf } from '../../venues/polymarket/trade-rows.js';
import { orderEventShape, orderShape, tradeShape } from '../../venues/polymarket/wire.js';
import { rain } from './desk.js';

const market: ClobMarket = {
  market: rain.market,
  tokens: ['1111', '2222'],
  fees: { kind: 'polymarket_taker', rate: 50_000_000n as never, powerOfVariance: 1 }, // 5 %
};
const us = { account: 'desk', address: '0xAb', apiKey: 'our-key' };

/** A taker's buy of 10 YES at 0.52, as the venue's documentation shows trades. */
const bought = {
  id: 'trade-1',
  taker_order_id: '0xour',
  market: rain.market,
  asset_id: '1111',
  side: 'BUY',
  size: '10',
  price: '0.52',
  status: 'MATCHED',
  match_time: '1672290701',
  last_update: '1672290711',
  owner: 'our-key',
  maker_address: '0xab',
  trader_side: 'TAKER',
  maker_orders: [
    { order_id: '0xm', owner: 'other', matched_amount: '10', price: '0.52', asset_id: '1111' },
  ],
};

const rowsOf = (trade: object) =>
  rowsOfTrade(tradeShape.parse({ ...bought, ...trade }), market, us);

/** One row as a line of the desk's blotter. */
function lineOf(row: TradeRow): string {
  const { outcome } = row.instrument;
  const finality = row.kind === 'fill' ? row.finality : 'reversal';
  const figures = [row.quantity, row.price, row.fee, row.cash].map(formatAmount).join(' ');
  return `${row.venueOrderId} ${row.side} ${outcome} ${figures} ${finality}`;
}
const linesOf = (trade: object) => rowsOf(trade).map(lineOf);

describe('a trade of ours', () => {
  test.each([
    ['MATCHED', 'provisional'],
    ['TRADE_STATUS_MATCHED', 'provisional'],
    ['MATCHED_NOT_BROADCASTED', 'provisional'],
    ['MINED', 'provisional'],
    ['RETRYING', 'provisional'],
    ['a word that nobody has documented', 'provisional'],
    ['CONFIRMED', 'final'],
    ['TRADE_STATUS_CONFIRMED', 'final'],
  ])('is at %s %s', (status, finality) => {
    // 5 % × 10 × 0.52 × 0.48 = 0.1248, charged on top of 5.20.
    expect(linesOf({ status })).toEqual([`0xour buy yes 10 0.52 0.1248 -5.3248 ${finality}`]);
  });

  test('that FAILED gives the fill and takes it back, so that a late reader is right', () => {
    expect(linesOf({ status: 'FAILED' })).toEqual([
      '0xour buy yes 10 0.52 0.1248 -5.3248 provisional',
      '0xour buy yes 10 0.52 0.1248 5.3248 reversal',
    ]);
  });

  test('that met several makers costs what each of them asked', () => {
    const maker_orders = [
      { order_id: '0xm', matched_amount: '4', price: '0.50', asset_id: '1111' },
      { order_id: '0xn', matched_amount: '6', price: '0.48', asset_id: '2222' },
    ];
    // 4 at 0.50, and 6 whose maker bought NO at 0.48, which is YES at 0.52.
    expect(linesOf({ price: '0.51', maker_orders })).toEqual([
      '0xour buy yes 10 0.512 0.12488 -5.24488 provisional',
    ]);
  });

  test('whose makers are not all listed is read by its own price', () => {
    expect(linesOf({ maker_orders: [] })).toEqual([
      '0xour buy yes 10 0.52 0.1248 -5.3248 provisional',
    ]);
  });

  test('that we sold brings the cash, less the fee', () => {
    expect(linesOf({ side: 'SELL', asset_id: '2222', maker_orders: [] })).toEqual([
      '0xour sell no 10 0.52 0.1248 5.0752 provisional',
    ]);
  });

  test('may fill several of our resting orders at once, free of fees', () => {
    const maker_orders = [
      { order_id: '0xa', owner: 'our-key', matched_amount: '4', price: '0.52', asset_id: '1111' },
      {
        order_id: '0xb',
        maker_address: '0xAB',
        matched_amount: '5',
        price: '0.48',
        asset_id: '2222',
      },
      { order_id: '0xc', owner: 'other', matched_amount: '1', price: '0.52', asset_id: '1111' },
    ];
    const trade = { owner: 'other', maker_address: '0xcd', trader_side: 'MAKER', maker_orders };
    expect(linesOf(trade)).toEqual([
      '0xa sell yes 4 0.52 0 2.08 provisional',
      '0xb buy no 5 0.48 0 -2.4 provisional',
    ]);
  });

  test('may be both sides of us', () => {
    const maker_orders = [
      {
        order_id: '0xa',
        owner: 'our-key',
        matched_amount: '10',
        price: '0.52',
        asset_id: '1111',
        side: 'SELL',
      },
    ];
    expect(linesOf({ maker_orders })).toEqual([
      '0xour buy yes 10 0.52 0.1248 -5.3248 provisional',
      '0xa sell yes 10 0.52 0 5.2 provisional',
    ]);
  });

  test('of others is nothing to us, nor is one in a token that is not of its market', () => {
    expect(linesOf({ owner: 'other', maker_address: '0xcd' })).toEqual([]);
    expect(linesOf({ asset_id: '3333', maker_orders: [] })).toEqual([]);
  });

  test('of nothing is no row', () => {
    expect(linesOf({ size: '0', maker_orders: [] })).toEqual([]);
  });

  test('is timed in seconds or milliseconds, and exactly where the venue gives nanoseconds', () => {
    const times = (fields: object) => timesOf(tradeShape.parse({ ...bought, ...fields }));
    expect(times({})).toEqual({ matchedAtMs: 1_672_290_701_000, changedAtMs: 1_672_290_711_000 });
    expect(times({ match_time: 1_672_290_701_123 }).matchedAtMs).toBe(1_672_290_701_123);
    const match_time_nano = '1672290701456000000';
    expect(times({ match_time_nano }).matchedAtMs).toBe(1_672_290_701_456);
  });
});

describe('an order of ours', () => {
  const listed = {
    id: '0xour',
    status: 'LIVE',
    market: rain.market,
    asset_id: '1111',
    side: 'BUY',
    original_size: '10',
    size_matched: '0',
    price: '0.52',
    created_at: 1_672_290_701,
    order_type: 'FAK',
  };
  const stateOf = (fields: object) =>
    venueOrderOf(orderShape.parse({ ...listed, ...fields }), market)?.state;

  test.each([
    ['LIVE', '0', 'GTC', 'working'],
    ['ORDER_STATUS_LIVE', '4', 'GTC', 'working'],
    ['DELAYED', '0', 'FAK', 'working'],
    ['MATCHED', '10', 'FAK', 'filled'],
    ['MATCHED', '12', 'FAK', 'filled'],
    ['MATCHED', '4', 'FAK', 'canceled'],
    ['MATCHED', '4', 'GTC', 'working'],
    ['CANCELED', '4', 'GTC', 'canceled'],
    ['CANCELED_MARKET_RESOLVED', '0', 'GTC', 'canceled'],
    ['INVALID', '0', 'GTC', 'rejected'],
    ['INVALID', '4', 'GTC', 'canceled'],
  ])('that is %s with %s of 10 (%s) is %s', (...row) => {
    const [status, size_matched, order_type, expected] = row;
    expect(stateOf({ status, size_matched, order_type })).toBe(expected);
  });

  test('is read in our terms', () => {
    expect(venueOrderOf(orderShape.parse({ ...listed, asset_id: '2222' }), market)).toEqual({
      venueOrderId: '0xour',
      instrument: { venue: 'polymarket', market: rain.market, outcome: 'no' },
      side: 'buy',
      limitPrice: 520_000_000n,
      quantity: 10_000_000_000n,
      state: 'working',
      cumulativeQuantity: 0n,
      createdAtMs: 1_672_290_701_000,
    });
    expect(venueOrderOf(orderShape.parse({ ...listed, asset_id: '3' }), market)).toBeUndefined();
  });

  test('is killed on the stream by a sentence, or by a cancellation', () => {
    const event = (fields: object) =>
      venueOrderOfEvent(
        orderEventShape.parse({ ...listed, event_type: 'order', type: 'UPDATE', ...fields }),
        market,
      )?.state;
    const status =
      "CANCELED_order couldn't be fully filled. FOK orders are fully filled or killed.";
    expect(event({ status })).toBe('canceled');
    expect(event({ type: 'CANCELLATION', status: 'LIVE' })).toBe('canceled');
    expect(event({ type: 'PLACEMENT', status: undefined })).toBe('working');
  });
});
