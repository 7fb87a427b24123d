import { describe, expect, test } from 'vitest';
import { nextStep } from '../../domain/trade/next-step.js';
import {
  admitted,
  cancelRequested,
  frozenForUnknown,
  openTrade,
  unknownFreezeId,
} from '../../domain/trade/open-trade.js';
import { awaitsAnswers, mayFire } from '../../domain/trade/phases.js';
import { fired } from '../../domain/trade/transitions.js';
import { approvalFor, intentOf } from './trade-fixture.js';
import { play, playOn, stepOf } from './trade-story.js';

describe('the next step', () => {
  const rows: readonly (readonly [name: string, story: string, step: string])[] = [
    ['nothing was sent yet', '', 'done'],
    [
      'both legs are answered and their reports are missing',
      'fired poly filled 100 | kalshi filled 100',
      'wait 300 reports',
    ],
    [
      'reports stay away',
      'fired poly filled 100 | kalshi filled 100\n after 300',
      'ask poly kalshi',
    ],
    [
      'a match is settled before it ends',
      `fired poly filled 100 | kalshi filled 100
       poly matched 100 @ 0.52
       kalshi filled 100 @ 0.45`,
      'wait 4000 settlement',
    ],
    [
      'a confirmation that nobody told us is asked for',
      `fired poly filled 100 | kalshi filled 100
       poly matched 100 @ 0.52
       kalshi filled 100 @ 0.45
       after 4000`,
      'ask poly',
    ],
    [
      'every fill is final',
      `fired poly filled 100 | kalshi filled 100
       poly matched 100 @ 0.52
       kalshi filled 100 @ 0.45
       poly confirmed 100 @ 0.52`,
      'done',
    ],
    [
      'a chain is given time between two questions',
      `fired poly filled 100 | kalshi filled 100
       poly matched 100 @ 0.52
       kalshi filled 100 @ 0.45
       after 4000
       asked poly found filled 100`,
      'wait 4000 settlement',
    ],
    ['silence is asked about at once', 'fired poly unknown | kalshi canceled 0', 'ask poly'],
    ['a leg without an answer is unknown', 'fired poly canceled 0', 'ask kalshi'],
    [
      'an answer that taught nothing is asked for later',
      'fired poly unknown | kalshi canceled 0\n asked poly open',
      'wait 200 evidence',
    ],
    [
      'and later every time',
      `fired poly unknown | kalshi canceled 0
       asked poly open
       after 200
       asked poly open
       after 400
       asked poly open`,
      'wait 800 evidence',
    ],
    ['both legs refused', 'fired poly refused funds | kalshi refused no_match', 'done'],
    ['both legs stopped at the gate', 'fired poly notSent | kalshi notSent', 'done'],
    [
      'one leg refused, the other filled',
      'fired poly refused funds | kalshi filled 100\n kalshi filled 100 @ 0.45',
      'exit no 100',
    ],
    [
      'one leg not sent, the other filled',
      'fired poly notSent | kalshi filled 100\n kalshi filled 100 @ 0.45',
      'exit no 100',
    ],
    [
      'a partial leg leaves an excess',
      'fired poly canceled 60 | kalshi filled 100\n kalshi filled 100 @ 0.45\n poly matched 60 @ 0.52',
      'exit no 40',
    ],
    [
      'an answer is not a fill, but it may be one',
      'fired poly canceled 60 | kalshi filled 100\n kalshi filled 100 @ 0.45',
      'exit no 40',
    ],
    [
      'an excess that only an answer tells of is not certain',
      'fired poly filled 100 | kalshi canceled 0',
      'wait 300 reports',
    ],
    [
      'the certain excess does not wait for the unknown rest',
      `fired poly filled 100 | kalshi unknown
       poly matched 100 @ 0.52`,
      'ask kalshi',
    ],
    [
      'a rung waits for its delay',
      `fired poly refused funds | kalshi filled 100
       kalshi filled 100 @ 0.45
       exit sell kalshi 100 @ 0.45 -> canceled 30`,
      'wait 100 next_rung',
    ],
    [
      'a refused exit waits at its price',
      `fired poly refused funds | kalshi filled 100
       kalshi filled 100 @ 0.45
       exit sell kalshi 100 @ 0.45 -> refused venue_state`,
      'wait 100 refusal',
    ],
    [
      'an exit in doubt blocks the next',
      `fired poly refused funds | kalshi filled 100
       kalshi filled 100 @ 0.45
       exit sell kalshi 100 @ 0.45 -> unknown
       after 150
       asked exit1 open`,
      'wait 200 evidence',
    ],
    [
      'an exit whose answer is lost blocks the next',
      `fired poly refused funds | kalshi filled 100
       kalshi filled 100 @ 0.45
       exit lost`,
      'ask exit1',
    ],
    [
      'a lost exit that never left is tried again',
      `fired poly refused funds | kalshi filled 100
       kalshi filled 100 @ 0.45
       exit lost
       after 100
       asked exit1 neverSent`,
      'exit no 100',
    ],
    [
      'what is kept is not tried again',
      `fired poly refused funds | kalshi filled 100
       kalshi filled 100 @ 0.45
       exit kept`,
      'done',
    ],
    [
      'unconfirmed shares are not sold while the missing leg still lives',
      `fired poly filled 100 | kalshi working
       poly matched 100 @ 0.52`,
      'wait 300 evidence',
    ],
    [
      'unconfirmed shares are completed rather than waited for',
      `fired poly filled 100 | kalshi canceled 0
       poly matched 100 @ 0.52`,
      'exit yes 100',
    ],
    [
      'under a freeze nothing is bought, so unconfirmed shares wait',
      `fired poly filled 100 | kalshi canceled 0
       poly matched 100 @ 0.52
       freeze`,
      'wait 4000 settlement',
    ],
    [
      'confirmed shares wait for their settle delay',
      `fired poly filled 100 | kalshi canceled 0
       poly matched 100 @ 0.52
       freeze
       after 500
       poly confirmed 100`,
      'wait 1500 settlement',
    ],
    [
      'and are sold then',
      `fired poly filled 100 | kalshi canceled 0
       poly matched 100 @ 0.52
       freeze
       poly confirmed 100
       after 2000`,
      'exit yes 100',
    ],
    [
      'a confirmation ends the wait for a settlement',
      `fired poly filled 100 | kalshi canceled 0
       poly matched 100 @ 0.52
       exit waited 9000 settlement
       after 2500
       poly confirmed 100`,
      'exit yes 100',
    ],
  ];
  test.each(rows)('%s', (_name, story, step) => {
    expect(stepOf(play(story))).toBe(step);
  });

  test('an order that stays unknown freezes its pair, once, and is asked about all the same', () => {
    const asked = play(`
      fired poly canceled 0 | kalshi unknown
      after 4999
      asked kalshi open
    `);
    expect(stepOf(asked)).toBe('wait 1 evidence');
    const overdue = playOn(asked, 'after 1');
    expect(stepOf(overdue)).toBe('freeze kalshi');
    const state = frozenForUnknown(overdue.state, unknownFreezeId('kalshi'));
    expect(stepOf({ ...overdue, state })).toBe('wait 199 evidence');
    expect(stepOf({ state, nowMs: 60_000 })).toBe('ask kalshi');
  });

  test('two unknown orders are two freezes, so that each lifts by its own evidence', () => {
    const both = play('fired poly unknown | kalshi unknown\n after 5000');
    const state = frozenForUnknown(both.state, unknownFreezeId('poly'));
    expect(stepOf({ ...both, state })).toBe('freeze kalshi');
  });

  test('nothing is sent for a trade that was denied, told before, dry or stopped in time', () => {
    const opened = openTrade(intentOf(), 'arbitrage/desk.1.1');
    const denied = admitted(opened, { kind: 'denied', denial: { code: 'CANCELED' }, atMs: 0 });
    const dry = play('', { intent: { dryRun: true } });
    const canceled = play('cancel');
    const frozen = play('freeze');
    expect([denied, dry.state, canceled.state, frozen.state].map(mayFire)).toEqual([
      false,
      false,
      false,
      false,
    ]);
    expect(mayFire(admitted(opened, approvalFor()))).toBe(true);
    expect(mayFire(play('fired poly unknown | kalshi unknown').state)).toBe(false);
    expect([denied, dry.state, canceled.state].map((state) => nextStep(state, 0).kind)).toEqual([
      'done',
      'done',
      'done',
    ]);
  });

  test('what was fired before it was a trade is never fired, and its answers are awaited', () => {
    for (const door of ['armed', 'fire_first'] as const) {
      const opened = openTrade(intentOf({ door, host: 'host-a' }), 'arbitrage/desk.1.1');
      const adopted = admitted(opened, approvalFor());
      const stopped = cancelRequested(adopted);
      const fates = [opened, adopted, stopped, fired(adopted, {}, 0)];
      expect(fates.map(mayFire)).toEqual([false, false, false, false]);
      expect(fates.map(awaitsAnswers)).toEqual([false, true, true, false]);
    }
    expect(awaitsAnswers(play('').state)).toBe(false);
  });
});
