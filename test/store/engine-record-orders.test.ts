import fc from 'fast-check';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { approvedBy, money, price, quantity, toWire } from '../../domain/index.js';
import {
  appendStory,
  ensureAccount,
  forbidOrder,
  ordersOf,
  recordOrders,
  reservationOf,
  storyOf,
} from '../../store/index.js';
import { releaseReservation } from '../../store/reservations.js';
import { ACCOUNT, NO, NOW_MS, orderOf, YES } from './desk.js';
import {
  bodyOf,
  type Json,
  openEngineDesk,
  ownPair,
  plainPool,
  type Start,
  startEngine,
} from './engine-desk.js';
import {
  hashOf,
  LEGS,
  RECORDED,
  type ReservedTrade,
  record,
  reserved,
  type ShotChange,
  STORY,
  shotFor,
} from './engine-trade.js';

const desk = openEngineDesk();

/** Everything of a trade that a record of its orders may write. */
async function written(workflowId: string, db = desk.db): Promise<unknown> {
  const { rows: orders } = await sql<Json>`
    select to_jsonb(orders) - 'recorded_at' as row, recorded_at > now() - interval '1 minute' as is_new
    from orders where workflow_id = ${workflowId} order by purpose`.execute(db);
  const { rows: story } = await sql<Json>`
    select to_jsonb(story) - 'seq' as row from story
    where workflow_id = ${workflowId} order by seq`.execute(db);
  return { orders, story };
}

const NOTHING = { orders: [], story: [] };

/** Thrown so that whatever was done is undone. */
class Undone extends Error {}

/** What TypeScript writes before a shot, looked at and undone. */
async function writtenByTypeScript({ workflowId }: ReservedTrade): Promise<unknown> {
  let seen: unknown;
  const going = desk.db.transaction().execute(async (tx) => {
    const orders = LEGS.map((leg) => orderOf(workflowId, leg));
    const known = { yes: { venueOrderId: hashOf(workflowId) }, no: {} };
    const recorded = await recordOrders(
      tx,
      orders.map((order) => ({
        ...{ order, mode: 'simulated' as const, body: bodyOf(order) },
        ...known[order.instrument.outcome],
      })),
    );
    expect(recorded).toEqual(['recorded', 'recorded']);
    await appendStory(tx, ...STORY.map((line) => ({ workflowId, detail: {}, ...line })));
    seen = await written(workflowId, tx);
    throw new Undone();
  });
  await expect(going).rejects.toThrow(Undone);
  return seen;
}

test('a shot leaves the rows before its first byte that TypeScript leaves before its own', async () => {
  const trade = await reserved(desk, 'same');
  const expected = await writtenByTypeScript(trade);
  expect(await written(trade.workflowId)).toEqual(NOTHING);
  expect(await record(desk, trade.start, shotFor(trade, { mode: 'simulated' }))).toEqual(RECORDED);
  expect(await written(trade.workflowId)).toEqual(expected);
  const stored = await ordersOf(desk.db, trade.workflowId);
  expect(stored.map(({ status }) => status)).toEqual(['planned', 'planned']);
});

test('a line that TypeScript has told is one line', async () => {
  const trade = await reserved(desk, 'story');
  const { workflowId } = trade;
  await appendStory(desk.db, ...STORY.map((line) => ({ workflowId, detail: {}, ...line })));
  await record(desk, trade.start, shotFor(trade));
  expect(await storyOf(desk.db, workflowId)).toMatchObject(STORY);
});

test('what no reservation covers is refused by name and order, and nothing is written', async () => {
  const trade = await reserved(desk, 'covered');
  const { clientOrderId } = orderOf(trade.workflowId, 'no');
  const exit = { kind: 'exit', leg: 'no', rung: 0, attempt: 0 } as const;
  const collateral = { kind: 'collateral', collateral: money('52.000000001') } as const;
  const cases: readonly (readonly [ShotChange, RegExp])[] = [
    [{ pairId: 'another' }, /./],
    [{ no: { workflowId: 'arbitrage/another' } }, /another trade/],
    [{ no: { side: 'sell' } }, /no entry/],
    [{ no: { purpose: exit, clientOrderId } }, /no entry/],
    [{ no: { instrument: { ...NO, outcome: 'yes' } } }, /no entry/],
    [{ no: { instrument: { ...NO, market: 'KXSNOW' } } }, /not reserved/],
    [{ no: { legalMaximum: quantity('100.01') } }, /more than 100 contracts/],
    [{ no: { limitPrice: price('0.520000001') } }, /more than 52 dollars/],
    [{ no: { fixed: collateral } }, /more than 52 dollars/],
  ];
  await ownPair(desk, trade.start, 'another');
  for (const [change, why] of cases) {
    const answer = await record(desk, trade.start, shotFor(trade, change));
    expect(answer).toEqual({
      refusal: 'NOT_RESERVED',
      why: expect.stringMatching(why) as unknown,
    });
    if (change.no) expect(answer.why).toContain(clientOrderId);
  }
  expect(await written(trade.workflowId)).toEqual(NOTHING);
  const atLimit = { no: { limitPrice: price('0.52') } };
  expect(await record(desk, trade.start, shotFor(trade, atLimit))).toEqual(RECORDED);
});

