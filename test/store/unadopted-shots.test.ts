import { beforeEach, describe, expect, test } from 'vitest';
import {
  type Fill,
  type Instrument,
  quantity,
  sweep,
  type VenueName,
  ZERO_QUANTITY,
} from '../../domain/index.js';
import { barShot } from '../../store/barred-shots.js';
import {
  adoptShot,
  bookEntries,
  ensureAccount,
  entriesWithoutOrder,
  inOneMoment,
  missedShots,
  readOurBooks,
  unownedContracts,
  unownedRows,
} from '../../store/index.js';
import { ACCOUNT, enter, fillOf, NO, NOW_MS, YES } from './desk.js';
import {
  ACCEPTED,
  adoptionOf,
  intentOfShot,
  type LegTold,
  openEngineDesk,
  project,
  recordOf,
  type ShotToTell,
  type Start,
  shotOf,
  startEngine,
} from './engine-desk.js';

// What a shot has traded is somebody's from its first byte on: of a trade that has not begun.
const desk = openEngineDesk();

let start: Start;
let sequence = 0;
beforeEach(async () => {
  await desk.rows('truncate venue_entries, entry_sums'); // each story has the markets for itself
  start = await startEngine(desk);
  sequence += 1;
});

const answered: LegTold = { written: 'whole', answer: ACCEPTED };
const silent: LegTold = { written: 'whole' };

async function fired(told: Partial<ShotToTell> = {}): Promise<string> {
  const legs = { yes: answered, no: answered };
  const pairId = `pair-${sequence}`;
  await project(desk, start, [
    recordOf(start, { sequence, pairId, leaseEpoch: 1, ...legs, ...told }),
  ]);
  return intentOfShot(start.epoch, sequence);
}

const fill = (instrument: Instrument, venueOrderId: string, change: Partial<Fill> = {}): Fill =>
  fillOf({ instrument, venueOrderId, executionId: `e-${venueOrderId}`, ...change });

const unowned = async (instrument: Instrument) =>
  inOneMoment(desk.db, (tx) => unownedContracts(tx, { account: ACCOUNT, instrument }));

const strays = async (venue: VenueName) =>
  entriesWithoutOrder(desk.db, { venue, account: ACCOUNT, bookedBeforeMs: Date.now() + 1e9 });

const swept = async (venue: VenueName) => {
  const placeOf = () => ({ account: ACCOUNT, instrument: YES });
  const of = { venue, account: ACCOUNT, orders: [], placeOf };
  const ours = await readOurBooks(desk.db, of);
  const positions = ours.positions.map(({ instrument, quantity: held }) => ({
    ...{ instrument, quantity: held },
  }));
  return sweep(ours, { orders: [], positions }, new Set()).map(({ found }) => found.kind);
};

describe('contracts of a shot that no trade has yet', () => {
  test('are nobody else’s: neither custody’s nor a stray', async () => {
    const intentId = await fired();
    await bookEntries(desk.db, [fill(YES, `v-yes-${intentId}`), fill(NO, `v-no-${intentId}`)]);
    for (const instrument of [YES, NO]) {
      expect(await unowned(instrument)).toBe(ZERO_QUANTITY);
      expect(await strays(instrument.venue)).toEqual([]);
      expect(await swept(instrument.venue)).toEqual([]);
      expect(await unownedRows(desk.db, { account: ACCOUNT, instrument })).toEqual([]);
    }
  });

  test('are its own also where the answer with the venue’s name of the order was not heard', async () => {
    await fired({ no: silent });
    await bookEntries(desk.db, [fill(NO, 'a name that nobody knows')]);
    expect(await unowned(NO)).toBe(ZERO_QUANTITY);
    expect(await strays('kalshi')).toEqual([]);
  });

  test.each<readonly [string, Partial<Fill>]>([
    ['was sold', { side: 'sell' }],
    ['was bought long before', { atMs: NOW_MS - 10_001 }],
  ])('are not what %s there', async (_, change) => {
    await fired({ no: silent });
    await bookEntries(desk.db, [fill(NO, 'a name that nobody knows', change)]);
    expect(await strays('kalshi')).toHaveLength(1);
  });

  test('are not those of an order by another name', async () => {
    await fired();
    await bookEntries(desk.db, [fill(YES, 'by hand')]);
    expect(await unowned(YES)).toBe(quantity('10'));
    expect(await strays('polymarket')).toHaveLength(1);
    expect(await swept('polymarket')).toEqual(['position']);
  });

  test('are its trade’s once it is adopted', async () => {
    const intentId = await fired();
    await bookEntries(desk.db, [fill(YES, `v-yes-${intentId}`)]);
    await adoptShot(desk.db, adoptionOf(start, `pair-${sequence}`, sequence));
    expect(await unowned(YES)).toBe(ZERO_QUANTITY);
    expect(await strays('polymarket')).toEqual([]);
  });

  test('are custody’s once it can be no trade any more', async () => {
    const intentId = await fired();
    await bookEntries(desk.db, [fill(YES, `v-yes-${intentId}`)]);
    const shot = shotOf(start, sequence);
    await barShot(desk.db, { shot, why: 'WORKFLOW_ENDED', by: 'a test', atMs: NOW_MS });
    expect(await unowned(YES)).toBe(quantity('10'));
  });

  test('are not there where nothing of it has left', async () => {
    const intentId = await fired({ refused: 'FROZEN', yes: {}, no: {} });
    await bookEntries(desk.db, [fill(YES, `v-yes-${intentId}`)]);
    expect(await unowned(YES)).toBe(quantity('10'));
  });
});

describe('a shot is missed', () => {
  const names = async () => (await missedShots(desk.db, 0)).map(({ shot }) => shot);

  test('while it is nobody’s, and once it is old enough', async () => {
    await fired();
    expect(await names()).toContainEqual(shotOf(start, sequence));
    const { length } = await missedShots(desk.db, 3_600_000);
    expect(length).toBe(0);
    await adoptShot(desk.db, adoptionOf(start, `pair-${sequence}`, sequence));
    expect(await names()).not.toContainEqual(shotOf(start, sequence));
  });

  test('not where nothing of it has left, nor where a trade had reserved for it', async () => {
    await fired({ refused: 'FROZEN', yes: {}, no: {} });
    await project(desk, start, [recordOf(start, { sequence: sequence + 1_000 })]);
    const missed = (await names()).filter(({ epoch }) => epoch === start.epoch);
    expect(missed).toEqual([]);
  });

  test('and says that another trade has its intent’s id', async () => {
    const intentId = await fired();
    const find = async () =>
      (await missedShots(desk.db, 0)).find(({ shot }) => shot.epoch === start.epoch)?.isIdTaken;
    expect(await find()).toBe(false);
    await enter(desk.db, intentId);
    expect(await find()).toBe(true);
  });
});

test('accounts are apart', async () => {
  await ensureAccount(desk.db, 'second');
  await fired({ no: silent });
  const other = fill(NO, 'a name that nobody knows', { account: 'second' });
  await bookEntries(desk.db, [other]);
  const place = { account: 'second', instrument: NO };
  expect(await inOneMoment(desk.db, (tx) => unownedContracts(tx, place))).toBe(quantity('10'));
});
