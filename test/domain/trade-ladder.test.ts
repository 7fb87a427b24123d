import { describe, expect, test } from 'vitest';
import { quantity } from '../../domain/money.js';
import { play, playOn, stepOf } from './trade-story.js';

describe('the ladder', () => {
  const excess = `
    fired  poly refused no_match | kalshi filled 100
    kalshi filled 100 @ 0.45
  `;
  const ladderAt = (story: string) => play(excess + story).state.ladder;

  test('a rung steps down when it was accepted and left quantity', () => {
    expect(ladderAt('exit sell kalshi 100 @ 0.45 -> canceled 30')).toMatchObject({
      rung: 1,
      attempt: 0,
      price: quantity('0.45'),
    });
    expect(ladderAt('exit sell kalshi 100 @ 0.45 -> refused no_match')).toMatchObject({
      price: quantity('0.45'),
    });
    expect(ladderAt('exit sell kalshi 40 @ 0.45 -> filled 40')?.price).toBeUndefined();
  });

  test('refusals for funds, rate or venue state wait at the same price, up to a minute', () => {
    for (const refusal of ['funds', 'rate', 'venue_state', 'terminal']) {
      const ladder = ladderAt(`exit sell kalshi 100 @ 0.45 -> refused ${refusal}`);
      expect(ladder).toMatchObject({
        rung: 0,
        attempt: 1,
        refusedSinceMs: 0,
        waitingFor: 'refusal',
      });
      expect(ladder?.price).toBeUndefined();
    }
    const again = 'exit sell kalshi 100 @ 0.45 -> refused rate\n';
    const before = ladderAt(`${again} after 59999\n ${again}`);
    expect(before).toMatchObject({ attempt: 2, refusedSinceMs: 0 });
    expect(before?.without).toBeUndefined();
    expect(ladderAt(`${again} after 60000\n ${again}`)).toMatchObject({ without: ['sell'] });
  });

  test('an acceptance ends the waiting for refusals', () => {
    const ladder = ladderAt(`
      exit sell kalshi 100 @ 0.45 -> refused rate
      exit sell kalshi 100 @ 0.45 -> canceled 10
    `);
    expect(ladder?.refusedSinceMs).toBeUndefined();
    expect(ladder).toMatchObject({ rung: 1, attempt: 0, price: quantity('0.45') });
  });

  test('a closed market is not tried again', () => {
    expect(ladderAt('exit sell kalshi 100 @ 0.45 -> refused market_closed')).toMatchObject({
      without: ['sell'],
    });
  });

  test('a completion without funds, or that finds nothing, gives way to a sale', () => {
    expect(ladderAt('exit buy poly 100 @ 0.53 -> refused funds')).toMatchObject({
      without: ['complete'],
    });
    expect(ladderAt('exit buy poly 100 @ 0.53 -> canceled 0')).toMatchObject({
      without: ['complete'],
    });
    expect(ladderAt('exit buy poly 100 @ 0.53 -> canceled 20')?.without).toBeUndefined();
  });

  test('a lost exit takes the next rung too, so that no id is used twice', () => {
    expect(ladderAt('exit lost')).toMatchObject({ rung: 1, attempt: 0 });
    expect(ladderAt('exit lost\n asked exit1 neverSent')).toMatchObject({ rung: 1, attempt: 0 });
  });

  test('an unknown exit that left quantity steps down when it is known to have been accepted', () => {
    const story = 'exit sell kalshi 100 @ 0.45 -> unknown\n';
    expect(ladderAt(story)?.price).toBeUndefined();
    expect(ladderAt(`${story} asked exit1 found canceled 10`)).toMatchObject({
      price: quantity('0.45'),
    });
    expect(ladderAt(`${story} asked exit1 absent`)?.price).toBeUndefined();
  });

  test('it is put away when nothing is left, and counts on when it is needed again', () => {
    const story = `
      exit  sell kalshi 100 @ 0.45 -> canceled 30
      exit1 filled 30 @ 0.45
      exit  sell kalshi 70 @ 0.44 -> filled 70
    `;
    expect(ladderAt(story)).toEqual({ leg: 'no', rung: 2, attempt: 0, notBeforeMs: 0 });
    const late = ladderAt(
      `${story} poly filled 30 @ 0.52\n exit2 filled 70 @ 0.44\n exit sell poly 30 @ 0.52 -> canceled 0`,
    );
    expect(late).toMatchObject({ leg: 'yes', rung: 3 });
  });

  test('what is gone from the account is waited for, not for ever', () => {
    const gone = `${excess} exit waited 250 NOTHING_LEFT\n`;
    expect(play(gone).state.gaveUp).toBeUndefined();
    expect(stepOf(play(gone))).toBe('wait 250 next_rung');
    expect(play(`${gone} after 59999\n exit waited 250 NOTHING_LEFT`).state.gaveUp).toBeUndefined();
    expect(play(`${gone} after 60000\n exit waited 250 NOTHING_LEFT`).state.gaveUp).toBe('kept');
  });

  test('to keep is decided for one excess: another one is looked at once more', () => {
    const meanwhile = play(`${excess} exit kept 60`);
    expect(stepOf(meanwhile)).toBe('wait 100 next_rung');
    expect(playOn(meanwhile, 'exit kept 60').state.gaveUp).toBe('kept');
    expect(play(`${excess} exit kept 100`).state.gaveUp).toBe('kept');
  });

  test('a trade does not send exits without end', () => {
    const rung = { leg: 'no', rung: 998, attempt: 0, notBeforeMs: 0 } as const;
    const sold = 'exit sell kalshi 1 @ 0.45 -> filled 1';
    const played = play(excess);
    const last = playOn({ ...played, state: { ...played.state, ladder: rung } }, sold);
    expect(last.state.gaveUp).toBeUndefined();
    expect(playOn(last, sold).state.gaveUp).toBe('kept');
  });

  test('reports that end the excess while an exit is on its way break nothing', () => {
    const balanced = play(
      'fired poly filled 100 | kalshi filled 100\n poly filled 100 @ 0.52\n kalshi filled 100 @ 0.45',
    );
    expect(playOn(balanced, 'exit kept').state.gaveUp).toBeUndefined();
    expect(playOn(balanced, 'exit lost').state).toMatchObject({
      exitInDoubt: { clientOrderId: 'exit1' },
      ladder: { rung: 1 },
    });
    expect(stepOf(playOn(balanced, 'exit waited 50 settlement'))).toBe('done');
  });
});
