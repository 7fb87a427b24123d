import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freeze } from '../../cli/commands/freeze.js';
import { unfreeze } from '../../cli/commands/unfreeze.js';
import {
  arbitrageWorkflowId,
  formatAmount,
  type PlaceAnswer,
  quantity,
} from '../../domain/index.js';
import { keptGroups, limitsOf, liveHold, ordersOf, setLimits } from '../../store/index.js';
import { createKalshiVenue } from '../../venues/index.js';
import { simulatedCredentials } from '../../workers/credentials.js';
import { openTestDesk, type TestDesk } from '../support/desk.js';
import {
  atVenues,
  BOOKS_AGREE,
  checkedBooks,
  sentOrder,
  soon,
  traded,
} from '../support/desk-ends.js';
import { intentOf } from '../support/desk-intent.js';
import { operatorOf } from '../support/desk-operator.js';
import { ACCOUNT } from '../support/desk-venues.js';

describe('order groups', () => {
  let desk: TestDesk;
  beforeAll(async () => {
    desk = await openTestDesk({
      pairs: { plain: {}, killed: {}, other: {}, flat: {}, runaway: {} },
      venues: { confirmMs: 1_000 },
    });
  });
  afterAll(async () => desk.close());

  const keptOf = async (pairId: string) =>
    (await keptGroups(desk.db, ACCOUNT)).find(({ group }) => group.pairId === pairId);
  /** The group of a pair, as we know it; the venue has it under that name. */
  async function groupOf(pairId: string): Promise<string> {
    return (await keptOf(pairId))?.group.groupId ?? 'none';
  }
  const atVenue = async (pairId: string) => {
    const groupId = await groupOf(pairId);
    const groups = desk.venues.kalshi.exchange.orderGroups(ACCOUNT);
    return groups.find((group) => group.groupId === groupId);
  };
  const said = (pairId: string, action: 'cancel' | 'flatten') =>
    ({ scope: `pair:${pairId}`, cause: 'manual', why: 'a test', action }) as const;

  /** As a process that nobody reaches would: the recorded bytes of an entry under another name. */
  async function lateEntry(intentId: string, name: string): Promise<PlaceAnswer> {
    const orders = await ordersOf(desk.db, arbitrageWorkflowId(intentId));
    const entry = orders.find(({ order }) => order.instrument.venue === 'kalshi');
    if (!entry) throw new Error(`${intentId} has no entry at Kalshi`);
    const { folders } = desk.config;
    const venue = createKalshiVenue({
      ...{ account: ACCOUNT, baseUrl: `${desk.venues.kalshi.url}/trade-api/v2`, nowMs: Date.now },
      credentials: simulatedCredentials(folders.credentials, ACCOUNT).kalshi,
    });
    const order = { ...entry.order, clientOrderId: name };
    const body = entry.body.replace(entry.order.clientOrderId, name);
    const answer = await venue.place({ order, body }, 2_000);
    await venue.close();
    return answer;
  }

  test('every pair has one of its own before anything trades', async () => {
    const groups = (await keptGroups(desk.db, ACCOUNT)).map(({ group }) => group);
    expect(groups.map(({ pairId }) => pairId).sort()).toEqual(
      desk.pairs.pairs.map(({ pairId }) => pairId).sort(),
    );
    const known = desk.venues.kalshi.exchange.orderGroups(ACCOUNT);
    expect(known.map(({ groupId }) => groupId).sort()).toEqual(
      groups.map(({ groupId }) => groupId).sort(),
    );
  });

  test('a changed limit of the account is the venue’s in every group', async () => {
    const limits = await limitsOf(desk.db, ACCOUNT);
    if (!limits) throw new Error('the account has limits');
    const { exchange } = desk.venues.kalshi;
    const venueLimits = () => {
      return new Set(exchange.orderGroups(ACCOUNT).map(({ limit }) => formatAmount(limit)));
    };
    const contractsPerPairMax = quantity('300');
    const changed = { ...limits, contractsPerPairMax };
    await setLimits(desk.db, { account: ACCOUNT, limits: changed, by: 'anna', why: 'a test' });
    await soon(() => expect(venueLimits()).toEqual(new Set(['600'])));
    await setLimits(desk.db, { account: ACCOUNT, limits, by: 'anna', why: 'as before' });
    await soon(() => expect(venueLimits()).not.toContain('600'));
  });

  test('an entry is in its pair’s group and an exit is not; the hold’s release counts it anew', async () => {
    desk.fault({ intentId: 'plain.1', what: 'entry/yes', kinds: ['pulled_liquidity'] });
    expect(await traded(desk, intentOf('plain.1', 'plain'))).toMatchObject({ kind: 'exited' });
    const orderGroupId = await groupOf('plain');
    expect(sentOrder(desk, 'plain.1', 'entry/no')).toMatchObject({ orderGroupId });
    expect(sentOrder(desk, 'plain.1', 'exit/no/0').orderGroupId).toBeUndefined();

    await soon(async () => {
      const kept = await keptOf('plain');
      expect(kept?.group.resetGeneration).toBe(kept?.hold?.generation);
    });
    const rows = desk.venues.kalshi.ledger.lines.map(({ row }) => row);
    const counted = rows.filter(({ kind }) => kind === 'order_group_counted_anew');
    expect(counted).toMatchObject([{ groupId: orderGroupId }]);
  });

  test('a freeze that cancels throws its pair’s switch at the venue, until it is lifted', async () => {
    expect(await traded(desk, intentOf('killed.1', 'killed'))).toMatchObject({ kind: 'matched' });
    const { data } = await freeze(operatorOf(desk), said('killed', 'cancel'));
    await soon(async () => expect(await atVenue('killed')).toMatchObject({ isTriggered: true }));
    expect(await atVenue('other')).toMatchObject({ isTriggered: false });

    // Whoever still sends an entry of this pair, with or without our knowledge, is refused there.
    const late = await lateEntry('killed.1', 'latecomer');
    expect(late).toMatchObject({ kind: 'refused', code: 'exceeded_order_group_risk_limit' });
    expect(desk.venues.kalshi.exchange.orders({ account: ACCOUNT })).not.toContainEqual(
      expect.objectContaining({ clientKey: 'latecomer' }),
    );

    const { freezeId } = (data as { readonly freeze: { readonly freezeId: string } }).freeze; // its shape
    await unfreeze(operatorOf(desk), { freezeId, why: 'the test goes on' });
    await soon(async () => {
      const holds = await liveHold(desk.db, { pairId: 'killed', nowMs: Date.now() });
      expect([(await atVenue('killed'))?.isTriggered, holds]).toEqual([false, undefined]);
      expect((await keptOf('killed'))?.group.trigger).toBe('none');
    });
    expect(await traded(desk, intentOf('killed.2', 'killed'))).toMatchObject({ kind: 'matched' });
  });

  test('a pair whose switch is thrown admits nothing, and says so', async () => {
    const groupId = await groupOf('other');
    let asked = 0;
    // Its keeper puts it right again, at times before the trade is asked about: then it is thrown anew.
    await soon(async () => {
      asked += 1;
      await desk.db
        .updateTable('order_groups')
        .set({ trigger: 'confirmed' })
        .where('group_id', '=', groupId)
        .execute();
      const { verdict } = await desk.client.arbitrage(intentOf(`other.${asked}`, 'other'));
      const denial = { code: 'ORDER_GROUP_TRIGGERED', groupId };
      expect(verdict).toMatchObject({ kind: 'denied', denial });
    });
    await soon(async () => expect((await keptOf('other'))?.group.trigger).toBe('none'));
  });

  test('both legs are flattened while the switch is thrown: exits are outside', async () => {
    const { handle } = await desk.client.arbitrage(intentOf('flat.1', 'flat'));
    await soon(() => expect(atVenues(desk, 'flat.1')).toHaveLength(2));
    await freeze(operatorOf(desk), said('flat', 'flatten'));
    expect(await handle.result()).toMatchObject({ kind: 'exited', contracts: 0n });
    await soon(async () => expect(await atVenue('flat')).toMatchObject({ isTriggered: true }));
    expect(atVenues(desk, 'flat.1').slice(2)).toEqual([
      'exit/no/1 kalshi reduces, sells no @ 0.46: 10',
      'exit/yes/0 polymarket sells yes @ 0.38: 10 CONFIRMED',
    ]);
    expect(await lateEntry('flat.1', 'latecomer-2')).toMatchObject({ kind: 'refused' });
  });

  test('afterwards our books are the venues’ ledgers', async () => {
    expect(await checkedBooks(desk)).toEqual(BOOKS_AGREE);
  });
});
