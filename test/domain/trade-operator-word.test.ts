import { describe, expect, test } from 'vitest';
import { breaks } from '../../domain/trade/breaks.js';
import { standingOf, wordRefusal } from '../../domain/trade/operator-says.js';
import { openUnknowns } from '../../domain/trade/questions.js';
import { endOf, excessOf, play, playOn, stepOf, wordOf } from './trade-story.js';

const UNKNOWN = 'fired poly filled 100 | kalshi unknown';

/** YES is bought and final, nobody knows about NO. */
const DOUBT = `
  ${UNKNOWN}
  poly   filled 100 @ 0.52
  asked  kalshi open
  after  12000
`;

/** NO is bought, YES is not, and the answer to its sale got lost. */
const LOST_EXIT = `
  fired  poly canceled 0 | kalshi filled 100
  kalshi filled 100 @ 0.45
  exit   lost
`;

describe('what an operator may say', () => {
  const rows: readonly (readonly [word: string, refusal: string, story?: string])[] = [
    ['kalshi never_arrived', 'taken'],
    ['kalshi canceled 0', 'taken'],
    ['kalshi canceled 100', 'taken'],
    ['kalshi canceled 100.01', '100.01 is more than order kalshi may trade: 100'],
    ['kalshi canceled -1', 'less than nothing cannot be filled'],
    ['kalshi filled 100 @ 0.45', 'taken'],
    ['kalshi filled 100 @ 0.46', 'trade said-1 is beyond the limit 0.45'],
    ['kalshi filled 99', 'filled means all 100, the trades sum to 99: say canceled'],
    ['kalshi filled 0', 'a trade of nothing is none'],
    ['poly never_arrived', 'order poly is filled: its venue has told of it'],
    ['other never_arrived', 'this trade has no order other'],
    ['poly never_arrived', 'order poly has not left yet', ''],
    ['kalshi never_arrived', 'it may still arrive for another 0 ms', `${UNKNOWN}\n after 11000`],
    ['kalshi never_arrived', 'taken', `${UNKNOWN}\n after 11001`],
    [
      'kalshi canceled 40',
      'order kalshi is working: its venue has told of it',
      `${DOUBT}\n kalshi filled 40 @ 0.45`,
    ],
    ['exit1 never_arrived', 'taken', LOST_EXIT],
    ['exit1 canceled 40', 'taken', LOST_EXIT],
    ['exit2 never_arrived', 'this trade has no order exit2', LOST_EXIT],
  ];
  test.for(rows)('%s: %s', ([word, refusal, story = DOUBT]) => {
    const { state, nowMs } = play(story);
    expect(wordRefusal(state, wordOf(word.split(' ')), nowMs) ?? 'taken').toBe(refusal);
  });

  test('nobody says nothing', () => {
    const { state, nowMs } = play(DOUBT);
    const word = { ...wordOf(['kalshi', 'never_arrived']), by: ' ' };
    expect(wordRefusal(state, word, nowMs)).toBe('it is not said by whom');
  });
});

describe('a word ends the waiting and not the doubt', () => {
  const rows: readonly (readonly [word: string, step: string, then: string])[] = [
    ['never_arrived', 'done', 'residual yes 100 kept'],
    ['canceled 0', 'done', 'residual yes 100 kept'],
    ['canceled 60', 'wait 4000 reports', 'residual yes 100 kept'],
    ['filled 100', 'wait 4000 reports', 'residual yes 100 kept'],
  ];
  test.for(rows)('%s: %s', ([word, step, end]) => {
    const frozen = playOn(play(DOUBT), `says kalshi ${word}`);
    const said = { ...frozen, state: { ...frozen.state, frozenForUnknown: ['unknown/kalshi'] } };
    expect(stepOf(said)).toBe(step);
    expect(endOf(said)).toBe(end);
    // What the leg can still be is its legal maximum until the venue has spoken.
    expect(excessOf(said)).toBe('none');
    expect(said.state.orders[1]?.status).toBe('unknown');
    expect(openUnknowns(said.state)).toEqual([]);
  });

  test('the waited-for rows are asked about at long intervals, for ever', () => {
    const said = playOn(play(DOUBT), 'says kalshi filled 100\n after 4000');
    const frozen = { ...said, state: { ...said.state, frozenForUnknown: ['unknown/kalshi'] } };
    expect(stepOf(frozen)).toBe('ask kalshi');
    expect(stepOf(playOn(frozen, 'asked kalshi open'))).toBe('wait 4000 reports');
    expect(stepOf(playOn(frozen, 'asked kalshi open\n after 9000\n asked kalshi open'))).toBe(
      'wait 4000 reports',
    );
  });

  test('the pair is frozen all the same when the order has been unknown for too long', () => {
    expect(stepOf(playOn(play(DOUBT), 'says kalshi filled 100'))).toBe('freeze kalshi');
  });

  test('nothing is bought for a leg that nobody but an operator calls over', () => {
    const said = playOn(play(DOUBT), 'says kalshi never_arrived');
    expect(excessOf(playOn(said, 'asked kalshi absent'))).toBe('yes 100 (100)');
    expect(stepOf(playOn(said, 'asked kalshi absent'))).toBe('exit yes 100');
  });

  test('nothing is certain while a buy of unknown size has only a word', () => {
    const bySize = {
      polymarketFixed: { kind: 'collateral', collateral: 52_000_000_000n },
    } as const;
    const story = `fired poly unknown | kalshi filled 100
      kalshi filled 100 @ 0.45
      asked poly open
      after 12000
      says poly never_arrived`;
    expect(excessOf(play(story, bySize as Parameters<typeof play>[1]))).toBe('none');
  });

  test('an exit that never arrived blocks the next no more, and its maximum still counts', () => {
    const sold = play(`
      fired  poly canceled 0 | kalshi filled 100
      kalshi filled 100 @ 0.45
      exit   sell kalshi 60 @ 0.44 -> unknown
      asked  exit1 open
      after  12000`);
    expect(stepOf(sold)).toBe('freeze exit1');
    const said = playOn(sold, 'says exit1 never_arrived');
    expect(excessOf(said)).toBe('no 40 (40)');
    expect(stepOf(said)).toBe('exit no 40');
  });

  test('an exit whose answer is lost is not asked about, and nothing more is sold', () => {
    const lost = playOn(play(LOST_EXIT), 'after 12000\n says exit1 never_arrived');
    expect(stepOf(lost)).toBe('done');
    expect(excessOf(lost)).toBe('none');
    expect(endOf(lost)).toBe('residual no 100 kept');
    const filled = playOn(lost, 'says exit1 canceled 40');
    expect(stepOf(playOn(filled, 'after 4000'))).toMatch(/^(freeze|ask) exit1$/);
  });
});

