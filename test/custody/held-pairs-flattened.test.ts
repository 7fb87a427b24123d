import { afterAll, beforeAll, expect, type TestContext, test } from 'vitest';
import { freeze } from '../../cli/commands/freeze.js';
import {
  arbitrageWorkflowId,
  custodyOf,
  formatAmount,
  legInstrument,
  price,
} from '../../domain/index.js';
import { heldPairOf, liveHold, openBreaks, openCases, storyOf } from '../../store/index.js';
import { openTestDesk, type TestDesk } from '../support/desk.js';
import {
  atVenues,
  BOOKS_AGREE,
  checkedBooks,
  resultInBooks,
  soon,
  traded,
} from '../support/desk-ends.js';
import { intentOf } from '../support/desk-intent.js';
import { operatorOf } from '../support/desk-operator.js';
import { quickTerms } from '../support/desk-terms.js';
import { ACCOUNT } from '../support/desk-venues.js';
import { isSweptClean, Sweeping } from './sweeping.js';

let desk: TestDesk;
let sweeping: Sweeping;
beforeAll(async () => {
  desk = await openTestDesk({ pairs: { all: {}, one: {}, lost: {}, decided: {} } });
  sweeping = new Sweeping(desk);
});
afterAll(async () => {
  await sweeping.close();
  await desk.close();
});

/** Matched and recorded: nobody but its held pair answers for it any more. */
async function held(of: TestDesk, intentId: string): Promise<void> {
  const pairId = intentId.split('.')[0] ?? '';
  await soon(async () =>
    expect(await liveHold(of.db, { pairId, nowMs: Date.now() })).toBeUndefined(),
  );
  expect(await traded(of, intentOf(intentId, pairId))).toMatchObject({ kind: 'matched' });
}

async function flatten(of: TestDesk, scope: string): Promise<unknown> {
  const request = { scope, cause: 'manual', why: 'not the same event', action: 'flatten' } as const;
  const { data } = await freeze(operatorOf(of), request);
  return data;
}

/** "closed sold 0/0". */
async function standing(of: TestDesk, intentId: string): Promise<string> {
  const pair = await heldPairOf(of.db, arbitrageWorkflowId(intentId));
  if (!pair) return 'none';
  const { closedAtMs, state, yesHeld, noHeld } = pair;
  const how = closedAtMs === undefined ? 'open' : 'closed';
  return `${how} ${state} ${formatAmount(yesHeld)}/${formatAmount(noHeld)}`;
}

const SOLD = [
  'entry/no kalshi buys no @ 0.48: 10',
  'entry/yes polymarket buys yes @ 0.4: 10 CONFIRMED',
  'exit/no/1 kalshi reduces, sells no @ 0.46: 10',
  'exit/yes/0 polymarket sells yes @ 0.38: 10 CONFIRMED',
];

async function nothingIsLeft(context: TestContext, what: string): Promise<void> {
  await isSweptClean(sweeping, context, { what });
  expect(await openCases(desk.db)).toEqual([]);
  expect(await openBreaks(desk.db)).toEqual([]);
  expect(await checkedBooks(desk)).toEqual(BOOKS_AGREE);
}

test('a held match of a frozen pair is sold at both venues, its trade long closed', async (context) => {
  await held(desk, 'all.1');
  const told = await flatten(desk, 'pair:all');
  expect(told).toMatchObject({ isFrozen: true, told: [], flattened: ['arbitrage/all.1'] });

  await soon(async () => expect(await standing(desk, 'all.1')).toBe('closed sold 0/0'));
  expect(atVenues(desk, 'all.1')).toEqual(SOLD);
  expect(await resultInBooks(desk, 'all.1')).toMatchObject({ kind: 'matched', contracts: '10' });
  await nothingIsLeft(context, 'a held match is flattened');
  const story = await storyOf(desk.db, arbitrageWorkflowId('all.1'));
  expect(story.map(({ text }) => text).join('\n')).toMatch(/flattens its match, 10 YES and 10 NO/);
});

test('of two matches of a pair only the one that was named is sold', async (context) => {
  await held(desk, 'one.1');
  await held(desk, 'one.2');
  await flatten(desk, 'workflow:arbitrage/one.2');

  await soon(async () => expect(await standing(desk, 'one.2')).toBe('closed sold 0/0'));
  await nothingIsLeft(context, 'one of two held matches is flattened');
  expect(await standing(desk, 'one.1')).toBe('open waiting 10/10');
  expect(atVenues(desk, 'one.1')).toHaveLength(2);
});

test('custody that is terminated between the two sales is followed by one that ends them', async (context) => {
  await held(desk, 'lost.1');
  const sale = { intentId: 'lost.1', what: 'exit/yes/0' };
  desk.fault({ ...sale, kinds: ['timeout_after_acceptance'] });
  await flatten(desk, 'pair:lost');
  await soon(() => expect(atVenues(desk, 'lost.1')).toHaveLength(3));
  const instrument = legInstrument(desk.pairs.pair('lost'), 'poly_yes_kalshi_no', 'yes');
  const custodyId = custodyOf({ account: ACCOUNT, instrument });
  await desk.temporal.workflow.getHandle(custodyId).terminate('by hand');

  await nothingIsLeft(context, 'custody is terminated while it flattens');
  expect(await standing(desk, 'lost.1')).toBe('closed sold 0/0');
  expect(atVenues(desk, 'lost.1')).toEqual(SOLD);
});

test('a match of which one market has been decided waits for what it is paid', async (context) => {
  await held(desk, 'decided.1');
  desk.venues.kalshi.exchange.resolveMarket(desk.pairs.pair('decided').kalshi.market, 'yes');
  await soon(async () => {
    await sweeping.round();
    expect(await standing(desk, 'decided.1')).toBe('open resolved_on_one 10/0');
  });
  await flatten(desk, 'pair:decided');
  await soon(async () => {
    const story = await storyOf(desk.db, arbitrageWorkflowId('decided.1'));
    expect(story.at(-1)?.text).toBe('not flattened: its match is resolved_on_one');
  });
  await nothingIsLeft(context, 'a decided match is not flattened');
  expect(atVenues(desk, 'decided.1')).toHaveLength(2);
});

test('a match that no price within the loss bound takes stays whole, once for every freeze', async (context) => {
  const exit = { ...quickTerms.exit, lossMax: price('0.001') };
  const dear = await openTestDesk({ pairs: { dear: {} }, terms: { exit } });
  const swept = new Sweeping(dear);
  try {
    await held(dear, 'dear.1');
    const tries = async (): Promise<number> => {
      const story = await storyOf(dear.db, arbitrageWorkflowId('dear.1'));
      return story.filter(({ text }) => text === 'kept: loss_limit').length;
    };
    for (const count of [1, 2]) {
      await flatten(dear, 'global');
      await soon(async () => {
        expect(await tries()).toBe(count);
        expect(await openCases(dear.db)).toEqual([]);
      });
    }
    expect(await standing(dear, 'dear.1')).toBe('open waiting 10/10');
    expect(atVenues(dear, 'dear.1')).toHaveLength(2);
    await isSweptClean(swept, context, { what: 'a held match is too dear to flatten' });
  } finally {
    await swept.close();
    await dear.close();
  }
}, 90_000);
