import { describe, expect, test } from 'vitest';
import { quantity } from '../../domain/money.js';
import { breaks, isExecutionError } from '../../domain/trade/breaks.js';
import { openUnknowns } from '../../domain/trade/questions.js';
import { delayedPair } from './trade-fixture.js';
import { excessOf, play, playOn, stateOf, stepOf } from './trade-story.js';

describe('what a trade learns', () => {
  test('an unknown order that was found and canceled ends the doubt', () => {
    const played = play(
      'fired poly canceled 0 | kalshi unknown\n after 50\n asked kalshi found canceled 0',
    );
    expect(stateOf(played, 'kalshi').status).toBe('canceled');
    expect(openUnknowns(played.state)).toEqual([]);
    expect(stepOf(played)).toBe('done');
  });

  test('found fills are believed when their rows come', () => {
    const played = play(
      'fired poly canceled 0 | kalshi unknown\n after 50\n asked kalshi found filled 100',
    );
    expect(stepOf(played)).toBe('wait 300 reports');
    expect(stepOf(playOn(played, 'kalshi filled 100 @ 0.45'))).toBe('exit no 100');
  });

  test('a row resolves an unknown order that it fills', () => {
    const played = play('fired poly canceled 0 | kalshi unknown\n kalshi filled 100 @ 0.45');
    expect(stateOf(played, 'kalshi')).toMatchObject({ status: 'filled', wasUnknown: true });
    expect(stateOf(played, 'kalshi').unknownSinceMs).toBeUndefined();
  });

  test('a partial row proves that it is there, not how much of it', () => {
    const played = play('fired poly working | kalshi unknown\n kalshi filled 30 @ 0.45');
    expect(stateOf(played, 'kalshi').status).toBe('working');
    expect(stepOf(playOn(played, 'after 300'))).toBe('ask poly kalshi');
  });

  test('what was absent and fills after all is counted', () => {
    const absent = play('fired poly canceled 0 | kalshi unknown\n asked kalshi absent');
    expect(stepOf(absent)).toBe('done');
    expect(excessOf(playOn(absent, 'kalshi filled 100 @ 0.45'))).toBe('no 100 (100)');
  });

  test('an order that never left is denied, and a lost exit that was found is counted', () => {
    const never = play('fired poly canceled 0 | kalshi unknown\n asked kalshi neverSent');
    expect(stateOf(never, 'kalshi').status).toBe('denied');
    const found = play(`
      fired poly refused funds | kalshi filled 100
      kalshi filled 100 @ 0.45
      exit  lost
      asked exit1 found canceled 30 sell kalshi 100 @ 0.45
    `);
    expect(excessOf(found)).toBe('no 70 (70)');
    expect(stateOf(found, 'exit1').status).toBe('canceled');
  });

  test('a read path that lags takes nothing back', () => {
    const played = play('fired poly canceled 0 | kalshi filled 100\n asked kalshi found working 0');
    expect(stateOf(played, 'kalshi')).toMatchObject({
      status: 'filled',
      cumulativeQuantity: quantity('100'),
    });
  });

  test('reports that overtake the shot are counted once it is told', () => {
    const played = play('kalshi filled 100 @ 0.45\n fired poly refused funds | kalshi unknown');
    expect(stateOf(played, 'kalshi').status).toBe('filled');
    expect(excessOf(played)).toBe('no 100 (100)');
  });

  test('a report told twice counts once, and a final row replaces its provisional twin', () => {
    const once = play(
      'fired poly filled 100 | kalshi filled 100\n poly matched 100 @ 0.52\n after 50\n poly confirmed 100',
    );
    expect(once.state.rows).toHaveLength(1);
    // The match time stays, because settlement and exposure are counted from it.
    expect(once.state.rows[0]).toMatchObject({ finality: 'final', atMs: 0 });
    const [row] = once.state.rows;
    const again = { ...once.state, rows: [] };
    expect(again.rows).toHaveLength(0);
    expect(row?.quantity).toBe(quantity('100'));
  });

  test('more than the legal maximum is a break, and counted all the same', () => {
    const played = play(
      'fired poly canceled 0 | kalshi filled 100\n kalshi filled 100 @ 0.45\n kalshi filled 20 @ 0.45',
    );
    expect(breaks(played.state)).toEqual([
      {
        kind: 'more_than_legal_maximum',
        clientOrderId: 'kalshi',
        quantity: quantity('120'),
        legalMaximum: quantity('100'),
      },
    ]);
    expect(excessOf(played)).toBe('no 120 (120)');
  });

  test('fills of a refused order are a break', () => {
    const played = play('fired poly canceled 0 | kalshi refused funds\n kalshi filled 10 @ 0.45');
    expect(breaks(played.state).map(({ kind }) => kind)).toEqual(['filled_after_refusal']);
    expect(excessOf(played)).toBe('no 10 (10)');
  });

  test('an execution error is a doubt or a refusal, not a market that has moved', () => {
    const rows = [
      ['fired poly canceled 0 | kalshi unknown', true],
      ['fired poly canceled 0 | kalshi unknown\n asked kalshi absent', true],
      ['kalshi filled 100 @ 0.45\n fired poly filled 100 | kalshi unknown', true],
      ['fired poly refused funds | kalshi canceled 0', true],
      ['fired poly refused no_match | kalshi canceled 0', false],
      ['fired poly notSent | kalshi notSent', false],
      ['fired poly filled 100 | kalshi filled 100', false],
    ] as const;
    for (const [story, isError] of rows) expect(isExecutionError(play(story).state)).toBe(isError);
  });

  test('that a venue holds takers back is no error, while it says in the end what became of them', () => {
    const isError = (story: string) => isExecutionError(play(story, { pair: delayedPair }).state);
    expect(isError('fired poly unknown | kalshi notSent\n asked poly absent')).toBe(false);
    expect(isError('fired poly unknown | kalshi notSent')).toBe(true);
    expect(isError('fired poly filled 100 | kalshi unknown\n asked kalshi absent')).toBe(true);
  });

  test('a decision to keep is open again when the excess is another one', () => {
    const kept = play(`
      fired poly filled 100 | kalshi filled 100
      kalshi filled 100 @ 0.45
      poly   matched 99 @ 0.52
      poly   matched 1 @ 0.52
      poly   failed 99
      exit   kept
    `);
    expect(stepOf(kept)).toBe('wait 4000 settlement');
    expect(stepOf(playOn(kept, 'poly failed 1'))).toBe('exit no 100');
  });
});
