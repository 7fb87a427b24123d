import type { Client } from '@temporalio/client';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { evidenceOf } from '../../activities/evidence-of.js';
import { compareClosed, passOn } from '../../activities/index.js';
import type { CustodyDoor } from '../../client/index.js';
import {
  money,
  positionCaseKey,
  type TradeResult,
  tradeCaseKey,
  type Venue,
  type VenueOrder,
} from '../../domain/index.js';
import {
  auditLines,
  bookEntries,
  closeTrade,
  insertFreeze,
  liftFreeze,
  openBreaks,
  openCase,
  readControl,
  recordOrders,
  resolveBreak,
} from '../../store/index.js';
import { VenueReports } from '../../workers/trading/venue-reports.js';
import { ACCOUNT, enter, fillOf, NOW_MS, openDesk, orderOf, resultOf, YES } from '../store/desk.js';
import { quickTerms } from '../support/desk-terms.js';
import { deskOf } from './desk-of.js';

const desk = openDesk();

/** Ten YES at 0.52 are booked of a trade, which knows of them, does not, or has not ended. */
async function tenYes(name: string, result?: TradeResult) {
  const { intent, workflowId } = await enter(desk.db, name);
  const instrument = { ...YES, market: `0x${name}` };
  const order = orderOf(workflowId, 'yes', { instrument });
  await recordOrders(desk.db, [{ order, mode: 'simulated', body: '{}', venueOrderId: name }]);
  const fill = fillOf({ venueOrderId: name, executionId: '1', instrument });
  const booked = await bookEntries(desk.db, [fill]);
  const closing = { workflowId, intent, isError: false, holdForMs: 0, atMs: NOW_MS };
  if (result) await closeTrade(desk.db, { ...closing, result });
  return { workflowId, pairId: intent.pairId, instrument, booked };
}

type Told = Awaited<ReturnType<typeof tenYes>>;

/** What custody is told by a booker whose signal is taken, by a workflow that may be at its end. */
async function toldToCustody(
  { booked }: Told,
  reopen: (workflowId: string) => Promise<boolean> = async () => false,
): Promise<readonly string[]> {
  const told: string[] = [];
  const taken = { workflow: { getHandle: () => ({ signal: async () => undefined }) } };
  const custody: CustodyDoor = {
    found: async (_, cases) => String(told.push(...cases.map(({ key }) => key))),
    adoptTrade: async (_, { workflowId }) => String(told.push(workflowId)),
    venueReport: async (_, rows) => String(told.push(`${rows.length} rows`)),
  };
  const reports = new VenueReports({
    ...{ temporal: taken as unknown as Client, db: desk.db, custody },
    ...{ nowMs: () => NOW_MS, log: pino({ level: 'silent' }), reopen, reached: passOn },
  });
  reports.tell(booked);
  await reports.told();
  return told;
}

async function reported({ workflowId, pairId }: Told): Promise<readonly string[]> {
  const breaks = (await openBreaks(desk.db)).filter(({ key }) => key === workflowId);
  const { freezes } = await readControl(desk.db);
  const ours = freezes.filter(({ scope }) => scope.kind === 'pair' && scope.key === pairId);
  const frozen = ours.filter(({ freezeId }) => freezeId.startsWith('unowned/'));
  return [...breaks.map(({ kind }) => kind), ...frozen.map(({ freezeId }) => freezeId)];
}

const lost = money('-5.2');

test('rows that a trade is told are its own, until its result is written', async () => {
  const open = await tenYes('open');
  expect(await toldToCustody(open)).toEqual([]);
  expect(await reported(open)).toEqual([]);
});

test('rows that the result has were read before they were told', async () => {
  const known = await tenYes('known', resultOf('residual', { net: lost }));
  expect(await toldToCustody(known)).toEqual([]);
  expect(await reported(known)).toEqual([]);
});

test('rows that the result misses are a break, and custody’s, though a workflow took the signal', async () => {
  const missed = await tenYes('missed', resultOf('missed'));
  expect(await toldToCustody(missed)).toEqual([positionCaseKey(ACCOUNT, missed.instrument)]);
  const { workflowId } = missed;
  expect(await reported(missed)).toEqual(['report_without_workflow', `unowned/${workflowId}/1`]);
});

test('rows of a trade that custody still has are custody’s, whatever its first result was', async () => {
  const flattened = await tenYes('flattened', resultOf('matched'));
  const { workflowId, pairId, instrument } = flattened;
  const key = tradeCaseKey(workflowId);
  const found = { kind: 'trade', key, workflowId, by: 'sweep', why: 'flatten' } as const;
  const place = { account: ACCOUNT, instrument };
  await openCase(desk.db, { place, found, pairId, atMs: NOW_MS });
  expect(await toldToCustody(flattened)).toEqual(['1 rows']);
  expect(await reported(flattened)).toEqual([]);
});

