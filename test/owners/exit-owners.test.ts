import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ExitOwnership, ownExit, type Purpose } from '../../domain/index.js';
import {
  claimExit,
  exitOwner,
  findOrders,
  forbidOrder,
  type OrderToRecord,
  recordExit,
} from '../../store/index.js';
import { enter, NOW_MS, openDesk, orderOf } from '../store/desk.js';

const desk = openDesk();
const CUSTODY = 'custody/kalshi/main/kalshi:KXRAIN:no';

/** An exit of the NO leg as it is about to be sent. */
function exitOf(workflowId: string, rung = 0): OrderToRecord {
  const purpose: Purpose = { kind: 'exit', leg: 'no', rung, attempt: 0 };
  const order = orderOf(workflowId, 'no', { purpose, side: 'sell' });
  return { order, mode: 'simulated', body: '{}' };
}

/** A trade that owns its exits, as its approval leaves it. */
async function owned(intentId: string): Promise<ExitOwnership> {
  const { workflowId } = await enter(desk.db, intentId);
  return claimExit(desk.db, { key: workflowId, holder: workflowId });
}

test('a trade owns its exits at the first epoch, which is what its workflow believes', async () => {
  const own = await owned('own.1');
  expect(own).toEqual(ownExit(own.key));
  expect(await exitOwner(desk.db, own.key)).toEqual(own);
  expect(await recordExit(desk.db, exitOf(own.key), own)).toEqual({ kind: 'recorded' });
});

test('who was taken over records no exit, and hears who owns it', async () => {
  const own = await owned('fenced.1');
  const taken = await claimExit(desk.db, { key: own.key, holder: CUSTODY });
  expect(taken.epoch).toBe(own.epoch + 1);
  expect(await recordExit(desk.db, exitOf(own.key), own)).toEqual({ kind: 'fenced', owner: taken });
  expect(await findOrders(desk.db, [exitOf(own.key).order.clientOrderId])).toEqual([]);
  expect(await recordExit(desk.db, exitOf(own.key), taken)).toEqual({ kind: 'recorded' });
});

test('an epoch of long ago fences its own holder too', async () => {
  const own = await owned('again.1');
  await claimExit(desk.db, { key: own.key, holder: CUSTODY });
  const again = await claimExit(desk.db, { key: own.key, holder: own.holder });
  expect(await recordExit(desk.db, exitOf(own.key), own)).toMatchObject({ kind: 'fenced' });
  expect(await recordExit(desk.db, exitOf(own.key), again)).toEqual({ kind: 'recorded' });
});

test('without an owner nobody sends: a lost row is not a free one', async () => {
  const { workflowId } = await enter(desk.db, 'lost.1');
  expect(await recordExit(desk.db, exitOf(workflowId), ownExit(workflowId))).toEqual({
    kind: 'fenced',
    owner: { key: workflowId, holder: 'nobody', epoch: 0 },
  });
});

test('the name of an exit that was called "never sent" stays taken for its owner', async () => {
  const own = await owned('twin.1');
  const { clientOrderId } = exitOf(own.key).order;
  const tombstone = {
    clientOrderId,
    workflowId: own.key,
    mode: 'simulated',
    atMs: NOW_MS,
  } as const;
  await forbidOrder(desk.db, tombstone);
  expect(await recordExit(desk.db, exitOf(own.key), own)).toEqual({ kind: 'exists' });
});

test('of a claim and an exit at once, the exit is there when the claim is, or never', async () => {
  let trades = 0;
  await fc.assert(
    fc.asyncProperty(fc.boolean(), fc.nat(3), async (isClaimFirst, turns) => {
      trades += 1;
      const own = await owned(`race.${trades}`);
      const order = exitOf(own.key);
      const seenByNewOwner = async () => {
        await claimExit(desk.db, { key: own.key, holder: CUSTODY });
        return findOrders(desk.db, [order.order.clientOrderId]);
      };
      const later = async <T>(work: () => Promise<T>) => {
        for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate);
        return work();
      };
      const record = () => recordExit(desk.db, order, own);
      const [recorded, seen] = await Promise.all([
        isClaimFirst ? later(record) : record(),
        isClaimFirst ? seenByNewOwner() : later(seenByNewOwner),
      ]);
      expect(seen).toHaveLength(recorded.kind === 'recorded' ? 1 : 0);
      expect(await findOrders(desk.db, [order.order.clientOrderId])).toHaveLength(seen.length);
    }),
    { numRuns: 40 },
  );
});
