import { expect, test } from 'vitest';
import {
  adoptShot,
  barShot,
  closeLease,
  grantedLease,
  openBreaks,
  readControl,
  resolveBreak,
} from '../../store/index.js';
import { ACCOUNT, NOW_MS } from './desk.js';
import {
  adoptionOf,
  intentOfShot,
  lentStart,
  openEngineDesk,
  orderOfLeg,
  project,
  recordOf,
  type Start,
  shotOf,
} from './engine-desk.js';

// What was fired and can be no trade: a break, and nobody waits for it any more.
const desk = openEngineDesk();

async function fired(pairId: string): Promise<Start> {
  const start = await lentStart(desk, pairId);
  await project(desk, start, [recordOf(start, { sequence: 1, pairId, leaseEpoch: 1 })]);
  return start;
}

const bar = async (start: Start) =>
  barShot(desk.db, {
    ...{ shot: shotOf(start, 1), why: 'INTENT_EXISTS', by: 'a test', atMs: NOW_MS },
  });

test('its break says which orders, its pair is frozen, and told again it is one', async () => {
  const start = await fired('told');
  expect([await bar(start), await bar(start)]).toEqual([true, false]);
  const found = (await openBreaks(desk.db)).filter(({ pairId }) => pairId === 'told');
  const intentId = intentOfShot(start.epoch, 1);
  expect(found).toMatchObject([
    {
      ...{ kind: 'shot_without_trade', key: `${start.host}/${start.epoch}/0/1`, account: ACCOUNT },
      detail: {
        ...{ workflowId: `arbitrage/${intentId}`, why: 'INTENT_EXISTS' },
        orders: [
          { clientOrderId: orderOfLeg(intentId, 'yes').clientOrderId },
          { clientOrderId: orderOfLeg(intentId, 'no').clientOrderId },
        ],
      },
    },
  ]);
  const { freezes } = await readControl(desk.db);
  expect(freezes.map(({ scope }) => scope)).toContainEqual({ kind: 'pair', key: 'told' });
});

test('one that somebody has resolved is not opened again', async () => {
  const start = await fired('resolved');
  await bar(start);
  const own = async () => (await openBreaks(desk.db)).find(({ pairId }) => pairId === 'resolved');
  const breakId = (await own())?.breakId ?? 0;
  await resolveBreak(desk.db, { breakId, by: 'ada', why: 'looked', atMs: NOW_MS });
  expect(await bar(start)).toBe(false);
  expect(await own()).toBeUndefined();
});

test('its amount leaves the lease, its slot is free, and the lease can be closed', async () => {
  const start = await fired('lent');
  const evidence = {
    kind: 'disarmed',
    ...{ process: start.process, journal: start.journal, epoch: start.epoch },
    unacknowledged: [{ thread: 0, sequence: 1 }],
  } as const;
  const close = async () =>
    closeLease(desk.db, { leaseId: 'lease-lent', evidence, by: 'a test', why: 'over' });
  const shot = shotOf(start, 1);
  const seen = async () => (await grantedLease(desk.db, 'lease-lent'))?.seen;
  expect(await close()).toBe('SHOTS_UNADOPTED');
  expect(await seen()).toMatchObject({ shots: 1, unadopted: 1 });
  expect(await desk.ask('engine_acknowledged', [shot])).toEqual([]);

  await bar(start);
  expect(await seen()).toMatchObject({ shots: 1, unadopted: 0 });
  const moved = { lease_id: 'lease-lent', lease_epoch: 2, moved: '97.04' };
  expect(await desk.ask('engine_acknowledged', [shot])).toMatchObject([moved]);
  const [lease] = await desk.rows(`select exposure, legs from leases where pair_id = 'lent'`);
  expect(lease).toMatchObject({
    exposure: '902.96',
    legs: [
      { contracts: '900', cash: '748' },
      { contracts: '900', cash: '755' },
    ],
  });
  expect(await close()).toBeUndefined();
});

test('it is adopted by nobody afterwards; an adopted one is never barred', async () => {
  const barred = await fired('first');
  await bar(barred);
  expect(await adoptShot(desk.db, adoptionOf(barred, 'first', 1))).toMatchObject({
    refusal: 'SHOT_BARRED',
  });
  const adopted = await fired('second');
  await adoptShot(desk.db, adoptionOf(adopted, 'second', 1));
  expect(await bar(adopted)).toBe(false);
  expect((await openBreaks(desk.db)).map(({ pairId }) => pairId)).not.toContain('second');
});

test('of two that bar it at once one does, and beside an adoption it is one of both', async () => {
  const twice = await fired('at once');
  expect((await Promise.all([bar(twice), bar(twice)])).toSorted()).toEqual([false, true]);
  const both = await fired('race');
  const [isBarred, { kind }] = await Promise.all([
    bar(both),
    adoptShot(desk.db, adoptionOf(both, 'race', 1)),
  ]);
  expect(kind).toBe(isBarred ? 'refused' : 'adopted');
});
