import { expect, test } from 'vitest';
import {
  describeExit,
  describeLeg,
  describeResult,
  describeRow,
  describeWord,
} from '../../domain/trade/describe.js';
import { isSameOwner, ownExit } from '../../domain/trade/exit-ownership.js';
import { waitingFor } from '../../domain/trade/phase-of.js';
import { resultOf } from '../../domain/trade/result-of.js';
import { play, stateOf, wordOf } from './trade-story.js';

test('a try that somebody has fenced is told with the owner', () => {
  expect(describeExit({ kind: 'unknown', clientOrderId: 'exit1' })).toBe('unknown: exit1');
  expect(describeExit({ kind: 'fenced', owner: ownExit('arbitrage/a') })).toBe(
    'fenced: its exits belong to arbitrage/a (epoch 1)',
  );
});

test.each<readonly [words: string, told: string]>([
  ['kalshi never_arrived', 'ada says: it never arrived'],
  ['kalshi canceled 60', 'ada says: canceled, 60 traded'],
  ['kalshi filled 100 @ 0.45', 'ada says: filled, 100 @ 0.45'],
])('an operator is quoted: %s', (words, told) => {
  const word = wordOf(words.split(' '));
  expect(describeWord(word)).toBe(told);
  expect(describeWord({ ...word, why: 'seen on the site' })).toBe(`${told} (seen on the site)`);
});

test('a row, a leg and an end are told in one line', () => {
  const played = play(`
    fired poly filled 100 | kalshi refused funds
    poly  matched 100 @ 0.52
  `);
  const [row] = played.state.rows;
  if (!row) throw new Error('one row was told');
  expect(describeRow(row)).toBe('polymarket buy YES 100 @ 0.52 provisional');
  expect(describeRow({ ...row, kind: 'reversal' })).toBe('polymarket buy YES 100 @ 0.52 reversed');
  const told = (id: string) => describeLeg(played.state, stateOf(played, id));
  expect(told('poly')).toBe(
    '- **yes** polymarket buy YES at 0.52: **filled**, 100 traded, provisional · `poly`',
  );
  expect(told('kalshi')).toBe(
    '- **no** kalshi buy NO at 0.45: **rejected** (funds), 0 traded · `kalshi`',
  );
  expect(describeResult(resultOf(played.state, 0))).toBe(
    'residual: 0 matched, net -52.01, 100 YES left (kept)',
  );
  expect(describeResult(resultOf(play('cancel').state, 0))).toBe('denied: CANCELED');
});

test('an operator’s word stands beside its leg, an exit beside what it gets out of', () => {
  const doubted = play(`
    fired  poly filled 100 | kalshi refused funds
    poly   filled 100 @ 0.52
    exit   sell poly 100 @ 0.5 -> unknown
    says   exit1 canceled 10
  `);
  expect(describeLeg(doubted.state, stateOf(doubted, 'exit1'))).toBe(
    '- **exit yes** polymarket sell YES at 0.5: **unknown**, 0 traded; ada says: canceled, 10 traded · `exit1`',
  );
});

test('a trade whose operator was wrong waits for somebody to look', () => {
  const { state, nowMs } = play(`
    fired poly unknown | kalshi unknown
    says  poly canceled 10
    poly  filled 20 @ 0.5
  `);
  expect(waitingFor(state, nowMs)).toBe('somebody to look: the venue has overruled ada');
});

test('a claim between two claims of one holder fences too', () => {
  const own = ownExit('arbitrage/a');
  expect(isSameOwner(own, ownExit('arbitrage/a'))).toBe(true);
  expect(isSameOwner(own, { ...own, epoch: 3 })).toBe(false);
  expect(isSameOwner(own, { ...own, holder: 'arbitrage/b' })).toBe(false);
});
