import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resolve } from '../../cli/commands/resolve.js';
import {
  arbitrageWorkflowId,
  legInstrument,
  price,
  quantity,
  unknownFreezeId,
} from '../../domain/index.js';
import {
  bookEntries,
  heldPairOf,
  insertFreeze,
  listEntries,
  liveHold,
  openBreaks,
  openCases,
  ordersOf,
  position,
  readBookerCursor,
  readControl,
  reservationOf,
} from '../../store/index.js';
import { openTestDesk, type TestDesk } from '../support/desk.js';
import { BOOKS_AGREE, checkedBooks, frozenPairs, soon, traded } from '../support/desk-ends.js';
import { intentOf } from '../support/desk-intent.js';
import { operatorOf } from '../support/desk-operator.js';
import { ACCOUNT } from '../support/desk-venues.js';
import { isSweptClean, Sweeping } from './sweeping.js';

let desk: TestDesk;
let sweeping: Sweeping;
beforeAll(async () => {
  desk = await openTestDesk({
    pairs: { hold: {}, reserved: {}, doubt: {}, frozen: {}, paid: {}, unheard: {} },
  });
  sweeping = new Sweeping(desk);
});
afterAll(async () => {
  await sweeping.close();
  await desk.close();
});

/** Matched, recorded and over; its workflow id. */
async function ended(pairId: string): Promise<string> {
  expect(await traded(desk, intentOf(`${pairId}.1`, pairId))).toMatchObject({ kind: 'matched' });
  return arbitrageWorkflowId(`${pairId}.1`);
}

/** How the cases of this kind ended, oldest first. */
async function closedAs(kind: 'leftover' | 'difference'): Promise<readonly (string | null)[]> {
  const cases = desk.db.selectFrom('custody_cases').select('closed_how').where('kind', '=', kind);
  return (await cases.orderBy('case_id').execute()).map(({ closed_how }) => closed_how);
}

describe('what a trade that has ended left behind', () => {
  const RELEASED = 'resolved and released';

  test('a hold without an end is released, so that its pair trades again', async (context) => {
    const workflowId = await ended('hold');
    await sql`update pair_holds set until = null where holder = ${workflowId}`.execute(desk.db);
    await isSweptClean(sweeping, context, { what: 'an ended trade: its hold is left' });

    expect(await closedAs('leftover')).toEqual([RELEASED]);
    expect(await liveHold(desk.db, { pairId: 'hold', nowMs: Date.now() })).toBeUndefined();
    expect(await traded(desk, intentOf('hold.2', 'hold'))).toMatchObject({ kind: 'matched' });
  });

  test('a reservation that is still open is released', async (context) => {
    const workflowId = await ended('reserved');
    await sql`update reservations set released_at = null where workflow_id = ${workflowId}`.execute(
      desk.db,
    );
    await isSweptClean(sweeping, context, { what: 'an ended trade: its reservation is left' });

    expect(await closedAs('leftover')).toEqual([RELEASED, RELEASED]);
    expect(await reservationOf(desk.db, workflowId)).toBeUndefined();
  });

  test('an order that is in doubt is asked about, and known again', async (context) => {
    const workflowId = await ended('doubt');
    const statuses = async () => (await ordersOf(desk.db, workflowId)).map(({ status }) => status);
    await sql`update orders set status = 'unknown' where workflow_id = ${workflowId}`.execute(
      desk.db,
    );
    await isSweptClean(sweeping, context, { what: 'an ended trade: its orders are in doubt' });

    expect(await closedAs('leftover')).toEqual([RELEASED, RELEASED, RELEASED]);
    expect(await statuses()).toEqual(['filled', 'filled']);
    expect(await openCases(desk.db)).toEqual([]);
    expect(await openBreaks(desk.db)).toEqual([]);
  });

  test('a freeze that waited for an order which is known is lifted, so that its pair trades again', async () => {
    const [known] = await ordersOf(desk.db, await ended('frozen'));
    const clientOrderId = known?.order.clientOrderId ?? '';
    await insertFreeze(desk.db, {
      ...{ freezeId: unknownFreezeId(clientOrderId), scope: { kind: 'pair', key: 'frozen' } },
      ...{ cause: 'unknown_order', why: 'nobody knew', by: 'a trade', action: 'leave' },
      ...{ atMs: Date.now(), liftsWhenResolved: clientOrderId },
    });
    expect(await sweeping.round()).toEqual([]);
    expect(await frozenPairs(desk)).toEqual(['frozen']);
    expect(await sweeping.round()).toEqual([]);
    expect(await frozenPairs(desk)).toEqual([]);
    // Whoever trades hears of it a moment later.
    let again = 1;
    await soon(async () => {
      again += 1;
      const result = await traded(desk, intentOf(`frozen.${again}`, 'frozen'));
      expect(result).toMatchObject({ kind: 'matched' });
    });
  });
});

