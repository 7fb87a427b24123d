import { expect, test } from 'vitest';
import { ordersOf } from '../../store/index.js';
import { openEngineDesk, project, recordOf } from './engine-desk.js';
import { recorded } from './engine-trade.js';

const desk = openEngineDesk();

type Trade = Awaited<ReturnType<typeof recorded>>;

const names = async ({ workflowId }: Trade): Promise<readonly string[]> =>
  (await ordersOf(desk.db, workflowId)).map(({ order }) => order.clientOrderId);

const notSent = async ({ start }: Trade, ids: readonly string[]) =>
  desk.one('engine_not_sent', start.process, start.epoch, ids, 'BOOK_STALE');

async function standing({ workflowId }: Trade): Promise<unknown> {
  const events = await desk.rows(
    `select event, order_events.status, detail ->> 'code' as code
     from order_events join orders using (client_order_id)
     where workflow_id = '${workflowId}' order by purpose, at`,
  );
  const orders = await ordersOf(desk.db, workflowId);
  return { statuses: orders.map(({ status }) => status), events };
}

const DENIED = { event: 'notSent', status: 'denied', code: 'BOOK_STALE' };

test('orders that were given up before any journal had them are closed, once', async () => {
  const trade = await recorded(desk, 'given-up');
  for (let time = 0; time < 2; time += 1) {
    expect(await notSent(trade, await names(trade))).toEqual({ refusal: null });
    expect(await standing(trade)).toEqual({
      statuses: ['denied', 'denied'],
      events: [DENIED, DENIED],
    });
  }
});

test('what a journal tells of is not closed by who says that nothing has left', async () => {
  const trade = await recorded(desk, 'told');
  const whole = { written: 'whole' } as const;
  await project(desk, trade.start, [
    recordOf(trade.start, { ...trade.told, yes: whole, no: whole }),
  ]);
  const before = await standing(trade);
  expect(await notSent(trade, await names(trade))).toEqual({ refusal: null });
  expect(await standing(trade)).toEqual(before);
});

test('nobody else says what was not sent', async () => {
  const trade = await recorded(desk, 'other');
  const unknown = { ...trade.start, process: 'nobody' };
  expect(await notSent({ ...trade, start: unknown }, await names(trade))).toEqual({
    refusal: 'NOT_REGISTERED',
  });
  expect(await standing(trade)).toMatchObject({ statuses: ['planned', 'planned'], events: [] });
});
