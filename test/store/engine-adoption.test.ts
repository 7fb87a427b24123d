import { expect, test } from 'vitest';
import { add, intentDigest, type Money, money, toWire, ZERO_MONEY } from '../../domain/index.js';
import {
  type Adoption,
  adoptShot,
  bookEntries,
  claimExit,
  ensureBucket,
  entriesWithoutOrder,
  exitOwner,
  findOrders,
  liveHold,
  readAccountState,
  reservationOf,
  tradeRows,
  withAccountLocked,
} from '../../store/index.js';
import { ACCOUNT, approve, enter, fillOf, NO, NOW_MS, YES } from './desk.js';
import {
  ACCEPTED,
  adoptionOf,
  heartbeat,
  lentStart,
  openEngineDesk,
  orderOfLeg,
  project,
  recordOf,
  type ShotToTell,
  type Start,
  shotOf,
} from './engine-desk.js';

const desk = openEngineDesk();

const lent = (pairId: string): Promise<Start> => lentStart(desk, pairId);

async function fired(start: Start, pairId: string, told: ShotToTell): Promise<Adoption> {
  await project(desk, start, [recordOf(start, { pairId, leaseEpoch: 1, ...told })]);
  return adoptionOf(start, pairId, told.sequence);
}

async function reserved(pairId: string): Promise<Money> {
  const asked = { account: ACCOUNT, pairId, workflowId: 'nobody', nowMs: NOW_MS };
  const { reservations } = await withAccountLocked(desk.db, ACCOUNT, (tx) =>
    readAccountState(tx, asked),
  );
  const own = reservations.filter((one) => one.pairId === pairId);
  return own.map(({ exposure }) => exposure).reduce(add, ZERO_MONEY);
}

async function leaseOf(pairId: string): Promise<unknown> {
  const [row] = await desk.rows('select exposure, epoch, legs from leases where pair_id = $1', [
    pairId,
  ]);
  return row;
}

test('an adopted shot is a trade: its amount has moved, it holds its pair, its exits are its own', async () => {
  const start = await lent('moves');
  const adoption = await fired(start, 'moves', { sequence: 1 });
  expect(await adoptShot(desk.db, adoption)).toEqual({
    ...{ kind: 'adopted', moved: money('97.04'), isPairTaken: false },
  });
  const { workflowId } = adoption.reservation;
  expect(await reservationOf(desk.db, workflowId)).toEqual(adoption.reservation);
  expect(await exitOwner(desk.db, workflowId)).toMatchObject({ holder: workflowId, epoch: 1 });
  expect(await liveHold(desk.db, { pairId: 'moves', nowMs: NOW_MS })).toMatchObject({
    holder: workflowId,
  });
  const leg = { contracts: '900', cash: '748', exitCash: '0' };
  expect(await leaseOf('moves')).toEqual({
    ...{ exposure: '902.96', epoch: 2 },
    legs: [
      { ...leg, instrument: YES },
      { ...leg, instrument: NO },
    ],
  });
  expect(await reserved('moves')).toBe(money('1000'));
  expect((await heartbeat(desk, start)).lent).toMatchObject([{ budget: '902.96', epoch: 2 }]);
});

test('adopted twice, or by ten at once, the amount moves once', async () => {
  const start = await lent('twice');
  const adoption = await fired(start, 'twice', { sequence: 1 });
  const answers = await Promise.all(
    Array.from({ length: 10 }, async () => adoptShot(desk.db, adoption)),
  );
  expect(answers.filter(({ kind }) => kind === 'adopted')).toHaveLength(1);
  expect(answers.filter(({ kind }) => kind === 'adopted_before')).toHaveLength(9);
  expect(await leaseOf('twice')).toMatchObject({ exposure: '902.96', epoch: 2 });
});

test('no admission sees an amount twice or not at all while ten shots are adopted', async () => {
  const start = await lent('steady');
  const sequences = Array.from({ length: 10 }, (_, index) => index + 1);
  const adoptions = await Promise.all(
    sequences.map(async (sequence) => fired(start, 'steady', { sequence })),
  );
  const adopting = adoptions.map(async (adoption) => adoptShot(desk.db, adoption));
  const seen = await Promise.all(sequences.flatMap(() => [reserved('steady'), reserved('steady')]));
  await Promise.all(adopting);
  expect(new Set([...seen, await reserved('steady')])).toEqual(new Set([money('1000')]));
  expect(await leaseOf('steady')).toMatchObject({ exposure: '29.6', epoch: 11 });
});

test('an adoption waits for an admission that is deciding, and moves nothing before', async () => {
  const start = await lent('waits');
  const adoption = await fired(start, 'waits', { sequence: 1 });
  const adopting = await withAccountLocked(desk.db, ACCOUNT, async () => {
    const adopted = adoptShot(desk.db, adoption);
    const waiting = `select from pg_locks where locktype = 'advisory' and not granted`;
    await expect.poll(async () => (await desk.rows(waiting)).length).toBe(1);
    expect(await leaseOf('waits')).toMatchObject({ exposure: '1000', epoch: 1 });
    return { adopted };
  });
  expect(await adopting.adopted).toMatchObject({ kind: 'adopted' });
});

test('the slot of a shot is free when it is adopted, and says from which terms on it is not lent', async () => {
  const start = await lent('slot');
  const adoption = await fired(start, 'slot', { sequence: 1 });
  const asked = [adoption.shot, shotOf(start, 2)];
  expect(await desk.ask('engine_acknowledged', asked)).toEqual([]);
  await adoptShot(desk.db, adoption);
  const free = {
    ...{ ...adoption.shot, workflow_id: adoption.reservation.workflowId },
    ...{ lease_id: 'lease-slot', lease_epoch: 2, moved: '97.04' },
  };
  expect(await desk.ask('engine_acknowledged', asked)).toEqual([free]);
  expect(await desk.ask('engine_acknowledged', asked)).toEqual([free]);
});