describe('where a venue states another position than its entries add up to', () => {
  test('its pages are read again, and what they did not tell before explains it', async (context) => {
    const workflowId = await ended('paid');
    await pagesWereJustRead();
    // No stream tells of a payout, and the pages are read again in seconds only.
    desk.venues.kalshi.exchange.resolveMarket(desk.pairs.pair('paid').kalshi.market, 'yes');
    await isSweptClean(sweeping, context, { what: 'a difference that the pages explain' });

    expect(await closedAs('difference')).toEqual(['the pages were read again: both agree']);
    const pair = await heldPairOf(desk.db, workflowId);
    expect(pair).toMatchObject({ state: 'resolved_on_one', noHeld: 0n });
    expect(await openBreaks(desk.db)).toEqual([]);
    expect((await readControl(desk.db)).freezes).toEqual([]);
    expect(await checkedBooks(desk)).toEqual(BOOKS_AGREE);
  });

  test('what no page explains is told once and watched, and its pair stays frozen', async (context) => {
    const instrument = legInstrument(desk.pairs.pair('unheard'), 'poly_yes_kalshi_no', 'no');
    const held = async () => position(desk.db, ACCOUNT, instrument);
    const placed = desk.venues.kalshi.exchange.place({
      ...{ account: ACCOUNT, market: instrument.market, outcome: 'no', side: 'buy' },
      ...{ limitPrice: price('0.48'), timeInForce: 'IOC', isReduceOnly: false, isPostOnly: false },
      fixed: { kind: 'contracts', contracts: quantity('7') },
      ...{ venueOrderId: 'by-hand', clientKey: 'by-hand' },
    });
    expect(placed).toMatchObject({ kind: 'accepted', order: { state: 'filled' } });
    await soon(async () => expect(await held()).toBe(quantity('7')));
    // A sale that the venue does not know of: who is wrong is for a person to find out.
    const entries = (await listEntries(desk.db)).map(({ entry }) => entry);
    const bought = entries.find((entry) => entry.instrument.market === instrument.market);
    if (bought?.kind !== 'fill') throw new Error('nothing was bought by hand');
    await bookEntries(desk.db, [
      { ...bought, ...{ executionId: 'nobody', venueOrderId: 'nobody', side: 'sell' } },
    ]);
    expect(await held()).toBe(0n);
    expect(await sweeping.round()).toEqual([]);
    expect(await sweeping.round()).toHaveLength(1);
    const [open, ...others] = await openBreaks(desk.db);
    expect([open?.kind, others]).toEqual(['custody_difference', []]);
    await resolve(operatorOf(desk), { breakId: open?.breakId ?? 0, why: 'the venue was asked' });
    await isSweptClean(sweeping, context, {
      ...{ what: 'a difference that nothing explains', swept: 2 },
    });

    expect(await openCases(desk.db)).toMatchObject([
      { found: { kind: 'difference', held: 0n, quantity: quantity('7') }, isTaken: true },
    ]);
    const { freezes } = await readControl(desk.db);
    expect(freezes.map(({ scope }) => scope)).toEqual([{ kind: 'pair', key: 'unheard' }]);
  });
});

/** From now on the booker reads none for seconds. */
async function pagesWereJustRead(): Promise<void> {
  const readAtMs = async () => readBookerCursor(desk.db, 'kalshi', ACCOUNT);
  const before = await readAtMs();
  await soon(async () => expect(await readAtMs()).not.toBe(before));
}
