import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { freeze } from '../../cli/commands/freeze.js';
import type { Desk } from '../../cli/desk.js';
import { arbitrageWorkflowId, price } from '../../domain/index.js';
import { findIntent, heldPairs, liveHold, ordersOf } from '../../store/index.js';
import { openTestDesk, type TestDesk } from '../support/desk.js';
import {
  atVenues,
  BOOKS_AGREE,
  becameAtMs,
  checkedBooks,
  endOf,
  resultInBooks,
  searchedBy,
  sentOrder,
  soon,
  traded,
} from '../support/desk-ends.js';
import { intentOf } from '../support/desk-intent.js';
import { lockOrders } from '../support/desk-locks.js';
import { quickTerms } from '../support/desk-terms.js';
import { ACCOUNT } from '../support/desk-venues.js';

const notice = { cause: 'manual', why: 'a storm is coming', by: 'anna', action: 'leave' } as const;

describe('before the shot', () => {
  let desk: TestDesk;
  beforeAll(async () => {
    const pairs = { cancelled: {}, frozen: {}, thawed: {} };
    desk = await openTestDesk({ pairs, isTrading: false });
  });
  afterEach(async () => desk.stopTrading());
  afterAll(async () => desk.close());

  /** Handed over while no worker runs: what is said now is known before anything is fired. */
  async function saidBefore(
    [intentId, pairId]: readonly [string, string],
    say: (desk: TestDesk) => Promise<void>,
  ) {
    const started = desk.client.arbitrage(intentOf(intentId, pairId, { notAfterMs: LATER }));
    await soon(() => say(desk));
    await desk.startTrading();
    return started;
  }
  const LATER = Date.now() + 600_000;

  test('a cancelled trade ends as cancelled, and nothing was sent', async () => {
    const { handle } = await saidBefore(['cancel.1', 'cancelled'], async ({ client }) =>
      client.trade('cancel.1').cancel(),
    );
    expect(await endOf(handle)).toEqual({ kind: 'cancelled' });
    expect(await resultInBooks(desk, 'cancel.1')).toMatchObject({
      ...{ kind: 'denied', isCanceled: true, denial: { code: 'CANCELED' } },
    });
    expect(atVenues(desk, 'cancel.1')).toEqual([]);
    expect(await ordersOf(desk.db, arbitrageWorkflowId('cancel.1'))).toEqual([]);
  });

  test('a trade that is told to freeze is denied by it, and its pair is free at once', async () => {
    const { handle } = await saidBefore(['freeze.1', 'frozen'], async ({ client }) =>
      client.trade('freeze.1').freeze(notice),
    );
    expect(await handle.result()).toMatchObject({
      ...{ kind: 'denied', denial: { code: 'FROZEN', cause: 'manual', why: notice.why } },
    });
    expect(atVenues(desk, 'freeze.1')).toEqual([]);
    expect(await liveHold(desk.db, { pairId: 'frozen', nowMs: Date.now() })).toBeUndefined();
  });

  test('a trade that is frozen and thawed goes on', async () => {
    const { handle } = await saidBefore(['thaw.1', 'thawed'], async ({ client }) => {
      await client.trade('thaw.1').freeze({ ...notice, freezeId: 'fz-1' });
      await client.trade('thaw.1').unfreeze({ by: 'anna', freezeId: 'fz-1' });
    });
    expect(await handle.result()).toMatchObject({ kind: 'matched' });
  });
});

describe('on the way to the wire', () => {
  let desk: TestDesk;
  beforeAll(async () => {
    desk = await openTestDesk({ pairs: { gate: {}, tardy: {} } });
  });
  afterAll(async () => desk.close());

  test('FROZEN, said in the last moment, stops the shot at the gate', async () => {
    const orders = await lockOrders(desk);
    const { verdict, handle } = await desk.client.arbitrage(intentOf('gate.1', 'gate'));
    expect(verdict.kind).toBe('approved');
    const answer = await freeze(asOperator(desk), {
      ...{ scope: 'pair:gate', cause: 'manual', why: 'it looks odd', action: 'leave' },
    });
    expect(answer.exitCode).toBe(0);
    expect(answer.text).toMatch(/^FROZEN pair:gate: \S+, epoch \d+, acknowledged by 1 processes/);
    expect(answer.data).toMatchObject({ told: [handle.workflowId], untold: [] });
    await orders.release();

    expect(await handle.result()).toMatchObject({
      ...{ kind: 'denied', denial: { code: 'NOT_DISPATCHED', reason: 'FROZEN' } },
    });
    expect(atVenues(desk, 'gate.1')).toEqual([]);
    const stored = await ordersOf(desk.db, arbitrageWorkflowId('gate.1'));
    expect(stored.map(({ status }) => status)).toEqual(['denied', 'denied']);
    expect(await checkedBooks(desk)).toEqual(BOOKS_AGREE);
  });

  test('an order whose time is over is not sent', async () => {
    const orders = await lockOrders(desk);
    const notAfterMs = Date.now() + 700;
    const intent = intentOf('tardy.1', 'tardy', { notAfterMs });
    const { handle } = await desk.client.arbitrage(intent);
    await soon(() => expect(Date.now()).toBeGreaterThan(notAfterMs));
    await orders.release();

    expect(await handle.result()).toMatchObject({
      ...{ kind: 'denied', denial: { code: 'NOT_DISPATCHED', reason: 'TOO_LATE' } },
    });
    expect(atVenues(desk, 'tardy.1')).toEqual([]);
  });
});

