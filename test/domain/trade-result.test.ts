import { describe, expect, test } from 'vitest';
import { formatAmount, money, quantity } from '../../domain/money.js';
import { nextStep } from '../../domain/trade/next-step.js';
import { admitted, openTrade } from '../../domain/trade/open-trade.js';
import { resultOf } from '../../domain/trade/result-of.js';
import { delayedPair, intentOf } from './trade-fixture.js';
import { endOf, play, stepOf } from './trade-story.js';

describe('how a trade ends', () => {
  const rows: readonly (readonly [name: string, story: string, end: string])[] = [
    [
      'equal fills are a match',
      'fired poly filled 100 | kalshi filled 100\n poly matched 100 @ 0.52\n kalshi filled 100 @ 0.45\n poly confirmed 100',
      'matched',
    ],
    [
      'equal partial fills are a match',
      'fired poly canceled 60 | kalshi canceled 60\n poly filled 60 @ 0.52\n kalshi filled 60 @ 0.45',
      'matched',
    ],
    ['nothing filled', 'fired poly refused no_match | kalshi canceled 0', 'missed'],
    [
      'all that was filled was taken back',
      `fired poly filled 100 | kalshi canceled 0
       poly matched 100 @ 0.52
       poly failed 100`,
      'missed',
    ],
    [
      'an unknown order that was never there',
      'fired poly unknown | kalshi canceled 0\n asked poly absent',
      'missed',
    ],
    ['both legs stopped at the last gate', 'fired poly notSent | kalshi notSent', 'denied'],
    [
      'an order that was never sent, and traded all the same',
      'fired poly notSent | kalshi notSent\n kalshi filled 40 @ 0.45\n exit kept',
      'residual no 40 kept',
    ],
    ['canceled before the shot', 'cancel', 'denied'],
    ['frozen before the shot', 'freeze', 'denied'],
    [
      'an excess that was sold',
      `fired poly refused funds | kalshi filled 100
       kalshi filled 100 @ 0.45
       exit sell kalshi 100 @ 0.44 -> filled 100
       exit1 filled 100 @ 0.44`,
      'exited',
    ],
    [
      'an excess that was completed',
      `fired poly refused no_match | kalshi filled 100
       kalshi filled 100 @ 0.45
       exit buy poly 100 @ 0.53 -> filled 100
       exit1 matched 100 @ 0.53
       exit1 confirmed 100`,
      'exited',
    ],
    [
      'an excess that is kept',
      'fired poly refused funds | kalshi filled 100\n kalshi filled 100 @ 0.45\n exit kept',
      'residual no 100 kept',
    ],
    [
      'an excess of which some is left',
      `fired poly refused funds | kalshi filled 100
       kalshi filled 100 @ 0.45
       exit sell kalshi 100 @ 0.44 -> canceled 60
       exit1 filled 60 @ 0.44
       exit kept`,
      'residual no 40 kept',
    ],
  ];
  test.each(rows)('%s', (_name, story, end) => {
    const played = play(story);
    expect(stepOf(played)).toBe('done');
    expect(endOf(played)).toBe(end);
  });

  test('a leg that was held back is matched by its hedge, and exited by anything else', () => {
    const first = `fired poly filled 100 | kalshi notSent
      poly matched 100 @ 0.52
      poly confirmed 100`;
    const hedge = `exit buy kalshi 60 @ 0.45 -> filled 60
      exit1 filled 60 @ 0.45`;
    const rest = `exit buy kalshi 40 @ 0.45 -> filled 40
      exit2 filled 40 @ 0.45`;
    const sale = `exit sell poly 40 @ 0.51 -> filled 40
      exit2 matched 40 @ 0.51
      exit2 confirmed 40`;
    const end = (...parts: string[]) => endOf(play(parts.join('\n'), { pair: delayedPair }));
    expect(end(first, hedge, rest)).toBe('matched');
    expect(end(first, hedge, sale)).toBe('exited');
    expect(endOf(play([first, hedge, rest].join('\n')))).toBe('exited');
  });

  test('a dry run is missed, and a denial is told with its numbers', () => {
    expect(endOf(play('', { intent: { dryRun: true } }))).toBe('missed');
    const denial = { code: 'EDGE_TOO_SMALL', edge: money('0'), edgeMin: money('0.01') };
    const opened = openTrade(intentOf(), 'arbitrage/desk.1.1');
    const state = admitted(opened, { kind: 'denied', denial, atMs: 0 } as never); // amounts share one form
    expect(resultOf(state, 0)).toMatchObject({ kind: 'denied', denial });
    expect(nextStep(state, 0)).toEqual({ kind: 'done' });
  });

  test('what the venue sold beyond what was held is a residual of the other side, and no pair', () => {
    const { state, nowMs } = play(`
      fired poly refused funds | kalshi filled 100
      kalshi filled 100 @ 0.45
      exit sell kalshi 100 @ 0.44 -> filled 120
      exit1 filled 120 @ 0.44
    `);
    expect(resultOf(state, nowMs)).toMatchObject({
      kind: 'residual',
      contracts: 0n,
      residual: { leg: 'yes', quantity: quantity('20') },
    });
  });

  test('what was told before is told again', () => {
    const first = play('fired poly refused no_match | kalshi canceled 0');
    const result = resultOf(first.state, 0);
    const opened = openTrade(intentOf(), 'arbitrage/desk.1.1');
    const verdict = { kind: 'approved' } as const;
    const state = admitted(opened, { kind: 'repeated', verdict, result, atMs: 0 });
    expect(resultOf(state, 9)).toEqual(result);
    expect(nextStep(state, 9)).toEqual({ kind: 'done' });
  });

  test('money is the sum of rows: a match earns its dollars less cost and fees', () => {
    const { state, nowMs } = play(`
      fired poly filled 100 | kalshi filled 100
      poly   matched   100 @ 0.52
      kalshi filled    100 @ 0.45
      poly   confirmed 100
    `);
    expect(resultOf(state, nowMs)).toEqual({
      kind: 'matched',
      contracts: quantity('100'),
      fees: money('0.02'),
      gross: money('3'),
      net: money('2.98'),
      exposureContractSeconds: quantity('0'),
      exitCost: money('0'),
      isCanceled: false,
    });
  });

  test('a sold excess costs what it had cost less what it brought, for as long as it was open', () => {
    const { state, nowMs } = play(`
      fired poly refused funds | kalshi filled 100
      kalshi filled 100 @ 0.45
      after  1500
      exit   sell kalshi 100 @ 0.44 -> filled 100
      exit1  filled 100 @ 0.44
      after  1000
      cancel
    `);
    expect(resultOf(state, nowMs)).toEqual({
      kind: 'exited',
      contracts: quantity('0'),
      fees: money('0.02'),
      gross: money('-1'),
      net: money('-1.02'),
      exposureContractSeconds: quantity('150'),
      exitCost: money('1.02'),
      isCanceled: true,
    });
  });

  test('a completion costs what the pair has cost above its dollar', () => {
    const { state, nowMs } = play(`
      fired poly refused no_match | kalshi filled 100
      kalshi filled 100 @ 0.45
      exit   buy poly 100 @ 0.57 -> filled 100
      exit1  filled 100 @ 0.57
    `);
    const { contracts, net, exitCost } = resultOf(state, nowMs);
    expect([contracts, net, exitCost].map(formatAmount)).toEqual(['100', '-2.02', '2.02']);
  });

  test('a reversed fill leaves no money behind, and what is left over is worth nothing', () => {
    const { state, nowMs } = play(`
      fired poly filled 100 | kalshi filled 100
      kalshi filled 100 @ 0.45
      poly   matched 100 @ 0.52
      poly   failed 100
      exit   kept
      after  2000
    `);
    const { kind, fees, net, exposureContractSeconds } = resultOf(state, nowMs);
    expect([kind, ...[fees, net, exposureContractSeconds].map(formatAmount)]).toEqual([
      'residual',
      '0.01',
      '-45.01',
      '200',
    ]);
  });
});
