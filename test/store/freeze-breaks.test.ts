import { expect, test } from 'vitest';
import { type Pair, quantity, type Venue } from '../../domain/index.js';
import { bookEntries, liftFreeze, openBreak, readControl } from '../../store/index.js';
import { freezeBreaks } from '../../workers/trading/freeze-breaks.js';
import { pairOf } from '../support/markets.js';
import { ACCOUNT, fillOf, NOW_MS, openDesk, reversalOf, YES } from './desk.js';

const desk = openDesk();
const pair: Pair = { ...pairOf(), pairId: 'told-twice' };
const instrument = { ...YES, market: pair.polymarket.market };

/** What the booker does after every reading of a venue's pages. */
const freeze = (venue: 'kalshi' | 'polymarket') =>
  freezeBreaks({
    db: desk.db,
    venue: { name: venue } as Venue, // its name is all that is asked
    pairs: () => [pair],
    nowMs: () => NOW_MS,
  });
const frozen = async () =>
  (await readControl(desk.db)).freezes.map(({ scope, why }) => [
    'key' in scope ? scope.key : '',
    why.split(':')[0],
  ]);

test('what a venue has told in two ways freezes the pair of its market, once', async () => {
  const one = fillOf({ venueOrderId: 'a', executionId: 't', instrument });
  const other = fillOf({
    venueOrderId: 'b',
    executionId: 't',
    instrument,
    finality: 'provisional',
  });
  await bookEntries(desk.db, [one, other, reversalOf(other)]);
  await bookEntries(desk.db, [{ ...one, quantity: quantity('11') }]);
  await bookEntries(desk.db, [{ ...other, finality: 'final' }]);
  await openBreak(desk.db, {
    ...{ kind: 'order_differs', key: 'c', account: ACCOUNT, venue: 'polymarket', atMs: NOW_MS },
    detail: { clientOrderId: 'c', found: 'v', market: pair.polymarket.market },
  });
  await freeze('kalshi');
  expect(await frozen()).toEqual([]);
  await freeze('polymarket');
  await freeze('polymarket');
  expect(await frozen()).toEqual([
    ['told-twice', 'entry_differs'],
    ['told-twice', 'final_after_reversal'],
    ['told-twice', 'order_differs'],
  ]);
});

test('what was thawed stays thawed, and a market of no pair freezes nothing', async () => {
  const { freezes } = await readControl(desk.db);
  for (const { freezeId } of freezes) {
    await liftFreeze(desk.db, { freezeId, by: 'anna', why: 'looked', atMs: NOW_MS });
  }
  const stray = fillOf({ venueOrderId: 'd', executionId: 't', instrument: YES });
  await bookEntries(desk.db, [stray]);
  await bookEntries(desk.db, [{ ...stray, quantity: quantity('11') }]);
  await freeze('polymarket');
  expect(await frozen()).toEqual([]);
});
