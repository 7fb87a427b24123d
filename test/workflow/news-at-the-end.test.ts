import { afterAll, beforeAll, expect, test } from 'vitest';
import { arbitrageWorkflowId, quantity } from '../../domain/index.js';
import { openBreaks, reservationOf } from '../../store/index.js';
import { openTestDesk, type TestDesk } from '../support/desk.js';
import {
  atVenues,
  BOOKS_AGREE,
  checkedBooks,
  expectEnd,
  frozenPairs,
  mustBeApproved,
  resultInBooks,
} from '../support/desk-ends.js';
import { intentOf } from '../support/desk-intent.js';
import { heldOpenUntilBooked } from '../support/desk-locks.js';
import { orderOf } from '../support/desk-venues.js';

// A venue fills what it called canceled, while the result that lacks the fill is being written: the
// server refuses the task that has ended the trade without hearing of it, and the trade goes on. Where
// the writing takes longer than a task may, the trade hears of it and is not refused: it goes on, too.

let desk: TestDesk;
beforeAll(async () => {
  desk = await openTestDesk({ pairs: { sold: {}, bought: {}, matched: {}, slow: {} } });
});
afterAll(async () => desk.close());

/** Its worker asks for another task after four fifths of a second, and that one hears the news. */
const LONGER_THAN_A_TASK_MS = 2_000;

type Leg = 'entry/no' | 'entry/yes';

function filledLate(intentId: string, what: Leg): void {
  desk.venues.script.add({
    name: `${intentId}/${what}`,
    when: { order: orderOf(intentId, what) },
    fault: { kind: 'fill_after_cancel', afterMs: 100 },
  });
}

async function endedAround(intentId: string, held: { fills?: number; toldMs?: number } = {}) {
  const workflowId = arbitrageWorkflowId(intentId);
  const { handle, verdict } = await desk.client.arbitrage(
    intentOf(intentId, intentId.split('.')[0] ?? ''),
  );
  mustBeApproved(verdict);
  await heldOpenUntilBooked(desk.db, workflowId, held);
  return { workflowId, result: await handle.result() };
}

async function nobodyHasToLook(workflowId: string): Promise<void> {
  expect(await openBreaks(desk.db)).toEqual([]);
  expect(await frozenPairs(desk)).toEqual([]);
  expect(await reservationOf(desk.db, workflowId)).toBeUndefined();
  expect(await checkedBooks(desk)).toEqual(BOOKS_AGREE);
}

test.each([
  [
    'sold.1',
    'entry/no',
    ['entry/no kalshi buys no @ 0.48: 10', 'exit/no/0 kalshi reduces, sells no @ 0.46: 10'],
  ],
  [
    'bought.1',
    'entry/yes',
    [
      'entry/no kalshi buys no @ 0.48: 0',
      'entry/yes polymarket buys yes @ 0.4: 10 CONFIRMED',
      'exit/yes/0 polymarket sells yes @ 0.38: 10 CONFIRMED',
    ],
  ],
] as const)(
  'the end is taken back, what was filled is sold, and nobody has to look (%s)',
  async (intentId, what, orders) => {
    const beside = what === 'entry/no' ? 'entry/yes' : 'entry/no';
    desk.fault({ intentId, what: beside, kinds: ['pulled_liquidity'] });
    filledLate(intentId, what);
    const { workflowId, result } = await endedAround(intentId);
    expectEnd(result, { kind: 'exited', contracts: 0n });
    expect(atVenues(desk, intentId)).toEqual(orders);
    expect(await resultInBooks(desk, intentId)).toMatchObject({ kind: 'exited' });
    await nobodyHasToLook(workflowId);
  },
);

test('the end is taken back, both legs were filled after all, and nobody has to look', async () => {
  const intentId = 'matched.1';
  filledLate(intentId, 'entry/yes');
  filledLate(intentId, 'entry/no');
  const { workflowId, result } = await endedAround(intentId, { fills: 2 });
  expectEnd(result, { kind: 'matched', contracts: quantity('10') });
  expect(atVenues(desk, intentId)).toEqual([
    'entry/no kalshi buys no @ 0.48: 10',
    'entry/yes polymarket buys yes @ 0.4: 10 CONFIRMED',
  ]);
  expect(await resultInBooks(desk, intentId)).toMatchObject({ kind: 'matched' });
  await nobodyHasToLook(workflowId);
});

test('the same where writing the end takes longer than a workflow task', async () => {
  const intentId = 'slow.1';
  desk.fault({ intentId, what: 'entry/yes', kinds: ['pulled_liquidity'] });
  filledLate(intentId, 'entry/no');
  const { workflowId, result } = await endedAround(intentId, { toldMs: LONGER_THAN_A_TASK_MS });
  expectEnd(result, { kind: 'exited', contracts: 0n });
  expect(atVenues(desk, intentId)).toEqual([
    'entry/no kalshi buys no @ 0.48: 10',
    'exit/no/0 kalshi reduces, sells no @ 0.46: 10',
  ]);
  expect(await resultInBooks(desk, intentId)).toMatchObject({ kind: 'exited' });
  await nobodyHasToLook(workflowId);
});
