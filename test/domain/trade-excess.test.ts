import { describe, expect, test } from 'vitest';
import { money, price, quantity } from '../../domain/money.js';
import { certainExcess } from '../../domain/trade/certain-excess.js';
import { reported } from '../../domain/trade/transitions.js';
import { approvalFor, fillOf } from './trade-fixture.js';
import { excessOf, play, playOn } from './trade-story.js';

describe('the certain excess', () => {
  const rows: readonly (readonly [name: string, story: string, excess: string])[] = [
    [
      'a leg that is not terminal can still be its legal maximum',
      'fired poly working | kalshi filled 100\n kalshi filled 100 @ 0.45',
      'none',
    ],
    [
      'more than the other leg can legally be is certain at once',
      'fired poly filled 120 | kalshi unknown\n poly filled 120 @ 0.50',
      'yes 20 (20)',
    ],
    [
      'equal fills',
      'fired poly filled 100 | kalshi filled 100\n poly matched 100 @ 0.52\n kalshi filled 100 @ 0.45',
      'none',
    ],
    [
      'the larger of rows and answer counts for the missing leg',
      'fired poly canceled 30 | kalshi filled 100\n kalshi filled 100 @ 0.45\n poly matched 40 @ 0.52',
      'no 60 (60)',
    ],
    [
      'provisional shares are excess, and not for sale',
      'fired poly filled 100 | kalshi canceled 0\n poly matched 100 @ 0.52',
      'yes 100 (0)',
    ],
    [
      'confirmed shares are for sale',
      'fired poly filled 100 | kalshi canceled 0\n poly matched 60 @ 0.52\n poly confirmed 60\n poly matched 40 @ 0.52',
      'yes 100 (60)',
    ],
    [
      'an exit counts as filled while it is in doubt',
      `fired poly refused funds | kalshi filled 100
       kalshi filled 100 @ 0.45
       exit sell kalshi 70 @ 0.45 -> unknown`,
      'no 30 (30)',
    ],
    [
      'nothing is certain while the answer of an exit is lost',
      `fired poly refused funds | kalshi filled 100
       kalshi filled 100 @ 0.45
       exit lost`,
      'none',
    ],
    [
      'an answered exit counts by its answer until its rows come',
      `fired poly refused funds | kalshi filled 100
       kalshi filled 100 @ 0.45
       exit sell kalshi 100 @ 0.45 -> canceled 30`,
      'no 70 (70)',
    ],
    [
      'a completion counts with the entries',
      `fired poly refused funds | kalshi filled 100
       kalshi filled 100 @ 0.45
       exit buy poly 100 @ 0.53 -> filled 100`,
      'none',
    ],
    [
      'a failed match shrinks its leg after the other was long final',
      `fired poly filled 100 | kalshi filled 100
       kalshi filled 100 @ 0.45
       poly matched 100 @ 0.52
       after 60000
       poly failed 100`,
      'no 100 (100)',
    ],
    [
      'one of two matches fails',
      `fired poly filled 100 | kalshi filled 100
       kalshi filled 100 @ 0.45
       poly matched 60 @ 0.52
       poly matched 40 @ 0.52
       poly failed 60`,
      'no 60 (60)',
    ],
    [
      'a failed exit sale reopens the arithmetic',
      `fired poly filled 100 | kalshi canceled 0
       poly matched 100 @ 0.52
       poly confirmed 100
       exit sell poly 100 @ 0.51 -> filled 100
       exit1 matched 100 @ 0.51
       exit1 failed 100`,
      'yes 100 (100)',
    ],
    [
      'a late fill after the other side was sold off is an excess again',
      `fired poly canceled 60 | kalshi filled 100
       poly matched 60 @ 0.52
       poly confirmed 60
       kalshi filled 100 @ 0.45
       exit sell kalshi 40 @ 0.44 -> filled 40
       exit1 filled 40 @ 0.44
       poly filled 40 @ 0.52`,
      'yes 40 (40)',
    ],
    [
      'what the venue sold beyond what was held is nothing that can be sold again',
      `fired poly refused funds | kalshi filled 100
       kalshi filled 100 @ 0.45
       exit sell kalshi 100 @ 0.44 -> filled 120
       exit1 filled 120 @ 0.44`,
      'none',
    ],
    [
      'a sale that may yet be reversed does not make its leg smaller for certain',
      `fired poly filled 100 | kalshi canceled 60
       kalshi filled 60 @ 0.45
       poly matched 100 @ 0.52
       poly confirmed 100
       exit sell poly 40 @ 0.51 -> filled 40
       exit1 matched 40 @ 0.51
       kalshi filled 40 @ 0.45`,
      'none',
    ],
  ];
  test.each(rows)('%s', (_name, story, excess) => {
    expect(excessOf(play(story))).toBe(excess);
  });

  test('none is certain while a buy sized by collateral is unknown, however much the other leg has', () => {
    const options = { polymarketFixed: { kind: 'collateral', collateral: money('52') } } as const;
    const story = 'fired poly unknown | kalshi filled 100\n kalshi filled 100 @ 0.45';
    expect(excessOf(play(story, options))).toBe('none');
    expect(excessOf(playOn(play(story, options), 'asked poly absent'))).toBe('no 100 (100)');
  });

  test('it knows what a contract of it has cost, with and without fees', () => {
    const { state } = play(
      'fired poly refused funds | kalshi filled 100\n kalshi filled 100 @ 0.45',
    );
    expect(certainExcess(state)).toEqual({
      leg: 'no',
      quantity: quantity('100'),
      sellable: quantity('100'),
      sellableFromMs: 0,
      basis: quantity('0.4501'),
      price: quantity('0.45'),
    });
  });
});

test.for([
  ['ahead of ours', 20_000, 2_500],
  ['behind ours', -400, 2_100],
] as const)(
  'a settlement is waited for by our clock, also where the venue’s is %s',
  ([, byMs, sellableFromMs]) => {
    const { state } = play('after 500\n fired poly filled 100 | kalshi canceled 0');
    const { yesOrder } = approvalFor().entries;
    const match = { contracts: quantity('100'), price: price('0.52'), executionId: 'e1' };
    const provisional = fillOf(yesOrder, { ...match, atMs: 500 + byMs });
    const matched = reported(state, [provisional], 500);
    const confirmed = reported(matched, [{ ...provisional, finality: 'final' }], 600);
    expect(certainExcess(confirmed)).toMatchObject({ sellableFromMs });
  },
);
