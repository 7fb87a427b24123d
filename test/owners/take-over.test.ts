import { stripVTControlCharacters } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { expect, test } from 'vitest';
import { takeOver } from '../../cli/commands/take-over.js';
import type { Desk } from '../../cli/desk.js';
import { connectClient } from '../../client/index.js';
import { ownExit, quantity } from '../../domain/index.js';
import {
  auditLines,
  bookEntries,
  closeTrade,
  exitOwner,
  recordOrders,
  storyOf,
} from '../../store/index.js';
import { approve, enter, fillOf, NO, NOW_MS, openDesk, orderOf, resultOf } from '../store/desk.js';
import { testTemporal } from '../support/stack.js';

const books = openDesk();
const away = async (): Promise<never> => {
  throw new Error('Temporal is away');
};
const deskWith = (client: Desk['client']): Desk => ({
  ...{ db: books.db, mode: 'simulated', operator: 'anna@desk7', nowMs: () => NOW_MS, client },
  close: async () => undefined,
});
const CUSTODY_OF_NO = 'custody/kalshi/main/KXRAIN/no';
const WHY = { why: 'its workflow task fails' };

/** An approved trade that holds 10 NO and no YES. */
async function stuck(intentId: string) {
  const approved = await approve(books.db, intentId);
  const noOrder = orderOf(approved.workflowId, 'no');
  const venueOrderId = `k-${intentId}`;
  await recordOrders(books.db, [{ order: noOrder, mode: 'simulated', body: '{}', venueOrderId }]);
  const fill = fillOf({ venueOrderId, executionId: intentId, quantity: quantity('10') });
  await bookEntries(books.db, [{ ...fill, instrument: NO }]);
  return approved;
}

test('a take-over moves the exits at once, also while Temporal is away, and says who must be told', async () => {
  const { workflowId } = await stuck('stuck.1');
  const answer = await takeOver(deskWith(away), { id: workflowId, ...WHY });
  expect(answer.exitCode).toBe(4);
  expect(stripVTControlCharacters(answer.text).split('\n')).toEqual([
    `TAKEN OVER: the exits of stuck.1 belong to ${CUSTODY_OF_NO}, epoch 2`,
    '  before: arbitrage/stuck.1, epoch 1; it can send no exit any more',
    'NOT TOLD: custody does not know yet (Temporal is away)',
    '  run the command again when Temporal answers; the next sweep tells it, too',
  ]);
  const now = { key: workflowId, holder: CUSTODY_OF_NO, epoch: 2 };
  expect(await exitOwner(books.db, workflowId)).toEqual(now);
  const [audited] = await auditLines(books.db, 1);
  expect(audited).toMatchObject({
    ...{ by: 'anna@desk7', action: 'take_over', subject: workflowId, ...WHY },
    detail: { before: ownExit(workflowId), now },
  });
  expect(await storyOf(books.db, workflowId)).toMatchObject([{ event: 'taken_over' }]);
});

test('taking over twice is one take-over', async () => {
  const { workflowId } = await stuck('twice.1');
  await takeOver(deskWith(away), { id: 'twice.1', ...WHY });
  const again = await takeOver(deskWith(away), { id: 'twice.1', ...WHY });
  expect(again.text).toContain('was taken over before');
  expect((await exitOwner(books.db, workflowId))?.epoch).toBe(2);
  expect(await storyOf(books.db, workflowId)).toHaveLength(1);
});

test('custody is started by the take-over, and waits in Temporal while no worker runs', async () => {
  const { workflowId } = await stuck('unmanned.1');
  const { address, namespace } = await testTemporal();
  const client = await connectClient({ address, namespace, mode: 'simulated', desk: 'unmanned' });
  const desk = deskWith(async () => client);
  const answer = await takeOver(desk, { id: 'unmanned.1', ...WHY, policy: 'exit' });
  await client.close();
  expect(answer).toMatchObject({ exitCode: 0, data: { isNew: true, custody: CUSTODY_OF_NO } });

  const connection = await Connection.connect({ address });
  const handle = new Client({ connection, namespace }).workflow.getHandle(CUSTODY_OF_NO);
  const { status, type } = await handle.describe();
  expect([status.name, type]).toEqual(['RUNNING', 'custody']);
  const { events } = await handle.fetchHistory();
  const told = events?.map(({ workflowExecutionSignaledEventAttributes: signal }) => signal);
  const said = told?.find((signal) => signal?.signalName === 'adoptTrade')?.input?.payloads?.[0];
  expect(JSON.parse(Buffer.from(said?.data ?? []).toString())).toEqual({
    ...{ workflowId, by: 'anna@desk7', ...WHY, policy: 'exit' },
  });
  await handle.terminate('the test has seen it');
  await connection.close();
});

test('a trade that has ended, was never approved or never was is not taken over', async () => {
  const { workflowId, intent } = await stuck('ended.1');
  const result = resultOf('missed');
  await closeTrade(books.db, {
    ...{ workflowId, intent, result, isError: false, holdForMs: 0, atMs: NOW_MS },
  });
  const ended = await takeOver(deskWith(away), { id: 'ended.1', ...WHY });
  expect(ended).toMatchObject({ exitCode: 0, data: { isEnded: true, kind: 'missed' } });
  expect(await exitOwner(books.db, workflowId)).toEqual(ownExit(workflowId));

  await enter(books.db, 'unheard.1');
  await expect(takeOver(deskWith(away), { id: 'unheard.1', ...WHY })).rejects.toThrow(
    'unheard.1 was never approved: it has no exits',
  );
  await expect(takeOver(deskWith(away), { id: 'nobody.1', ...WHY })).rejects.toThrow(
    'there is no trade "nobody.1"',
  );
});
