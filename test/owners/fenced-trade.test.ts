import { expect, test } from 'vitest';
import { describeExit } from '../../domain/trade/describe.js';
import { phaseOf } from '../../domain/trade/phase-of.js';
import { resultOf } from '../../domain/trade/result-of.js';
import type { ExitOutcome } from '../../domain/trade/trade.js';
import { exitTried } from '../../domain/trade/transitions.js';
import { type Played, play, playOn, stepOf } from '../domain/trade-story.js';

const EXCESS = `
  fired  poly refused no_match | kalshi filled 100
  kalshi filled 100 @ 0.45`;
const owner = { key: 'arbitrage/desk.1.1', holder: 'custody/kalshi/main/no', epoch: 2 };
const FENCED: ExitOutcome = { kind: 'fenced', owner };

const fenced = ({ state, nowMs }: Played): Played => ({
  state: exitTried(state, FENCED, nowMs),
  nowMs,
});

test('a trade that was taken over sends no exit any more and says who does', () => {
  const before = play(EXCESS);
  expect(stepOf(before)).toMatch(/^exit/);
  const after = fenced(before);
  expect(stepOf(after)).toBe('done');
  expect(describeExit(FENCED)).toBe('fenced: its exits belong to custody/kalshi/main/no (epoch 2)');
  expect(resultOf(after.state, 0)).toMatchObject({
    kind: 'residual',
    residual: { leg: 'no', reason: 'taken_over' },
  });
  expect(phaseOf(after.state, 0)).toBe('residual');
});

test('another excess does not give a trade its exits back', () => {
  const grown = playOn(fenced(play(EXCESS)), 'kalshi filled 5 @ 0.44');
  expect(stepOf(grown)).not.toMatch(/^exit/);
});

test('it still asks about what it has sent itself', () => {
  const doubt = fenced(play('fired poly unknown | kalshi filled 100\n kalshi filled 100 @ 0.45'));
  expect(stepOf(doubt)).toBe('ask poly');
});
