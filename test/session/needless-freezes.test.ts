import { expect, test } from 'vitest';
import { reportLateRows } from '../../activities/late-rows.js';
import { passOn } from '../../activities/points.js';
import {
  clientOrderIdOf,
  type Freeze,
  positionCaseKey,
  quantity,
  unknownFreezeId,
} from '../../domain/index.js';
import {
  forbidOrder,
  insertFreeze,
  leftBehind,
  openBreaks,
  openCase,
  readControl,
  recordAnswer,
  recordOrders,
  resolveBreak,
} from '../../store/index.js';
import { liftNeedless } from '../../workers/trading/lift-needless.js';
import { ACCOUNT, enter, NOW_MS, openDesk, orderOf, YES } from '../store/desk.js';

const books = openDesk();

const needless = async () => (await leftBehind(books.db)).needlessFreezes;
const atMs = NOW_MS;

/** Freezes a pair; what it waits for is over when told, and somebody forgets to lift it. */
const stories: Readonly<Record<string, (pairId: string) => Promise<() => Promise<unknown>>>> = {
  'the case of custody is closed': async (pairId) => {
    const instrument = { ...YES, market: `0x${pairId}` };
    const key = positionCaseKey(ACCOUNT, instrument);
    const found = { kind: 'position', key, instrument, quantity: quantity('3'), why: '' } as const;
    await openCase(books.db, { place: { account: ACCOUNT, instrument }, found, pairId, atMs });
    const closing = books.db.updateTable('custody_cases').where('key', '=', key);
    return () => closing.set({ closed_at: new Date(atMs), closed_how: 'sold' }).execute();
  },
  'the unknown order is known': async (pairId) => {
    const { workflowId } = await enter(books.db, pairId);
    const order = orderOf(workflowId, 'yes');
    const { clientOrderId } = order;
    await recordOrders(books.db, [{ order, mode: 'simulated', body: '{}' }]);
    await insertFreeze(books.db, forOrder(pairId, clientOrderId));
    const answer = { clientOrderId, event: 'found', status: 'canceled', detail: {} } as const;
    return () => recordAnswer(books.db, { ...answer, atMs });
  },
  'the unknown order was never sent': async (pairId) => {
    const { workflowId } = await enter(books.db, pairId);
    const clientOrderId = clientOrderIdOf(workflowId, 'entry/yes', 0);
    await insertFreeze(books.db, forOrder(pairId, clientOrderId));
    return () => forbidOrder(books.db, { clientOrderId, workflowId, mode: 'simulated', atMs });
  },
  'somebody has looked at the late rows': async (pairId) => {
    const { workflowId } = await enter(books.db, pairId);
    await reportLateRows(
      { db: books.db, reached: passOn },
      { workflowId, pairId, by: 'booker', atMs },
    );
    const [found] = (await openBreaks(books.db)).filter(({ key }) => key === workflowId);
    const { breakId = 0 } = found ?? {};
    return () => resolveBreak(books.db, { breakId, by: 'anna', why: 'explained', atMs });
  },
};

function forOrder(pairId: string, clientOrderId: string): Freeze {
  return {
    ...{ freezeId: unknownFreezeId(clientOrderId), scope: { kind: 'pair', key: pairId }, atMs },
    ...{ cause: 'unknown_order', why: 'nobody knows', by: 'a trade', action: 'leave' },
    liftsWhenResolved: clientOrderId,
  };
}

test.each(Object.entries(stories))('a freeze is needless once %s', async (...[what, begin]) => {
  const pairId = what.replaceAll(' ', '-');
  const ends = await begin(pairId);
  const { freezes } = await readControl(books.db);
  const ours = freezes.flatMap(({ freezeId, scope }) =>
    scope.kind === 'pair' && scope.key === pairId ? [freezeId] : [],
  );
  expect(ours).toHaveLength(1);
  expect(await needless()).toEqual([]);
  await ends();
  expect(await needless()).toEqual(ours);

  // Who has ended it may be about to lift it: the second look does, where nobody has.
  const found = await liftNeedless(books.db, { before: new Set(), atMs });
  expect(found).toEqual(ours);
  expect(await needless()).toEqual(ours);
  await liftNeedless(books.db, { before: new Set(found), atMs });
  expect(await needless()).toEqual([]);
});

test('a freeze that a person lifts is never needless', async () => {
  const frozen = { by: 'a trade', action: 'leave', atMs } as const;
  const scope = { kind: 'pair', key: 'kept' } as const;
  await insertFreeze(books.db, {
    ...{ freezeId: 'residual/arbitrage/kept', cause: 'residual', why: '10 NO left', scope },
    ...frozen,
  });
  await insertFreeze(books.db, {
    ...{ freezeId: 'fz-1', cause: 'manual', why: 'a look', scope, ...frozen },
  });
  expect(await needless()).toEqual([]);
  const before = new Set(['residual/arbitrage/kept', 'fz-1']);
  expect(await liftNeedless(books.db, { before, atMs })).toEqual([]);
  const { freezes } = await readControl(books.db);
  expect(freezes.map(({ freezeId }) => freezeId)).toEqual([...before]);
});