describe('after the shot', () => {
  let desk: TestDesk;
  beforeAll(async () => {
    desk = await openTestDesk({
      pairs: { settling: {}, open: {}, selling: {} },
      venues: { confirmMs: 300 },
    });
  });
  afterAll(async () => desk.close());

  test('a cancelled trade settles, and ends as cancelled with its true result in Postgres', async () => {
    const { handle } = await desk.client.arbitrage(intentOf('settling.1', 'settling'));
    await soon(() => expect(atVenues(desk, 'settling.1')).toHaveLength(2));
    await handle.cancel();

    expect(await endOf(handle)).toEqual({ kind: 'cancelled' });
    expect(atVenues(desk, 'settling.1')).toEqual([
      'entry/no kalshi buys no @ 0.48: 10',
      'entry/yes polymarket buys yes @ 0.4: 10 CONFIRMED',
    ]);
    expect(await resultInBooks(desk, 'settling.1')).toMatchObject({
      ...{ kind: 'matched', isCanceled: true, contracts: '10' },
    });
    expect(await searchedBy(desk, handle.workflowId)).toMatchObject({
      ...{ TradeState: 'matched', Unhedged: false },
    });
  });

  test('a cancelled trade still gets out of its excess', async () => {
    desk.fault({ intentId: 'open.1', what: 'entry/no', kinds: ['pulled_liquidity'] });
    const { handle } = await desk.client.arbitrage(intentOf('open.1', 'open'));
    await soon(() => expect(atVenues(desk, 'open.1')).toHaveLength(2));
    await handle.cancel();

    expect(await endOf(handle)).toEqual({ kind: 'cancelled' });
    expect(atVenues(desk, 'open.1').at(-1)).toBe(
      'exit/yes/0 polymarket sells yes @ 0.38: 10 CONFIRMED',
    );
    expect(await resultInBooks(desk, 'open.1')).toMatchObject({ kind: 'exited', contracts: '0' });
  });

  test('a frozen trade only sells: nothing is bought, not even the missing part', async () => {
    desk.fault({ intentId: 'selling.1', what: 'entry/yes', kinds: ['failed_settlement'] });
    const { handle } = await desk.client.arbitrage(intentOf('selling.1', 'selling'));
    await soon(() => expect(atVenues(desk, 'selling.1')).toHaveLength(2));
    await handle.freeze(notice);

    expect(await handle.result()).toMatchObject({ kind: 'exited' });
    expect(atVenues(desk, 'selling.1')).toEqual([
      'entry/no kalshi buys no @ 0.48: 10',
      'entry/yes polymarket buys yes @ 0.4: 10 FAILED',
      'exit/no/0 kalshi reduces, sells no @ 0.46: 10',
    ]);
  });
});