test('a reservation that was released covers nothing, nor does that of another trade', async () => {
  const trade = await reserved(desk, 'released');
  const { workflowId } = trade;
  const stranger = { ...trade, workflowId: 'arbitrage/nobody' };
  expect(await record(desk, trade.start, shotFor(stranger))).toMatchObject({
    refusal: 'NOT_RESERVED',
  });
  await releaseReservation(desk.db, { workflowId, atMs: NOW_MS });
  expect(await record(desk, trade.start, shotFor(trade))).toMatchObject({
    refusal: 'NOT_RESERVED',
  });
  expect(await written(workflowId)).toEqual(NOTHING);
});

/** Around what `reservationFor` reserves: 100 contracts and 52 dollars of each leg. */
const near = (limit: string) => fc.constantFrom(limit, `${limit}.000000001`, '1', '99.5', '120');
const orderNear = fc.record({
  instrument: fc.constantFrom(YES, NO, { ...NO, market: 'KXSNOW' }),
  legalMaximum: near('100').map(quantity),
  limitPrice: fc.constantFrom('0.01', '0.52', '0.520000001', '0.99').map(price),
  side: fc.constantFrom('buy' as const, 'sell' as const),
  account: fc.constantFrom(ACCOUNT, 'other'),
  fixed: fc.oneof(
    near('100').map((text) => ({ kind: 'contracts' as const, contracts: quantity(text) })),
    near('52').map((text) => ({ kind: 'collateral' as const, collateral: money(text) })),
  ),
});

test('both languages agree on what a reservation covers', async () => {
  const { workflowId } = await reserved(desk, 'agree');
  const reservation = await reservationOf(desk.db, workflowId);
  if (!reservation) throw new Error('it was approved');
  const seen = new Set<boolean>();
  await fc.assert(
    fc.asyncProperty(orderNear, async (change) => {
      const order = orderOf(workflowId, change.instrument.outcome, change);
      const [row] = await desk.rows(
        `select engine_uncovered(reservations, $2) as why from reservations where workflow_id = $1`,
        [workflowId, JSON.stringify(toWire(order))],
      );
      const isCovered = row?.why === null;
      expect(isCovered).toBe(approvedBy(reservation, order) !== undefined);
      seen.add(isCovered);
    }),
    { numRuns: 300, seed: 28 },
  );
  expect(seen.size).toBe(2);
});

test('a start that has lost an account, its pair or its life records nothing', async () => {
  const trade = await reserved(desk, 'lost');
  const { start, pairId } = trade;
  await ensureAccount(desk.db, 'other');
  const other = await startEngine(desk, { host: 'host-b', accounts: ['kalshi/other'] });
  const refusalOf = async (by: Start) => (await record(desk, by, shotFor(trade))).refusal;
  expect(await refusalOf({ ...start, epoch: start.epoch + 99 })).toBe('NOT_REGISTERED');
  expect(await refusalOf(other)).toBe('FENCED');
  const newer = await startEngine(desk, { host: 'host-b', accounts: [`kalshi/${ACCOUNT}`] });
  expect(await refusalOf(start)).toBe('FENCED');
  const both = await startEngine(desk);
  expect(await refusalOf(both)).toBe('NOT_OWNER');
  await ownPair(desk, both, pairId);
  await desk.one('engine_end', both.process, both.epoch);
  expect(await refusalOf(both)).toBe('PROCESS_ENDED');
  expect(await refusalOf(newer)).toBe('FENCED');
  expect(await written(trade.workflowId)).toEqual(NOTHING);
});

