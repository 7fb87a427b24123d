import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  arbitrageWorkflowId,
  type Outcome,
  price,
  quantity,
  type Side,
} from '../../domain/index.js';
import {
  liveHold,
  openBreaks,
  openCases,
  positions,
  readControl,
  reservationOf,
} from '../../store/index.js';
import { openTestDesk, type TestDesk } from '../support/desk.js';
import { atVenues, mustBeApproved, resultInBooks, soon } from '../support/desk-ends.js';
import { intentOf } from '../support/desk-intent.js';
import { ACCOUNT } from '../support/desk-venues.js';
import { isSweptClean, Sweeping } from './sweeping.js';

let desk: TestDesk;
let sweeping: Sweeping;
beforeAll(async () => {
  desk = await openTestDesk({
    pairs: {
      resting: {},
      bought: {},
      lost: {},
      unheld: {},
      unowned: {},
      started: {},
      exiting: {},
      ended: {},
    },
    // Long enough to do something to a trade that settles, on a busy machine too.
    venues: { confirmMs: 3_000 },
  });
  sweeping = new Sweeping(desk);
});
afterAll(async () => {
  await sweeping.close();
  await desk.close();
});

interface ByHand {
  readonly outcome: Outcome;
  readonly side: Side;
  readonly at: string;
  readonly timeInForce: 'GTC' | 'IOC';
  readonly orderGroupId?: string;
}

/** Somebody trades in the account beside us, at the venue itself. */
function tradeByHand(venue: 'kalshi' | 'polymarket', pairId: string, order: ByHand): string {
  const { market } = desk.pairs.pair(pairId)[venue];
  const id = randomUUID();
  const placed = desk.venues[venue].exchange.place({
    ...{ account: ACCOUNT, market, outcome: order.outcome, side: order.side },
    ...{ limitPrice: price(order.at), timeInForce: order.timeInForce },
    fixed: { kind: 'contracts', contracts: quantity('7') },
    ...{ venueOrderId: id, clientKey: id, isReduceOnly: false, isPostOnly: false },
    ...(order.orderGroupId !== undefined && { orderGroupId: order.orderGroupId }),
  });
  if (placed.kind === 'refused') throw new Error(placed.reason);
  return id;
}

describe('what a living trade lost', () => {
  test('a reservation that is gone is there again, and released with the trade', async (context) => {
    const intentId = 'lost.1';
    const workflowId = arbitrageWorkflowId(intentId);
    const { handle, verdict } = await desk.client.arbitrage(intentOf(intentId, 'lost'));
    mustBeApproved(verdict);
    await soon(() => expect(atVenues(desk, intentId)).toHaveLength(2));
    const before = await reservationOf(desk.db, workflowId);
    await sql`delete from reservations where workflow_id = ${workflowId}`.execute(desk.db);
    await sweeping.round();
    expect(await reservationOf(desk.db, workflowId)).toEqual(before);
    expect(await handle.result()).toMatchObject({ kind: 'matched' });
    await isSweptClean(sweeping, context, { what: 'a lost reservation', swept: 1 });
  });

  test('a hold that is gone is there again, so that no second trade begins', async (context) => {
    const workflowId = arbitrageWorkflowId('unheld.1');
    const { handle } = await desk.client.arbitrage(intentOf('unheld.1', 'unheld'));
    await soon(() => expect(atVenues(desk, 'unheld.1')).toHaveLength(2));
    await sql`delete from pair_holds where holder = ${workflowId}`.execute(desk.db);
    await sweeping.round();
    const hold = await liveHold(desk.db, { pairId: 'unheld', nowMs: Date.now() });
    expect(hold).toMatchObject({ holder: workflowId, untilMs: null });
    const { verdict } = await desk.client.arbitrage(intentOf('unheld.2', 'unheld'));
    expect(verdict).toMatchObject({ kind: 'denied', denial: { code: 'PAIR_IN_FLIGHT' } });
    expect(await handle.result()).toMatchObject({ kind: 'matched' });
    await isSweptClean(sweeping, context, { what: 'a lost hold', swept: 1 });
  });
});