test('a shot that Postgres was not told of is not adopted, nor one of which nothing has left', async () => {
  const start = await lent('none');
  const unknown = adoptionOf(start, 'none', 7);
  expect(await adoptShot(desk.db, unknown)).toMatchObject({ refusal: 'SHOT_UNKNOWN' });
  const refused = await fired(start, 'none', { sequence: 1, refused: 'FROZEN' });
  expect(await adoptShot(desk.db, refused)).toMatchObject({ refusal: 'SHOT_REFUSED' });
  expect(await leaseOf('none')).toMatchObject({ exposure: '1000' });
});

test('an intent of other content, or decided by another door, is not adopted: nothing is written', async () => {
  const start = await lent('other');
  const differs = await fired(start, 'other', { sequence: 1 });
  await enter(desk.db, differs.intent.intent.intentId, { strategy: 'another' });
  expect(await adoptShot(desk.db, differs)).toMatchObject({ refusal: 'INTENT_EXISTS' });
  const decided = await fired(start, 'other', { sequence: 2 });
  const { intent } = await approve(desk.db, decided.intent.intent.intentId);
  const digest = intentDigest(toWire(intent));
  const same = { ...decided.intent, digest };
  expect(await adoptShot(desk.db, { ...decided, intent: same })).toMatchObject({
    refusal: 'INTENT_DECIDED',
  });
  expect(await leaseOf('other')).toMatchObject({ exposure: '1000' });
  expect(await reservationOf(desk.db, differs.reservation.workflowId)).toBeUndefined();
});

test('what was fired is reserved in full, also where its lease has less or the pair is another’s', async () => {
  const start = await lent('short');
  const first = await fired(start, 'short', { sequence: 1, worst: '950' });
  await adoptShot(desk.db, first);
  const second = await fired(start, 'short', { sequence: 2 });
  expect(await adoptShot(desk.db, second)).toEqual({
    ...{ kind: 'adopted', moved: money('50'), isPairTaken: true },
  });
  expect(await reservationOf(desk.db, second.reservation.workflowId)).toEqual(second.reservation);
  expect(await leaseOf('short')).toMatchObject({ exposure: '0' });
});

test('an entry that was booked before anybody knew its order is its trade’s after the adoption', async () => {
  const start = await lent('named');
  const whole = { written: 'whole', answer: ACCEPTED } as const;
  const adoption = await fired(start, 'named', { sequence: 1, yes: whole, no: whole });
  const { intentId } = adoption.intent.intent;
  const fill = fillOf({ venueOrderId: `v-yes-${intentId}`, executionId: 'e-1' });
  await bookEntries(desk.db, [fill]);
  const strays = {
    venue: 'polymarket',
    account: ACCOUNT,
    bookedBeforeMs: Date.now() + 1e9,
  } as const;
  expect(await entriesWithoutOrder(desk.db, strays)).toEqual([]);
  expect(await tradeRows(desk.db, adoption.reservation.workflowId)).toEqual([]);
  await adoptShot(desk.db, adoption);
  await adoptShot(desk.db, adoption);
  expect(await entriesWithoutOrder(desk.db, strays)).toEqual([]);
  expect(await tradeRows(desk.db, adoption.reservation.workflowId)).toMatchObject([
    { executionId: 'e-1' },
  ]);
  const [stored] = await findOrders(desk.db, [orderOfLeg(intentId, 'yes').clientOrderId]);
  expect(stored).toMatchObject({ status: 'working', venueOrderId: `v-yes-${intentId}` });
});

test('an adoption spends the venue’s tokens, and empties a bucket that lacks them', async () => {
  const start = await lent('tokens');
  const bucket = { venue: 'kalshi', account: ACCOUNT, kind: 'write' } as const;
  await ensureBucket(desk.db, {
    ...bucket,
    capacity: 15,
    refillPerSecond: 0.001,
    atMs: Date.now(),
  });
  const left = async () => {
    const [row] = await desk.rows('select round(tokens) as tokens from rate_buckets');
    return row?.tokens;
  };
  for (const [sequence, tokens] of [
    [1, 5],
    [2, 0],
  ] as const) {
    await adoptShot(desk.db, await fired(start, 'tokens', { sequence }));
    expect(await left()).toBe(tokens);
  }
  await desk.rows('delete from rate_buckets');
});

test('what was adopted stays as it was adopted', async () => {
  const start = await lent('stays');
  const adoption = await fired(start, 'stays', { sequence: 1 });
  await adoptShot(desk.db, adoption);
  const of = `where epoch = ${start.epoch}`;
  await expect(desk.rows(`update engine_shots set moved = 0 ${of}`)).rejects.toThrow(/stays/);
  await expect(desk.rows(`update engine_shots set worst = 1 ${of}`)).rejects.toThrow(/stays/);
  await expect(desk.rows(`delete from engine_shots ${of}`)).rejects.toThrow(/append-only/);
  const { workflowId } = adoption.reservation;
  await claimExit(desk.db, { key: workflowId, holder: 'custody/a' });
  expect(await adoptShot(desk.db, adoption)).toEqual({ kind: 'adopted_before' });
  expect(await exitOwner(desk.db, workflowId)).toMatchObject({ holder: 'custody/a' });
});
