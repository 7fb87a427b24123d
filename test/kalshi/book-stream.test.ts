import { expect, test } from 'vitest';
import { formatAmount } from '../../domain/money.js';
import { BookStream } from '../../venues/kalshi/book-stream.js';
import type { Frame } from '../../venues/kalshi/wire.js';

const A = 'KXRAIN-26NOV21';
const B = 'KXSNOW-26NOV21';

type Levels = readonly (readonly [string, string])[];

const snapshot = (seq: number, [yes, no]: readonly [Levels, Levels], ticker = A): Frame => ({
  type: 'orderbook_snapshot',
  sid: 1,
  seq,
  msg: { market_ticker: ticker, yes_dollars_fp: yes, no_dollars_fp: no },
});

const delta = (seq: number, [side, at, by]: [string, string, string], ticker = A): Frame => ({
  type: 'orderbook_delta',
  sid: 1,
  seq,
  msg: { market_ticker: ticker, side, price_dollars: at, delta_fp: by, ts_ms: 1 },
});

function followed(...frames: Frame[]): BookStream {
  const stream = new BookStream();
  stream.follow([A, B]);
  stream.start(1);
  for (const frame of frames) stream.take(frame);
  return stream;
}

/** "bids 0.45×10 asks 0.5×3 0.52×7", with a mark where the book has a gap. */
function shown(stream: BookStream, outcome: 'yes' | 'no' = 'yes', ticker = A): string | undefined {
  const state = stream.book(ticker);
  if (!state) return undefined;
  const { bids, asks } = state.book.levels(outcome);
  const text = (levels: typeof bids) =>
    levels
      .map(({ price, quantity }) => `${formatAmount(price)}×${formatAmount(quantity)}`)
      .join(' ');
  return `bids ${text(bids)} asks ${text(asks)}${state.hasGap ? ' (gap)' : ''}`;
}

const first = snapshot(1, [
  [
    ['0.40', '5.00'],
    ['0.45', '10.00'],
  ],
  [
    ['0.48', '7.00'],
    ['0.50', '3.00'],
  ],
]);

test('there is no book before the first snapshot', () => {
  expect(shown(followed())).toBeUndefined();
});

test('bids for NO are the offers of YES, and the other way round', () => {
  const stream = followed(first);
  expect(shown(stream, 'yes')).toBe('bids 0.45×10 0.4×5 asks 0.5×3 0.52×7');
  expect(shown(stream, 'no')).toBe('bids 0.5×3 0.48×7 asks 0.55×10 0.6×5');
});

test.each([
  ['adds to a level', ['yes', '0.45', '2.50'], 'bids 0.45×12.5 0.4×5 asks 0.5×3 0.52×7'],
  ['takes from a level', ['no', '0.50', '-1.00'], 'bids 0.45×10 0.4×5 asks 0.5×2 0.52×7'],
  ['takes a level away', ['no', '0.50', '-3.00'], 'bids 0.45×10 0.4×5 asks 0.52×7'],
  ['opens a level', ['yes', '0.46', '1.00'], 'bids 0.46×1 0.45×10 0.4×5 asks 0.5×3 0.52×7'],
] as const)('a delta %s', (_, change, expected) => {
  expect(shown(followed(first, delta(2, [...change])))).toBe(expected);
});

test('a hole in the sequence may hide a change of any market: all are asked again', () => {
  const stream = followed(first, snapshot(2, [[], []], B));
  const step = stream.take(delta(4, ['yes', '0.45', '1.00']));
  expect(step).toEqual({ changed: [A, B], resync: [A, B] });
  expect(shown(stream)).toBe('bids 0.45×10 0.4×5 asks 0.5×3 0.52×7 (gap)');
});

test('after a hole deltas wait for the snapshot, which closes it for its own market', () => {
  const stream = followed(first, snapshot(2, [[], []], B), delta(9, ['yes', '0.45', '1.00']));
  stream.take(delta(10, ['yes', '0.45', '1.00']));
  stream.take(snapshot(11, [[['0.45', '12.00']], []]));
  expect(shown(stream)).toBe('bids 0.45×12 asks ');
  expect(stream.hasGaps()).toBe(true); // the other market still waits
  stream.take(snapshot(12, [[], []], B));
  expect(stream.hasGaps()).toBe(false);
});

test('a first snapshot that was lost in the hole is asked for as well', () => {
  const stream = followed(first);
  expect(stream.take(delta(3, ['yes', '0.45', '1.00'])).resync).toEqual([A, B]);
});

test('a frame that comes twice is a hole too: the order of frames is not what we think', () => {
  const stream = followed(first, snapshot(2, [[], []], B));
  expect(stream.take(snapshot(2, [[], []], B)).resync).toEqual([A]);
});

test('answers to commands count in the sequence', () => {
  const stream = followed(first);
  stream.take({ type: 'ok', id: 3, sid: 1, seq: 2, msg: {} });
  expect(stream.take(delta(3, ['yes', '0.45', '1.00'])).resync).toEqual([]);
});

test('frames of another subscription say nothing about this one', () => {
  const stream = followed(first);
  expect(stream.take({ ...delta(77, ['yes', '0.45', '1.00']), sid: 2 })).toEqual({
    changed: [],
    resync: [],
  });
});

test('a delta that takes more than rests means that we have the book wrong', () => {
  const stream = followed(first);
  expect(stream.take(delta(2, ['yes', '0.45', '-11.00']))).toEqual({ changed: [A], resync: [A] });
});

test('a change that cannot be read is a change that is missing', () => {
  const stream = followed(first);
  expect(stream.take(delta(2, ['yes', 'half', '1.00'])).resync).toEqual([A]);
});

test('a connection that ended leaves a gap in every book, and the next starts anew', () => {
  const stream = followed(first);
  expect(stream.stop()).toEqual([A]);
  expect(shown(stream)).toBe('bids 0.45×10 0.4×5 asks 0.5×3 0.52×7 (gap)');
  stream.start(5);
  stream.take({ ...snapshot(31, [[], []]), sid: 5 });
  expect(shown(stream)).toBe('bids  asks ');
});