test('exits that nobody owns are the living trade’s again, and it gets out', async (context) => {
  const { handle } = await desk.client.arbitrage(intentOf('unowned.1', 'unowned'));
  await soon(() => expect(atVenues(desk, 'unowned.1')).toHaveLength(2));
  await sql`delete from owners where key = ${handle.workflowId}`.execute(desk.db);
  await sweeping.round();
  const flatten = { cause: 'manual', why: 'out of it', by: 'anna', action: 'flatten' } as const;
  await handle.freeze(flatten);
  expect(await handle.result()).toMatchObject({ kind: 'exited', contracts: 0n });
  await isSweptClean(sweeping, context, { what: 'exits without an owner', swept: 1 });
});

describe('a trade that somebody resets in Temporal Web', () => {
  test('while it runs: nothing is sent twice, and it ends as it would have', async (context) => {
    const { handle } = await desk.client.arbitrage(intentOf('started.1', 'started'));
    await soon(() => expect(atVenues(desk, 'started.1')).toHaveLength(2));
    await resetToBeginning('started.1');
    expect(await handle.result()).toMatchObject({ kind: 'matched', contracts: 10_000_000_000n });
    await isSweptClean(sweeping, context, { what: 'reset while it runs' });
    expect(atVenues(desk, 'started.1')).toHaveLength(2);
  });

  test('while its exit is unanswered: it is sold once, and the result has the sale', async (context) => {
    const intentId = 'exiting.1';
    desk.fault({ intentId, what: 'entry/yes', kinds: ['pulled_liquidity'] });
    desk.fault({ intentId, what: 'exit/no/0', kinds: ['timeout_after_acceptance'] });
    const { handle } = await desk.client.arbitrage(intentOf(intentId, 'exiting'));
    const sold = ['entry/no kalshi buys no @ 0.48: 10', EXIT];
    await soon(() => expect(atVenues(desk, intentId)).toEqual(sold));
    await resetToBeginning(intentId);
    expect(await handle.result()).toMatchObject({ kind: 'exited', contracts: 0n });
    await isSweptClean(sweeping, context, { what: 'reset while an exit is unanswered' });
    expect(atVenues(desk, intentId)).toEqual(sold);
  });
  const EXIT = 'exit/no/0 kalshi reduces, sells no @ 0.46: 10';

  test('after custody has ended it: the reset run only tells what was', async (context) => {
    await desk.client.arbitrage(intentOf('ended.1', 'ended'));
    await soon(() => expect(atVenues(desk, 'ended.1')).toHaveLength(2));
    await desk.temporal.workflow.getHandle(arbitrageWorkflowId('ended.1')).terminate('by hand');
    await sweeping.round();
    expect(await resultInBooks(desk, 'ended.1')).toMatchObject({ kind: 'matched' });

    await resetToBeginning('ended.1');
    const again = desk.client.trade('ended.1');
    expect(await again.result()).toMatchObject({ kind: 'matched', contracts: 10_000_000_000n });
    await isSweptClean(sweeping, context, { what: 'reset after custody ended it', swept: 1 });
    expect(atVenues(desk, 'ended.1')).toHaveLength(2);
  });
});

