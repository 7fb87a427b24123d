import { describe, expect, test } from 'vitest';
import { price, quantity } from '../../domain/money.js';
import { closingOf } from '../../domain/trade/closing.js';
import {
  describeExit,
  describeLeg,
  describeOutcome,
  describeResult,
  describeRow,
} from '../../domain/trade/describe.js';
import { admitted, cancelRequested, openTrade } from '../../domain/trade/open-trade.js';
import { hasOpenRisk, phaseOf, waitingFor } from '../../domain/trade/phase-of.js';
import { resultOf } from '../../domain/trade/result-of.js';
import { approvalFor, fillOf, intentOf, orderOf } from './trade-fixture.js';
import { play, stateOf } from './trade-story.js';

const matched = `
  fired  poly filled 100 | kalshi filled 100
  poly   matched 100 @ 0.52
  kalshi filled  100 @ 0.45
`;
const excess = `
  fired  poly refused no_match | kalshi filled 100
  kalshi filled 100 @ 0.45
`;

describe('where a trade stands, in a word, and what it waits for', () => {
  const rows: readonly (readonly [story: string, phase: string, waits: string])[] = [
    ['', 'firing', 'the answers to both legs'],
    ['cancel', 'denied', 'nothing'],
    ['fired poly filled 100 | kalshi filled 100', 'reporting', 'the venue’s trade rows'],
    ['fired poly unknown | kalshi canceled 0', 'unknown', 'answers about poly'],
    [
      'fired poly unknown | kalshi canceled 0\n asked poly open',
      'unknown',
      'evidence about an unknown order',
    ],
    [matched, 'provisional', 'CONFIRMED or FAILED on chain'],
    [`${matched} poly confirmed 100`, 'matched', 'nothing'],
    [excess, 'exiting', 'an exit of the NO leg'],
    [
      `${excess} exit sell kalshi 100 @ 0.45 -> canceled 10`,
      'exiting',
      'the next rung of the ladder',
    ],
    [
      `${excess} exit sell kalshi 100 @ 0.45 -> refused rate`,
      'exiting',
      'the venue to take the order again',
    ],
    [`${excess} exit kept`, 'residual', 'nothing'],
  ];
  test.each(rows)('%s', (story, phase, waits) => {
    const { state, nowMs } = play(story);
    expect([phaseOf(state, nowMs), waitingFor(state, nowMs)]).toEqual([phase, waits]);
  });

  test('before the verdict it is being admitted', () => {
    const opened = openTrade(intentOf(), 'arbitrage/desk.1.1');
    expect([phaseOf(opened, 0), waitingFor(opened, 0)]).toEqual(['admitting', 'admission']);
  });

  test('what an engine has fired is being adopted, and then cannot be stopped any more', () => {
    const intent = intentOf({ door: 'armed', host: 'host-a' });
    const opened = openTrade(intent, 'arbitrage/desk.1.1');
    expect([phaseOf(opened, 0), waitingFor(opened, 0)]).toEqual(['adopting', 'adoption']);
    const canceled = cancelRequested(admitted(opened, approvalFor()));
    expect([phaseOf(canceled, 0), waitingFor(canceled, 0)]).toEqual([
      'firing',
      'the answers to both legs',
    ]);
  });

  test('it is unhedged from the first fill until both legs are equal', () => {
    const halves = ['fired poly filled 100 | kalshi filled 100', 'poly matched 100 @ 0.52'];
    expect(hasOpenRisk(play(halves[0] ?? '').state)).toBe(false);
    expect(hasOpenRisk(play(halves.join('\n')).state)).toBe(true);
    expect(hasOpenRisk(play(matched).state)).toBe(false);
    expect(hasOpenRisk(play(`${excess} exit kept`).state)).toBe(true);
  });
});

describe('what a trade leaves behind', () => {
  const rows: readonly (readonly [story: string, isError: boolean, holdForMs: number])[] = [
    [`${matched} poly confirmed 100`, false, 10_000],
    ['fired poly refused no_match | kalshi canceled 0', false, 10_000],
    ['fired poly canceled 0 | kalshi canceled 0', false, 0],
    ['fired poly refused terminal | kalshi refused funds', true, 0],
    ['fired poly notSent | kalshi notSent', false, 0],
    ['cancel', false, 0],
  ];
  test.each(rows)('%s', (story, isError, holdForMs) => {
    const { state, nowMs } = play(story);
    const closing = closingOf(state, resultOf(state, nowMs));
    expect(closing).toMatchObject({ isError, holdForMs, workflowId: 'arbitrage/desk.1.1' });
  });

  test('a dry run holds its pair like a shot', () => {
    const { state } = play('', { intent: { dryRun: true } });
    expect(closingOf(state, resultOf(state, 0)).holdForMs).toBe(10_000);
  });
});

describe('a fact in one line', () => {
  const code = 'TIMEOUT';
  test('of an answer', () => {
    const accepted = { kind: 'accepted', venueOrderId: 'v', state: 'canceled' } as const;
    const told = [
      describeOutcome({ ...accepted, cumulativeQuantity: quantity('60') }),
      describeOutcome({ kind: 'refused', refusal: 'funds', code: 'poor', reason: 'r' }),
      describeOutcome({ kind: 'notSent', code: 'TOO_LATE', reason: 'r' }),
      describeOutcome({ kind: 'unknown', code, reason: 'r' }),
    ];
    expect(told).toEqual([
      'accepted, canceled, 60 traded',
      'refused (funds): poor',
      'not sent: TOO_LATE',
      'unknown: TIMEOUT',
    ]);
  });

  test('of an exit', () => {
    const order = orderOf({ clientOrderId: 'c', limitPrice: price('0.44') });
    const outcome = { kind: 'unknown', code, reason: 'r' } as const;
    const told = [
      describeExit({ kind: 'sent', how: 'sell', order, outcome, atMs: 0 }),
      describeExit({ kind: 'waited', why: 'settlement', untilMs: 9 }),
      describeExit({ kind: 'kept', reason: 'loss_limit' }),
      describeExit({ kind: 'unknown', clientOrderId: 'c' }),
    ];
    expect(told).toEqual([
      'sell at 0.44: unknown: TIMEOUT',
      'waits: settlement',
      'kept: loss_limit',
      'unknown: c',
    ]);
  });

  test('of a row, a leg and a result', () => {
    const order = orderOf({ clientOrderId: 'c' });
    const match = { executionId: 'e', contracts: quantity('60'), price: price('0.52'), atMs: 0 };
    expect(describeRow(fillOf(order, match))).toBe('polymarket buy YES 60 @ 0.52 provisional');
    const half = play(matched);
    expect(describeLeg(half.state, stateOf(half, 'poly'))).toBe(
      '- **yes** polymarket buy YES at 0.52: **filled**, 100 traded, provisional · `poly`',
    );
    const refused = play(excess);
    expect(describeLeg(refused.state, stateOf(refused, 'poly'))).toBe(
      '- **yes** polymarket buy YES at 0.52: **rejected** (no_match), 0 traded · `poly`',
    );
    const kept = play(`${excess} exit kept`);
    expect(describeResult(resultOf(kept.state, 0))).toBe(
      'residual: 0 matched, net -45.01, 100 NO left (kept)',
    );
    expect(describeResult(resultOf(play('cancel').state, 0))).toBe('denied: CANCELED');
  });
});
