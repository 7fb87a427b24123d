import { describe, expect, test } from 'vitest';
import { price, quantity } from '../../domain/money.js';
import { excessOfRows } from '../../domain/trade/excess-of-rows.js';
import { excessToExit } from '../../domain/trade/flatten.js';
import { kalshiNo, polyYes } from './trade-fixture.js';
import { endOf, excessOf, exitOf, play, playOn, stepOf } from './trade-story.js';

const MATCH = `
  fired  poly filled 100 | kalshi filled 100
  kalshi filled 100 @ 0.45
`;
const CONFIRMED = `${MATCH}
  poly filled 100 @ 0.52
  after 2000
`;

describe('a match under flatten', () => {
  const rows: readonly (readonly [name: string, story: string, exit: string, step: string])[] = [
    ['is kept without one', CONFIRMED, 'none', 'done'],
    ['is kept under another freeze', `${CONFIRMED}\n freeze`, 'none', 'done'],
    ['sells its shares first', `${CONFIRMED}\n flatten`, 'yes 100 (100)', 'exit yes 100'],
    [
      'waits for its shares to be CONFIRMED, and sells nothing meanwhile',
      `${MATCH}\n poly matched 100 @ 0.52\n flatten`,
      'yes 100 (0)',
      'wait 4000 settlement',
    ],
    [
      'waits for the rows of a leg that is answered',
      `${MATCH}\n flatten`,
      'none',
      'wait 300 reports',
    ],
    [
      'sells the other leg as far as the first was sold, before that goes on',
      `${CONFIRMED}
       flatten
       exit sell poly 100 @ 0.50 -> canceled 60
       exit1 matched 60 @ 0.50`,
      'no 60 (60)',
      'exit no 60',
    ],
    [
      'then goes on with the first',
      `${CONFIRMED}
       flatten
       exit sell poly 100 @ 0.50 -> canceled 60
       exit1 matched 60 @ 0.50
       exit sell kalshi 60 @ 0.44 -> filled 60
       exit2 filled 60 @ 0.44`,
      'yes 40 (40)',
      'exit yes 40',
    ],
    [
      'is over when both are sold and final',
      `${CONFIRMED}
       flatten
       exit sell poly 100 @ 0.50 -> filled 100
       exit1 filled 100 @ 0.50
       exit sell kalshi 100 @ 0.44 -> filled 100
       exit2 filled 100 @ 0.44`,
      'none',
      'done',
    ],
    [
      'sells the first again when its sale has failed',
      `${CONFIRMED}
       flatten
       exit sell poly 100 @ 0.50 -> filled 100
       exit1 matched 100 @ 0.50
       exit sell kalshi 100 @ 0.44 -> filled 100
       exit2 filled 100 @ 0.44
       exit1 failed 100`,
      'yes 100 (100)',
      'exit yes 100',
    ],
    [
      'sells no more than its rows while a sale is in doubt',
      `${CONFIRMED}\n flatten\n exit sell poly 100 @ 0.50 -> unknown`,
      'none',
      'ask exit1',
    ],
    [
      'sells nothing while the answer to a sale is lost',
      `${CONFIRMED}\n flatten\n exit lost`,
      'none',
      'ask exit1',
    ],
    [
      'is kept from where the flatten is lifted, but for what is in excess by then',
      `${CONFIRMED}
       flatten
       exit sell poly 100 @ 0.50 -> canceled 60
       exit1 filled 60 @ 0.50
       unfreeze`,
      'no 60 (60)',
      'exit no 60',
    ],
  ];
  test.for(rows)('%s', ([, story, exit, step]) => {
    const played = play(story);
    expect(exitOf(played)).toBe(exit);
    expect(stepOf(played)).toBe(step);
  });

  const ends: readonly (readonly [name: string, story: string, end: string])[] = [
    [
      'both legs sold: exited',
      `exit sell poly 100 @ 0.50 -> filled 100
       exit1 filled 100 @ 0.50
       exit sell kalshi 100 @ 0.44 -> filled 100
       exit2 filled 100 @ 0.44`,
      'exited',
    ],
    ['nothing could be sold: still matched', 'exit kept', 'matched'],
    [
      'a part of both sold: exited, the rest is matched',
      `exit sell poly 100 @ 0.50 -> canceled 97
       exit1 filled 97 @ 0.50
       exit sell kalshi 97 @ 0.44 -> filled 97
       exit2 filled 97 @ 0.44
       exit kept`,
      'exited',
    ],
    [
      'the second leg cannot be sold: a residual',
      `exit sell poly 100 @ 0.50 -> filled 100
       exit1 filled 100 @ 0.50
       exit kept`,
      'residual no 100 kept',
    ],
  ];
  test.for(ends)('%s', ([, story, end]) => {
    const played = playOn(play(`${CONFIRMED}\n flatten`), story);
    expect(stepOf(played)).toBe('done');
    expect(endOf(played)).toBe(end);
  });
});

