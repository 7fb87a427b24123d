import { expect, test } from 'vitest';
import { reopened } from '../../activities/reopen.js';
import type { TradingDesk } from '../../activities/trading-desk.js';
import { type Admission, money, positionCaseKey, quantity, toWire } from '../../domain/index.js';
import {
  bookEntries,
  closeTrade,
  findIntent,
  openCase,
  recordOrders,
  reservationOf,
  withAccountLocked,
  writeApproval,
} from '../../store/index.js';
import {
  ACCOUNT,
  enter,
  fillOf,
  NOW_MS,
  openDesk,
  orderOf,
  reservationFor,
  resultOf,
  YES,
} from '../store/desk.js';

const books = openDesk();

/** Ten YES at 0.52 are booked of a trade that was closed with this net. */
async function closed(name: string, net: string) {
  const { intent, workflowId } = await enter(books.db, name);
  const instrument = { ...YES, market: `0x${name}` };
  const yesOrder = orderOf(workflowId, 'yes', { instrument });
  const entries = { yesOrder, noOrder: orderOf(workflowId, 'no') };
  const admission = { kind: 'approved', entries, atMs: NOW_MS } as Admission; // the rest is not read
  const reservation = reservationFor(workflowId, intent.pairId);
  await withAccountLocked(books.db, ACCOUNT, (tx) =>
    writeApproval(tx, {
      ...{ workflowId, pairId: intent.pairId, reservation, atMs: NOW_MS },
      admission: toWire(admission),
    }),
  );
  const record = { order: yesOrder, mode: 'simulated', body: '{}', venueOrderId: name } as const;
  await recordOrders(books.db, [record]);
  await bookEntries(books.db, [fillOf({ venueOrderId: name, executionId: '1', instrument })]);
  const result = resultOf('residual', { net: money(net) });
  const end = { isError: false, holdForMs: 0, atMs: NOW_MS };
  await closeTrade(books.db, { ...end, workflowId, intent, result });
  return { workflowId, instrument };
}

const asked = () => ({ db: books.db, nowMs: () => NOW_MS }) as unknown as TradingDesk;

test('an end that has every row stands: who asks is late, and the trade is over', async () => {
  const { workflowId } = await closed('whole', '-5.2');
  expect(await reopened(asked(), workflowId)).toBe(false);
  expect(await findIntent(books.db, 'whole')).toMatchObject({ result: { kind: 'residual' } });
  expect(await reservationOf(books.db, workflowId)).toBeUndefined();
});

test('an end that lacks rows stands once custody looks after what they brought', async () => {
  const { workflowId, instrument } = await closed('theirs', '0');
  const key = positionCaseKey(ACCOUNT, instrument);
  const why = 'no open trade explains these contracts';
  const held = { instrument, quantity: quantity('10') };
  const found = { kind: 'position', key, why, ...held } as const;
  const place = { account: ACCOUNT, instrument };
  await openCase(books.db, { place, found, atMs: NOW_MS });
  expect(await reopened(asked(), workflowId)).toBe(false);
  expect(await findIntent(books.db, 'theirs')).toMatchObject({ result: { kind: 'residual' } });
});