test('an engine of another mode records nothing', async () => {
  const trade = await reserved(desk, 'mode');
  const answer = await record(desk, trade.start, shotFor(trade, { mode: 'live' }));
  expect(answer).toEqual({
    refusal: 'MODE_MISMATCH',
    why: 'this database is simulated, the shot is live',
  });
  expect(await written(trade.workflowId)).toEqual(NOTHING);
});

test('a name, a purpose or a venue id that is taken: neither order is recorded', async () => {
  const forbidden = await reserved(desk, 'tombstone');
  const { workflowId } = forbidden;
  const { clientOrderId } = orderOf(workflowId, 'no');
  await forbidOrder(desk.db, { clientOrderId, workflowId, mode: 'simulated', atMs: NOW_MS });
  const answer = await record(desk, forbidden.start, shotFor(forbidden));
  expect(answer).toMatchObject({ refusal: 'RECORDED_BEFORE' });
  expect(answer.why).toContain(clientOrderId);
  expect(await ordersOf(desk.db, workflowId)).toEqual([]);

  const sent = await reserved(desk, 'purpose');
  expect(await record(desk, sent.start, shotFor(sent))).toEqual(RECORDED);
  const before = await written(sent.workflowId);
  const renamed = { yes: { clientOrderId: 'a'.repeat(26) }, no: { clientOrderId: 'b'.repeat(26) } };
  const again = await record(
    desk,
    sent.start,
    shotFor(sent, { ...renamed, venueOrderId: 'other' }),
  );
  expect(again).toMatchObject({ refusal: 'RECORDED_BEFORE' });
  expect(await written(sent.workflowId)).toEqual(before);

  const same = await reserved(desk, 'venue-id');
  const venueOrderId = hashOf(sent.workflowId);
  expect(await record(desk, same.start, shotFor(same, { venueOrderId }))).toMatchObject({
    refusal: 'RECORDED_BEFORE',
  });
  expect(await written(same.workflowId)).toEqual(NOTHING);
});

test('told by ten at once, one may send', async () => {
  const trade = await reserved(desk, 'ten');
  const answers = await Promise.all(
    Array.from({ length: 10 }, async () => record(desk, trade.start, shotFor(trade))),
  );
  const refusals = answers.map(({ refusal }) => refusal);
  expect(refusals.filter((refusal) => refusal === null)).toHaveLength(1);
  expect(refusals.filter((refusal) => refusal === 'RECORDED_BEFORE')).toHaveLength(9);
  expect(await storyOf(desk.db, trade.workflowId)).toHaveLength(2);
});

test('who takes the pair over waits for the orders that are being recorded, and finds them', async () => {
  const trade = await reserved(desk, 'takeover');
  const { start, pairId, workflowId } = trade;
  await ensureAccount(desk.db, 'other');
  const other = await startEngine(desk, { host: 'host-b', accounts: ['kalshi/other'] });
  const pool = plainPool(desk.databaseUrl, 1);
  const client = await pool.connect();
  await client.query('begin');
  const values = [start.process, start.epoch, JSON.stringify(shotFor(trade))];
  await client.query('select engine_record_orders($1, $2, $3)', values);
  const taking = desk
    .one('engine_claim_owner', other.process, other.epoch, pairId, 1)
    .then(async (taken) => ({ taken, found: await ordersOf(desk.db, workflowId) }));
  const waiting = `select from pg_locks where not granted`;
  await expect.poll(async () => (await desk.rows(waiting)).length).toBeGreaterThan(0);
  await client.query('commit');
  client.release();
  await pool.end();
  const { taken, found } = await taking;
  expect(taken).toMatchObject({ refusal: null, held_by: other.process });
  expect(found).toHaveLength(2);
  expect(await record(desk, start, shotFor(trade))).toMatchObject({ refusal: 'NOT_OWNER' });
});

test('what cannot be read is an exception and records nothing', async () => {
  const trade = await reserved(desk, 'unreadable');
  const shot = shotFor(trade);
  const [yes, no] = shot.orders as readonly [Json, Json]; // as shotFor made them
  const order = { ...(no.order as Json), legalMaximum: 'all of it' };
  await expect(
    record(desk, trade.start, { ...shot, orders: [yes, { ...no, order }] }),
  ).rejects.toThrow(/numeric/);
  await expect(record(desk, trade.start, { ...shot, orders: [yes] })).rejects.toThrow(/two orders/);
  await expect(
    record(desk, trade.start, { ...shot, orders: [yes, { order: no.order }] }),
  ).rejects.toThrow(/check constraint/);
  expect(await written(trade.workflowId)).toEqual(NOTHING);
});