test('a held pair, whose trade has closed, is flattened from its trade rows leg by leg', () => {
  const { state } = play(CONFIRMED);
  const held = { rows: state.rows, instrument: polyYes, settleDelayMs: 2_000 };
  const all = excessOfRows({ ...held, leg: 'yes', quantity: quantity('100') });
  expect(all).toEqual(excessToExit(playOn({ state, nowMs: 0 }, 'flatten').state));
  expect(excessOfRows({ ...held, leg: 'yes', quantity: quantity('40') }).sellable).toBe(
    quantity('40'),
  );
  const other = excessOfRows({
    ...held,
    leg: 'no',
    instrument: kalshiNo,
    quantity: quantity('100'),
  });
  expect(other).toMatchObject({ leg: 'no', price: price('0.45'), sellableFromMs: 0 });
  const provisional = play(`${MATCH}\n poly matched 100 @ 0.52`).state.rows;
  const early = excessOfRows({ ...held, rows: provisional, leg: 'yes', quantity: quantity('100') });
  expect(early.sellable).toBe(0n);
});

describe('what is not a match under flatten', () => {
  test('an excess that was kept is looked at once more, with all of its leg', () => {
    const kept = play(`
      fired  poly filled 100 | kalshi canceled 97
      kalshi filled 97 @ 0.45
      poly   filled 100 @ 0.52
      after  2000
      exit   kept`);
    expect(stepOf(kept)).toBe('done');
    const flattened = playOn(kept, 'flatten');
    expect(excessOf(flattened)).toBe('yes 3 (3)');
    expect(stepOf(flattened)).toBe('exit yes 100');
  });

  test('a leg is sold though nobody knows about the other', () => {
    const story = 'fired poly filled 100 | kalshi unknown\n poly filled 100 @ 0.52\n after 2000';
    expect(stepOf(play(`${story}\n flatten`))).toBe('exit yes 100');
  });

  test('the second leg waits for evidence about the first, or for an operator’s word', () => {
    const doubt = play(`
      fired  poly unknown | kalshi filled 100
      kalshi filled 100 @ 0.45
      asked  poly open
      after  12000
      flatten`);
    expect(exitOf(doubt)).toBe('none');
    expect(exitOf(playOn(doubt, 'says poly never_arrived'))).toBe('no 100 (100)');
    expect(exitOf(playOn(doubt, 'says poly canceled 60'))).toBe('no 40 (40)');
    // Without the flatten the same word leaves the excess uncertain.
    expect(exitOf(playOn(doubt, 'unfreeze\n says poly never_arrived'))).toBe('none');
  });

  test('a wrong word costs a second sale and no more', () => {
    const wrong = play(`
      fired  poly unknown | kalshi filled 100
      kalshi filled 100 @ 0.45
      asked  poly open
      after  12000
      flatten
      says   poly never_arrived
      exit   sell kalshi 100 @ 0.44 -> filled 100
      exit1  filled 100 @ 0.44
      poly   filled 100 @ 0.52
      after  2000`);
    expect(exitOf(wrong)).toBe('yes 100 (100)');
    expect(stepOf(wrong)).toBe('exit yes 100');
  });
});