describe('flatten', () => {
  const flatten = { ...notice, action: 'flatten' } as const;
  let desk: TestDesk;
  beforeAll(async () => {
    desk = await openTestDesk({
      pairs: { both: {}, pair: {}, failed: {}, lifted: {} },
      venues: { confirmMs: 1_500 },
    });
  });
  afterAll(async () => desk.close());

  const bothMatched = (intentId: string) =>
    soon(() => expect(atVenues(desk, intentId)).toHaveLength(2));

  test('sells both legs of a living match, the shares once they are CONFIRMED', async () => {
    const { handle } = await desk.client.arbitrage(intentOf('both.1', 'both'));
    await bothMatched('both.1');
    await handle.freeze(flatten);

    expect(await handle.result()).toMatchObject({ kind: 'exited', contracts: 0n });
    expect(atVenues(desk, 'both.1')).toEqual([
      'entry/no kalshi buys no @ 0.48: 10',
      'entry/yes polymarket buys yes @ 0.4: 10 CONFIRMED',
      'exit/no/1 kalshi reduces, sells no @ 0.46: 10',
      'exit/yes/0 polymarket sells yes @ 0.38: 10 CONFIRMED',
    ]);
    const sale = sentOrder(desk, 'both.1', 'exit/yes/0');
    const entry = sentOrder(desk, 'both.1', 'entry/yes');
    expect(sale.createdAtMs).toBeGreaterThanOrEqual(becameAtMs(desk, entry, 'CONFIRMED'));
    expect(await heldPairs(desk.db, ACCOUNT)).toEqual([]);
  });

  test('reaches every living trade of its pair by the command', async () => {
    const { handle } = await desk.client.arbitrage(intentOf('pair.1', 'pair'));
    await bothMatched('pair.1');
    const request = { scope: 'pair:pair', cause: 'manual', why: 'not the same event' } as const;
    const answer = await freeze(asOperator(desk), { ...request, action: 'flatten' });
    expect(answer.data).toMatchObject({ isFrozen: true, told: [handle.workflowId] });

    expect(await handle.result()).toMatchObject({ kind: 'exited', contracts: 0n });
    expect(atVenues(desk, 'pair.1').slice(2)).toEqual([
      'exit/no/1 kalshi reduces, sells no @ 0.46: 10',
      'exit/yes/0 polymarket sells yes @ 0.38: 10 CONFIRMED',
    ]);
  });

  test('of a match whose shares fail on chain sells what is left', async () => {
    desk.fault({ intentId: 'failed.1', what: 'entry/yes', kinds: ['failed_settlement'] });
    const { handle } = await desk.client.arbitrage(intentOf('failed.1', 'failed'));
    await bothMatched('failed.1');
    await handle.freeze(flatten);

    expect(await handle.result()).toMatchObject({ kind: 'exited', contracts: 0n });
    expect(atVenues(desk, 'failed.1')).toEqual([
      'entry/no kalshi buys no @ 0.48: 10',
      'entry/yes polymarket buys yes @ 0.4: 10 FAILED',
      'exit/no/0 kalshi reduces, sells no @ 0.46: 10',
    ]);
  });

  test('that is lifted before anything could be sold leaves the match whole', async () => {
    const { handle } = await desk.client.arbitrage(intentOf('lifted.1', 'lifted'));
    await bothMatched('lifted.1');
    await handle.freeze({ ...flatten, freezeId: 'fz-lifted' });
    await handle.unfreeze({ by: 'anna', freezeId: 'fz-lifted' });

    expect(await handle.result()).toMatchObject({ kind: 'matched', contracts: 10_000_000_000n });
    expect(atVenues(desk, 'lifted.1')).toHaveLength(2);
  });

  test('afterwards our books are the venues’ ledgers', async () => {
    expect(await checkedBooks(desk)).toEqual(BOOKS_AGREE);
  });
});

test('a flatten that no price within the loss bound allows leaves the match whole, and says why', async () => {
  const exit = { ...quickTerms.exit, lossMax: price('0.001') };
  const desk = await openTestDesk({
    pairs: { dear: {} },
    terms: { exit },
    venues: { confirmMs: 1_500 },
  });
  try {
    const { handle } = await desk.client.arbitrage(intentOf('dear.1', 'dear'));
    await soon(() => expect(atVenues(desk, 'dear.1')).toHaveLength(2));
    await handle.freeze({ ...notice, action: 'flatten' });

    expect(await handle.result()).toMatchObject({ kind: 'matched', contracts: 10_000_000_000n });
    expect(atVenues(desk, 'dear.1')).toHaveLength(2);
    const told = (await handle.timeline()).map(({ event, text }) => `${event}: ${text}`);
    expect(told).toContain('exit: kept: loss_limit');
    expect(await heldPairs(desk.db, ACCOUNT)).toMatchObject([{ pairId: 'dear' }]);
  } finally {
    await desk.close();
  }
});

test('a desk that drains in the middle of a trade leaves it to the next worker', async () => {
  const desk = await openTestDesk({ pairs: { drained: {} }, venues: { confirmMs: 2_500 } });
  try {
    const ended = traded(desk, intentOf('drained.1', 'drained'));
    await soon(() => expect(atVenues(desk, 'drained.1')).toHaveLength(2));
    await desk.stopTrading();
    expect((await findIntent(desk.db, 'drained.1'))?.result).toBeUndefined();
    await desk.startTrading();

    expect(await ended).toMatchObject({ kind: 'matched' });
    expect(atVenues(desk, 'drained.1')).toHaveLength(2);
    expect(await checkedBooks(desk)).toEqual(BOOKS_AGREE);
  } finally {
    await desk.close();
  }
});

/** The desk as a command of `legwork` sees it. */
function asOperator({ db, client }: TestDesk): Desk {
  return {
    ...{ db, mode: 'simulated', operator: 'anna@desk7', nowMs: Date.now },
    client: async () => client,
    close: async () => undefined,
  };
}