test('a trade that has taken its end back is told its rows, and nobody else is', async () => {
  const living = await tenYes('living', resultOf('missed'));
  const asked: string[] = [];
  const reopen = async (workflowId: string) => asked.push(workflowId) > 0;
  expect(await toldToCustody(living, reopen)).toEqual([]);
  expect(asked).toEqual([living.workflowId]);
  expect(await reported(living)).toEqual([]);

  await compareClosed(
    { db: desk.db, nowMs: () => NOW_MS, reached: passOn },
    { account: ACCOUNT, sinceMs: NOW_MS - 1, by: 'sweep', reopen },
  );
  expect(asked).toContain(living.workflowId);
  expect(await reported(living)).toEqual([]);
});

/** As every sweep does. */
const swept = () =>
  compareClosed(
    { db: desk.db, nowMs: () => NOW_MS, reached: passOn },
    { account: ACCOUNT, sinceMs: NOW_MS - 1, by: 'sweep', reopen: async () => false },
  );

test('rows that nobody was there to tell are found by the next sweep, and once', async () => {
  const untold = await tenYes('untold', resultOf('missed'));
  const { workflowId, instrument } = untold;
  await swept();
  await swept();
  expect(await reported(untold)).toEqual(['report_without_workflow', `unowned/${workflowId}/1`]);

  await somebodyLooked(untold);
  await swept();
  expect(await reported(untold)).toEqual([]);

  await bookEntries(desk.db, [fillOf({ venueOrderId: 'untold', executionId: '2', instrument })]);
  await swept();
  expect(await reported(untold)).toEqual(['report_without_workflow', `unowned/${workflowId}/2`]);
});

test('a sweep finds nothing in a result that has its rows, nor in one that custody is writing', async () => {
  const whole = await tenYes('whole', resultOf('residual', { net: lost }));
  const writing = await tenYes('writing', resultOf('matched'));
  const { workflowId, pairId, instrument } = writing;
  const key = tradeCaseKey(workflowId);
  const found = { kind: 'trade', key, workflowId, by: 'sweep', why: 'flatten' } as const;
  await openCase(desk.db, { place: { account: ACCOUNT, instrument }, found, pairId, atMs: NOW_MS });
  await swept();
  expect([await reported(whole), await reported(writing)]).toEqual([[], []]);
});

test('a doubt that an operator has ended too early: its pair is not free for a moment', async () => {
  const { intent, workflowId } = await enter(desk.db, 'overruled');
  const order = orderOf(workflowId, 'yes', { instrument: { ...YES, market: '0xoverruled' } });
  const { clientOrderId, instrument, side, limitPrice } = order;
  const venueOrderId = 'overruled';
  await recordOrders(desk.db, [{ order, mode: 'simulated', body: '{}', venueOrderId }]);
  const { pairId } = intent;
  await insertFreeze(desk.db, {
    ...{ freezeId: `unknown/${clientOrderId}`, scope: { kind: 'pair', key: pairId } },
    ...{ cause: 'unknown_order', why: 'nobody knows', by: workflowId, action: 'leave' },
    ...{ atMs: NOW_MS, liftsWhenResolved: clientOrderId },
  });
  const result = resultOf('missed');
  await closeTrade(desk.db, {
    ...{ workflowId, intent, result, isError: false, holdForMs: 0, atMs: NOW_MS },
  });

  const filled = fillOf({ venueOrderId, executionId: '1', instrument, clientOrderId });
  const found: VenueOrder = {
    ...{ venueOrderId, instrument, side, limitPrice, state: 'filled', createdAtMs: NOW_MS },
    cumulativeQuantity: filled.quantity,
  };
  const venue: Partial<Venue> = {
    cancel: async () => ({ kind: 'canceled' }),
    findOrder: async () => ({ kind: 'found', order: found }),
    entriesOf: async () => ({ kind: 'read', value: [filled] }),
  };
  const asked = deskOf({ db: desk.db }, venue);
  const question = { workflowId, clientOrderIds: [clientOrderId], terms: quickTerms, story: [] };
  expect(await evidenceOf(asked, question)).toMatchObject([{ kind: 'found', state: 'filled' }]);

  const said = (await auditLines(desk.db, 20)).filter(({ subject }) =>
    [`unowned/${workflowId}/1`, `unknown/${clientOrderId}`].includes(subject),
  );
  expect(said.map(({ action, subject }) => `${action} ${subject}`).toReversed()).toEqual([
    `freeze unknown/${clientOrderId}`,
    `freeze unowned/${workflowId}/1`,
    `unfreeze unknown/${clientOrderId}`,
  ]);
});

async function somebodyLooked({ workflowId, pairId }: Told): Promise<void> {
  const who = { by: 'anna', why: 'I have looked', atMs: NOW_MS };
  for (const { breakId, key } of await openBreaks(desk.db)) {
    if (key === workflowId) await resolveBreak(desk.db, { breakId, ...who });
  }
  const { freezes } = await readControl(desk.db);
  for (const { freezeId, scope } of freezes) {
    const isOurs = scope.kind === 'pair' && scope.key === pairId;
    if (isOurs) await liftFreeze(desk.db, { freezeId, ...who });
  }
}
