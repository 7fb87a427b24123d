import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  arbitrageWorkflowId,
  type ChildOrderEvent,
  type ChildOrderStatus,
  nextStatus,
} from '../../domain/index.js';
import { findOrders, orderEvents } from '../../store/index.js';
import { approve, NOW_MS } from './desk.js';
import {
  ACCEPTED,
  bodyOf,
  intentOfShot,
  openEngineDesk,
  orderOfLeg,
  project,
  recordOf,
  type ShotToTell,
  type Start,
  startEngine,
} from './engine-desk.js';

const desk = openEngineDesk();

const statuses: readonly ChildOrderStatus[] = [
  ...(['planned', 'submitted', 'unknown', 'working', 'pendingCancel', 'canceled'] as const),
  ...(['expired', 'absent', 'filled', 'rejected', 'denied'] as const),
];
const told = [
  'sent',
  'notSent',
  'silence',
  'accepted',
  'rejected',
  'fill',
  'canceled',
] as const satisfies readonly ChildOrderEvent[];

test.each(told)('after "%s" an order stands where the lifecycle says', async (event) => {
  for (const status of statuses) {
    const answer = await desk.one('engine_status_after', status, event);
    expect(answer).toEqual({ engine_status_after: nextStatus(status, event) ?? status });
  }
});

/** Everything that is kept of a start's shots, without the times at which we heard of them. */
async function rowsOf({ epoch }: Start): Promise<unknown> {
  const of = `like '%/${epoch}/0/%'`;
  return {
    shots: await desk.rows(
      `select to_jsonb(shot) - 'told_at' as row from engine_shots as shot
       where epoch = $1 order by sequence`,
      [epoch],
    ),
    legs: await desk.rows(
      `select to_jsonb(leg) as row from engine_legs as leg where epoch = $1
       order by sequence, leg.leg`,
      [epoch],
    ),
    orders: await desk.rows(
      `select to_jsonb(orders) - 'recorded_at' as row from orders
       where workflow_id like 'arbitrage/shot.${epoch}.%' order by client_order_id`,
    ),
    events: await desk.rows(
      `select client_order_id, at, event, status, detail from order_events
       where detail ->> 'shot' ${of} order by client_order_id, seq`,
    ),
  };
}

/** The same story as it becomes known: written down, sent, answered. */
const story = (sequence: number): readonly ShotToTell[] => [
  { sequence },
  { sequence, yes: { written: 'whole' }, no: { written: 'whole' } },
  {
    sequence,
    yes: { written: 'whole', answer: ACCEPTED },
    no: {
      written: 'whole',
      answer: { class: 'no', status: 409, refusal: 'no_match', atNs: 4_000_000 },
    },
  },
];

test('a shot becomes the orders that the rest of the house reads', async () => {
  const start = await startEngine(desk);
  const intentId = intentOfShot(start.epoch, 1);
  await project(desk, start, [recordOf(start, story(1)[2] ?? { sequence: 1 })]);
  const [yes, no] = [orderOfLeg(intentId, 'yes'), orderOfLeg(intentId, 'no')];
  const stored = await findOrders(desk.db, [yes.clientOrderId, no.clientOrderId]);
  expect(stored).toHaveLength(2);
  expect(stored.find(({ order }) => order.purpose.leg === 'yes')).toMatchObject({
    ...{ order: yes, body: bodyOf(yes), mode: 'simulated', status: 'working' },
  });
  expect(stored.find(({ order }) => order.purpose.leg === 'no')).toMatchObject({
    ...{ order: no, body: bodyOf(no), status: 'rejected' },
  });
  const events = await orderEvents(desk.db, [no.clientOrderId]);
  expect(events.map(({ event, atMs }) => [event, atMs])).toEqual([
    ['sent', NOW_MS + 1],
    ['rejected', NOW_MS + 3],
  ]);
  const [shot] = await desk.rows('select workflow_id from engine_shots where intent_id = $1', [
    intentId,
  ]);
  expect(shot).toEqual({ workflow_id: arbitrageWorkflowId(intentId) });
});

test('told twice, in parts, in any order, at once by three: the rows are the same', async () => {
  const reference = await startEngine(desk);
  const sequences = [1, 2, 3];
  const whole = sequences.map((sequence) => story(sequence)[2] ?? { sequence });
  await project(
    desk,
    reference,
    whole.map((shot) => recordOf(reference, shot)),
  );
  const expected = JSON.stringify(await rowsOf(reference));

  const stages = sequences.flatMap((sequence) => story(sequence));
  const orders = fc.shuffledSubarray(stages, { minLength: stages.length });
  await fc.assert(
    fc.asyncProperty(orders, fc.integer({ min: 1, max: 4 }), async (shuffled, size) => {
      const start = await startEngine(desk);
      const records = shuffled.map((shot) => recordOf(start, shot));
      for (let from = 0; from < records.length; from += size) {
        const batch = records.slice(from, from + size);
        await Promise.all([1, 2, 3].map(async () => project(desk, start, batch)));
      }
      const rows = JSON.stringify(await rowsOf(start));
      expect(comparable(rows, start)).toEqual(comparable(expected, reference));
    }),
    { numRuns: 8, seed: 7 },
  );
});

/** Names of orders and digests come from the epoch; everything else is the same from start to start. */
function comparable(rows: string, { epoch }: Start): unknown {
  const names: string[] = [];
  const nameless = rows
    .replaceAll(new RegExp(`shot\\.${epoch}\\.`, 'g'), 'shot.E.')
    .replaceAll(`/${epoch}/0/`, '/E/0/')
    .replaceAll(`"epoch":${epoch}`, '"epoch":"E"')
    .replaceAll(/"request_sha256":"[0-9a-f]{64}"/g, '"request_sha256":"D"')
    .replaceAll(/\b[a-z2-7]{26}\b/g, (name) => {
      if (!names.includes(name)) names.push(name);
      return 'NAME';
    });
  expect(names).toHaveLength(6);
  return sorted(JSON.parse(nameless));
}

