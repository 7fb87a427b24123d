import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RateLimits } from '../../domain/index.js';
import type { RunningWork } from '../../workers/lifecycle.js';
import { openTestDesk, readyToTrade, type TestDesk } from '../support/desk.js';
import { atVenues, traded } from '../support/desk-ends.js';
import { intentOf } from '../support/desk-intent.js';
import { testWorkflowBundle } from '../support/stack.js';
import { startTradingAndEngine } from '../support/trading-and-engine.js';

/** Nothing comes back while the test looks. */
const kalshiRates: RateLimits = {
  read: { capacity: 10_000, refillPerSecond: 10_000 },
  write: { capacity: 1_000, refillPerSecond: 0.001 },
};

let desk: TestDesk;
let trading: RunningWork;
beforeAll(async () => {
  desk = await openTestDesk({ pairs: { first: {}, second: {}, third: {} }, isTrading: false });
  const { terms, policy, desk: queues } = desk.place;
  const config = { ...desk.config, processId: 'counting' };
  const options = { terms, policy, kalshiRates, bundle: await testWorkflowBundle(), desk: queues };
  trading = await startTradingAndEngine({ config, log: pino({ level: 'silent' }) }, options);
  await readyToTrade(desk);
});
afterAll(async () => {
  await trading.stop();
  await desk.close();
});

/** So little that whoever is in no hurry waits; an entry takes 10 and leaves 12 for its way out. */
const TOKENS = 45;

test('an exit has its tokens when it needs them; who could not have them does not go in', async () => {
  await desk.db
    .updateTable('rate_buckets')
    .set({ tokens: TOKENS })
    .where('kind', '=', 'write')
    .execute();
  expect(await traded(desk, intentOf('first.1', 'first'))).toMatchObject({ kind: 'matched' });
  // 35 are left: the entry takes 10 of them, its exit 10.
  desk.fault({ intentId: 'second.1', what: 'entry/yes', kinds: ['pulled_liquidity'] });
  expect(await traded(desk, intentOf('second.1', 'second'))).toMatchObject({ kind: 'exited' });
  expect(atVenues(desk, 'second.1')).toContain('exit/no/0 kalshi reduces, sells no @ 0.46: 10');

  const third = await desk.client.arbitrage(intentOf('third.1', 'third'));
  expect(third.verdict).toMatchObject({ kind: 'denied', denial: { code: 'RATE_EXHAUSTED' } });
  const { denial } = third.verdict.kind === 'denied' ? third.verdict : { denial: undefined };
  expect(denial?.code === 'RATE_EXHAUSTED' && denial.tokens).toBeCloseTo(15, 1);
  expect(denial?.code === 'RATE_EXHAUSTED' && denial.tokensNeeded).toBeCloseTo(22, 1);
});