describe('what the venue says later', () => {
  const agreeing: readonly (readonly [word: string, later: string])[] = [
    ['never_arrived', 'asked kalshi absent'],
    ['never_arrived', 'asked kalshi found canceled 0'],
    ['canceled 60', 'kalshi filled 60 @ 0.45'],
    ['canceled 60', 'kalshi filled 40 @ 0.45'],
    ['canceled 60', 'asked kalshi found canceled 60'],
    ['filled 100', 'asked kalshi found filled 100'],
  ];
  test.for(agreeing)('%s, then %s: no break', ([word, later]) => {
    const { state } = playOn(playOn(play(DOUBT), `says kalshi ${word}`), later);
    expect(breaks(state)).toEqual([]);
  });

  type Row = readonly [word: string, later: string, status: string, told: string, step: string];
  const overruling: readonly Row[] = [
    ['never_arrived', 'asked kalshi found working 0', 'working', '0 of 0', 'report kalshi'],
    ['never_arrived', 'asked kalshi found canceled 1', 'canceled', '1 of 0', 'exit yes 99'],
    ['never_arrived', 'kalshi filled 100 @ 0.45', 'filled', '100 of 0', 'report kalshi'],
    ['canceled 60', 'kalshi filled 61 @ 0.45', 'working', '61 of 60', 'report kalshi'],
    ['canceled 60', 'asked kalshi found canceled 40', 'canceled', '40 of 60', 'exit yes 60'],
    ['canceled 60', 'asked kalshi absent', 'absent', '0 of 60', 'exit yes 100'],
    ['filled 100', 'asked kalshi found rejected 0', 'rejected', '0 of 100', 'exit yes 100'],
    ['filled 100', 'asked kalshi neverSent', 'denied', '0 of 100', 'exit yes 100'],
  ];
  test.for(overruling)('%s, then %s: %s, %s', ([word, later, status, told, step]) => {
    const played = playOn(playOn(play(DOUBT), `says kalshi ${word}`), later);
    const [quantity, expected] = told.split(' of ').map((amount) => BigInt(amount) * 10n ** 9n);
    expect(breaks(played.state)).toEqual([
      {
        kind: 'operator_overruled',
        clientOrderId: 'kalshi',
        by: 'ada',
        status,
        expected,
        quantity,
      },
    ]);
    // What is in excess goes first; then the break is reported, once.
    expect(stepOf(played)).toBe(step);
    const { state } = played;
    expect(stepOf({ ...played, state: { ...state, gaveUp: 'kept' } })).toBe('report kalshi');
    expect(stepOf(playOn(played, 'reported kalshi'))).not.toBe('report kalshi');
  });

  test('rows that say what the operator said end the trade without another question', () => {
    const story = `says kalshi canceled 60
      kalshi filled 60 @ 0.45`;
    const played = playOn(play(DOUBT), story);
    const { state } = played;
    const frozen = { ...played, state: { ...state, frozenForUnknown: ['unknown/kalshi'] } };
    expect(stepOf(frozen)).toBe('done');
    expect(endOf(frozen)).toBe('residual yes 40 kept');
  });

  test('an overruled word is asked about at once, as if nobody had said anything', () => {
    const played = playOn(play(DOUBT), 'says kalshi never_arrived\n asked kalshi found working 0');
    const told = playOn(played, 'reported kalshi');
    expect(stepOf(playOn(told, 'after 300'))).toMatch(/^(ask|freeze) kalshi$/);
  });

  test('a word about an exit in doubt goes with the order once it is found', () => {
    const lost = playOn(
      play(LOST_EXIT),
      'says exit1 never_arrived\n asked exit1 found canceled 40 sell kalshi 100 @ 0.44',
    );
    expect(breaks(lost.state)).toMatchObject([
      {
        kind: 'operator_overruled',
        clientOrderId: 'exit1',
        expected: 0n,
        quantity: 40_000_000_000n,
      },
    ]);
  });
});

test('the audit reads where the order stood before and after', () => {
  const before = play(DOUBT);
  const after = playOn(before, 'says kalshi canceled 60');
  expect([before, after].map(({ state }) => standingOf(state, 'kalshi'))).toEqual([
    { status: 'unknown', waitsFor: 'evidence', quantity: 0n },
    { status: 'unknown', waitsFor: 'reports', quantity: 0n, expected: 60_000_000_000n },
  ]);
});