/** Rows are told in the order of names that differ from start to start. */
function sorted(rows: unknown): unknown {
  const tables = rows as Readonly<Record<string, readonly unknown[]>>; // as rowsOf made it
  return Object.fromEntries(
    Object.entries(tables).map(([table, all]) => [
      table,
      all.map((row) => JSON.stringify(row)).toSorted(),
    ]),
  );
}

test('half a batch is in Postgres, the other half is told after the crash', async () => {
  const start = await startEngine(desk);
  const records = [1, 2, 3, 4].map((sequence) => recordOf(start, { sequence }));
  await project(desk, start, records.slice(0, 2));
  const next = await startEngine(desk); // the same host, after the crash
  const answers = await desk.ask('engine_project', next.process, next.epoch, records);
  expect(answers).toMatchObject(
    [1, 2, 3, 4].map((sequence) => ({ epoch: start.epoch, sequence, is_safe: true })),
  );
  const [count] = await desk.rows('select count(*) from engine_shots where epoch = $1', [
    start.epoch,
  ]);
  expect(count).toEqual({ count: 4 });
});

test('a crash between projecting and acknowledging loses nothing and frees nothing', async () => {
  const start = await startEngine(desk);
  const record = recordOf(start, { sequence: 1, yes: { written: 'whole' } });
  const asked = [{ host: start.host, epoch: start.epoch, thread: 0, sequence: 1 }];
  await project(desk, start, [record]);
  expect(await desk.ask('engine_acknowledged', asked)).toEqual([]);

  const next = await startEngine(desk);
  const doubt = { class: 'unknown', status: 0 };
  const swept = recordOf(start, {
    sequence: 1,
    yes: { written: 'whole', answer: doubt },
    no: { answer: doubt },
  });
  await project(desk, next, [swept]);
  expect(await desk.ask('engine_acknowledged', asked)).toEqual([]);
  const intentId = intentOfShot(start.epoch, 1);
  const orders = (['yes', 'no'] as const).map((leg) => orderOfLeg(intentId, leg).clientOrderId);
  const stored = await findOrders(desk.db, orders);
  expect(stored.map(({ status }) => status)).toEqual(['unknown', 'unknown']);
});

test('a fenced start is heard: what it fired is a fact', async () => {
  const older = await startEngine(desk);
  await startEngine(desk, { host: 'host-b' });
  await project(desk, older, [recordOf(older, { sequence: 1 })]);
});

test('an answer ends a silence, and a silence after it is nothing new', async () => {
  const start = await startEngine(desk);
  const silence = { class: 'unknown', status: 0, atNs: 5_000_000 };
  const silent = { sequence: 1, yes: { written: 'whole', answer: silence } } as const;
  const answered = { sequence: 1, yes: { written: 'whole', answer: ACCEPTED } } as const;
  for (const shot of [silent, answered, silent])
    await project(desk, start, [recordOf(start, shot)]);
  const { clientOrderId } = orderOfLeg(intentOfShot(start.epoch, 1), 'yes');
  const events = await orderEvents(desk.db, [clientOrderId]);
  expect(events.map(({ event, status }) => [event, status])).toEqual([
    ['sent', 'submitted'],
    ['silence', 'unknown'],
    ['accepted', 'working'],
  ]);
});

test('what the gate refused has left nothing, also where it was told before as written down', async () => {
  const start = await startEngine(desk);
  await project(desk, start, [recordOf(start, { sequence: 1 })]);
  await project(desk, start, [recordOf(start, { sequence: 1, refused: 'FROZEN' })]);
  const { clientOrderId } = orderOfLeg(intentOfShot(start.epoch, 1), 'no');
  const [stored] = await findOrders(desk.db, [clientOrderId]);
  expect(stored?.status).toBe('denied');
  const asked = [{ host: start.host, epoch: start.epoch, thread: 0, sequence: 1 }];
  expect(await desk.ask('engine_acknowledged', asked)).toMatchObject([
    { sequence: 1, moved: null },
  ]);
});

test('evidence that came first stays: no journal brings a doubt back', async () => {
  const start = await startEngine(desk);
  await project(desk, start, [recordOf(start, { sequence: 1, yes: { written: 'whole' } })]);
  const { clientOrderId } = orderOfLeg(intentOfShot(start.epoch, 1), 'yes');
  await desk.rows(`update orders set status = 'filled' where client_order_id = $1`, [
    clientOrderId,
  ]);
  const doubt = { class: 'unknown', status: 0 };
  await project(desk, start, [
    recordOf(start, { sequence: 1, yes: { written: 'whole', answer: doubt } }),
  ]);
  const [stored] = await findOrders(desk.db, [clientOrderId]);
  expect(stored?.status).toBe('filled');
});

test('a shot that was fired for a reservation is its workflow’s as soon as it is told', async () => {
  const start = await startEngine(desk);
  const intentId = intentOfShot(start.epoch, 1);
  const record = recordOf(start, { sequence: 1 });
  const asked = [{ host: start.host, epoch: start.epoch, thread: 0, sequence: 1 }];
  await project(desk, start, [record]);
  expect(await desk.ask('engine_acknowledged', asked)).toEqual([]);
  const { workflowId } = await approve(desk.db, intentId);
  await project(desk, start, [record]);
  expect(await desk.ask('engine_acknowledged', asked)).toEqual([
    {
      ...{ ...asked[0], workflow_id: workflowId },
      ...{ lease_id: null, lease_epoch: null, moved: '0' },
    },
  ]);
});