describe('order groups that no row of ours names', () => {
  test('one is deleted once two sweeps have seen it, unless an order is in it', async (context) => {
    const { exchange } = desk.venues.kalshi;
    const there = () => exchange.orderGroups(ACCOUNT).map(({ groupId }) => groupId);
    const ours = there();
    // Somebody else's: it stays, also when custody has canceled its order.
    exchange.createOrderGroup({ groupId: 'theirs', account: ACCOUNT, limit: quantity('10') });
    const by = { outcome: 'yes', side: 'buy', at: '0.05', timeInForce: 'GTC' } as const;
    tradeByHand('kalshi', 'resting', { ...by, orderGroupId: 'theirs' });
    // A process died between making this one and writing it down.
    exchange.createOrderGroup({ groupId: 'orphan', account: ACCOUNT, limit: quantity('10') });

    await sweeping.round();
    expect(there()).toEqual([...ours, 'theirs', 'orphan']);
    await isSweptClean(sweeping, context, {
      ...{ what: 'an order group that nobody names', swept: 1 },
    });
    expect(there()).toEqual([...ours, 'theirs']);
  });
});

// Last: what is traded by hand is a break of its own twenty seconds later.
describe('what a stranger does in our account', () => {
  test.each(['kalshi', 'polymarket'] as const)(
    'an order that rests at %s is canceled by its id, and ours are not',
    async (venue) => {
      const by = { outcome: 'yes', side: 'buy', at: '0.05', timeInForce: 'GTC' } as const;
      const id = tradeByHand(venue, 'resting', by);
      await sweeping.round();
      const orders = desk.venues[venue].exchange.orders({ account: ACCOUNT });
      expect(orders.find((one) => one.venueOrderId === id)?.state).toBe('canceled');
      expect(await openCases(desk.db)).toEqual([]);
    },
  );

  test.for(['kalshi', 'polymarket'] as const)(
    'an order that rests at %s leaves nothing behind',
    async (venue, context) => {
      const by = { outcome: 'yes', side: 'buy', at: '0.05', timeInForce: 'GTC' } as const;
      tradeByHand(venue, 'resting', by);
      await isSweptClean(sweeping, context, { what: `an order placed by hand at ${venue}` });
      const { freezes } = await readControl(desk.db);
      expect(freezes).toEqual([]);
      expect((await openBreaks(desk.db)).map(({ kind }) => kind)).toEqual([]);
    },
  );

  test('a position that was bought by hand is watched, and its pair is frozen', async (context) => {
    tradeByHand('kalshi', 'bought', {
      outcome: 'yes',
      side: 'buy',
      at: '0.54',
      timeInForce: 'IOC',
    });
    await soon(async () => expect(await heldOf('bought')).toHaveLength(1));
    await isSweptClean(sweeping, context, { what: 'a position bought by hand' });

    const [kept] = await openCases(desk.db);
    expect(kept).toMatchObject({ found: { kind: 'position', quantity: 7_000_000_000n } });
    const { verdict } = await desk.client.arbitrage(intentOf('bought.1', 'bought'));
    expect(verdict).toMatchObject({ denial: { code: 'FROZEN' } });

    tradeByHand('kalshi', 'bought', {
      outcome: 'yes',
      side: 'sell',
      at: '0.52',
      timeInForce: 'IOC',
    });
    await soon(async () => expect(await heldOf('bought')).toEqual([]));
    await sweeping.round();
    expect(await openCases(desk.db)).toEqual([]);
  });
});

async function heldOf(pairId: string) {
  const { market } = desk.pairs.pair(pairId).kalshi;
  const held = await positions(desk.db, ACCOUNT);
  return held.filter(({ instrument }) => instrument.market === market);
}

async function resetToBeginning(intentId: string): Promise<void> {
  const { namespace } = desk.config;
  const handle = desk.temporal.workflow.getHandle(arbitrageWorkflowId(intentId));
  const { events = [] } = await handle.fetchHistory();
  // The first task's end: admission and shot come after it.
  const task = events?.find((event) => event.workflowTaskCompletedEventAttributes);
  const { runId } = await handle.describe();
  await desk.temporal.workflowService.resetWorkflowExecution({
    ...{ namespace, workflowExecution: { workflowId: handle.workflowId, runId } },
    ...{ reason: 'a test', workflowTaskFinishEventId: task?.eventId ?? null },
    requestId: randomUUID(),
  });
}
