import { expect, test } from 'vitest';
import { recordOutcome } from '../../activities/send-order.js';
import type { TradingDesk } from '../../activities/trading-desk.js';
import { type ChildOrderStatus, quantity, type SendOutcome } from '../../domain/index.js';
import { nameOrder, recordAnswer, recordOrders, unnamedOrders } from '../../store/index.js';
import { enter, NOW_MS, orderOf } from './desk.js';
import {
  ACCEPTED,
  bodyOf,
  type Json,
  type LegTold,
  openEngineDesk,
  project,
  recordOf,
} from './engine-desk.js';
import { recorded } from './engine-trade.js';

const desk = openEngineDesk();

/** What a private stream may have said of an order before its answer is recorded. */
interface Heard {
  readonly status: ChildOrderStatus;
  readonly cumulativeQuantity?: string;
}

/** The same answer of a venue, as TypeScript and as a journal say it. */
interface Said {
  readonly outcome: SendOutcome;
  readonly leg: LegTold;
}

const accepted = (state: 'working' | 'filled' | 'canceled', filled: string): Said => ({
  outcome: { kind: 'accepted', venueOrderId: 'v', state, cumulativeQuantity: quantity(filled) },
  leg: {
    written: 'whole',
    answer: { ...ACCEPTED, state, cumulativeQuantity: filled },
  },
});

const refused: Said = {
  outcome: { kind: 'refused', refusal: 'no_match', code: 'c', reason: 'r' },
  leg: {
    written: 'whole',
    answer: { class: 'no', status: 409, refusal: 'no_match', code: 'c' },
  },
};

const unknown: Said = {
  outcome: { kind: 'unknown', code: 'TIMEOUT', reason: 'r' },
  leg: { written: 'whole', answer: { class: 'unknown', status: 0 } },
};

const notSent: Said = {
  outcome: { kind: 'notSent', code: 'NO_WIRE', reason: 'r' },
  leg: { written: 'nothing' },
};

const cases = [
  ['working', accepted('working', '0'), undefined],
  ['partly filled and working', accepted('working', '40'), undefined],
  ['filled', accepted('filled', '100'), undefined],
  ['canceled after a part', accepted('canceled', '40'), undefined],
  ['refused', refused, undefined],
  ['unknown', unknown, undefined],
  ['not sent', notSent, undefined],
  ['filled, which the stream had said', accepted('filled', '100'), { status: 'filled' }],
  ['working, after the stream had said more', accepted('working', '40'), heard('filled', '100')],
  ['canceled, after the stream had said so', accepted('canceled', '40'), heard('canceled', '40')],
  ['filled, after a doubt', accepted('filled', '100'), { status: 'unknown' }],
  ['canceled, after a doubt', accepted('canceled', '0'), { status: 'unknown' }],
  ['filled, after it was called absent', accepted('filled', '100'), { status: 'absent' }],
] as const satisfies readonly (readonly [string, Said, Heard | undefined])[];

function heard(status: ChildOrderStatus, cumulativeQuantity: string): Heard {
  return { status, cumulativeQuantity };
}

async function hear(clientOrderId: string, said: Heard | undefined): Promise<void> {
  if (!said) return;
  const { status, cumulativeQuantity: filled } = said;
  const known = filled === undefined ? {} : { cumulativeQuantity: quantity(filled) };
  const report = { clientOrderId, event: 'reported', status, detail: {}, atMs: NOW_MS };
  await recordAnswer(desk.db, { ...report, ...known });
}

/** Where an order stands, without its names. */
async function standing(clientOrderId: string): Promise<Json | undefined> {
  const [row] = await desk.rows(
    `select status, cumulative_quantity, venue_order_id is not null as is_named
     from orders where client_order_id = $1`,
    [clientOrderId],
  );
  return row;
}

test.each(cases)(
  '%s: the order stands where TypeScript would have left it',
  async (name, said, before) => {
    const intentId = name.replaceAll(/[^a-z]+/g, '-');
    const twin = orderOf((await enter(desk.db, `${intentId}.twin`)).workflowId, 'no');
    await recordOrders(desk.db, [{ order: twin, mode: 'simulated', body: bodyOf(twin) }]);
    await hear(twin.clientOrderId, before);
    const asked = { db: desk.db, nowMs: () => NOW_MS } as TradingDesk; // the rest is not asked for
    const { outcome } = said;
    const venueOrderId = `twin-${intentId}`;
    await recordOutcome(
      asked,
      twin.clientOrderId,
      outcome.kind === 'accepted' ? { ...outcome, venueOrderId } : outcome,
    );

    const { start, workflowId, told } = await recorded(desk, intentId);
    const { clientOrderId } = orderOf(workflowId, 'no');
    await hear(clientOrderId, before);
    await project(desk, start, [recordOf(start, { ...told, no: said.leg })]);
    for (const unnamed of await unnamedOrders(desk.db)) await nameOrder(desk.db, unnamed, NOW_MS);
    expect(await standing(clientOrderId)).toEqual(await standing(twin.clientOrderId));
  },
);

test('an answer told again changes no figure, and an older one takes nothing back', async () => {
  const { start, workflowId, told } = await recorded(desk, 'again');
  const { clientOrderId } = orderOf(workflowId, 'no');
  const { leg: no } = accepted('working', '40');
  await project(desk, start, [recordOf(start, { ...told, no })]);
  await hear(clientOrderId, heard('filled', '100'));
  await project(desk, start, [recordOf(start, { ...told, no })]);
  expect(await standing(clientOrderId)).toMatchObject({
    ...{ status: 'filled', cumulative_quantity: '100' },
  });
});
