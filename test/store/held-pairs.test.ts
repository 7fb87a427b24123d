import { beforeEach, describe, expect, test } from 'vitest';
import {
  type Fill,
  formatAmount,
  type Instrument,
  money,
  negate,
  notional,
  price,
  quantity,
  type SetChange,
  type Settlement,
  type VenueEntry,
} from '../../domain/index.js';
import { insertHeldPair } from '../../store/held-pairs.js';
import {
  bookEntries,
  cashMoved,
  entriesWithoutOrder,
  type HeldPairReview,
  heldPairOf,
  heldPairs,
  positions,
  recordPayout,
  reviewHeldPairs,
} from '../../store/index.js';
import { enter, fillOf, NO, NOW_MS, openDesk, YES } from './desk.js';

const desk = openDesk();
let story = 0;
let account = '';
beforeEach(() => {
  story += 1;
  account = `story-${story}`;
});

const stray = { venue: 'polymarket', bookedBeforeMs: Date.now() + 60_000 } as const;
const market = (of: Instrument): Instrument => ({ ...of, market: `${of.market}-${story}` });

/** Both legs bought by a trade that has closed with them. */
async function hold(contracts: string, name = 'a'): Promise<string> {
  const { workflowId } = await enter(desk.db, `${account}.${name}`, { account });
  const bought = (instrument: Instrument, at: string): Fill =>
    fillOf({
      ...{ account, venueOrderId: `${account}.${name}`, executionId: instrument.outcome },
      ...{ instrument: market(instrument), quantity: quantity(contracts), price: price(at) },
    });
  await bookEntries(desk.db, [bought(YES, '0.4'), bought(NO, '0.5')]);
  await insertHeldPair(desk.db, {
    ...{ workflowId, account, pairId: `pair-${story}`, contracts: quantity(contracts) },
    ...{ yes: market(YES), no: market(NO), heldSinceMs: NOW_MS + story },
  });
  return workflowId;
}

function paid(of: Instrument, contracts: string, at: string): Settlement {
  return {
    ...{ kind: 'settlement', reference: `${of.venue}-${story}`, account, instrument: market(of) },
    ...{ quantity: quantity(contracts), price: price(at), atMs: NOW_MS },
    cash: notional(price(at), quantity(contracts), 'floor'),
  };
}

function merged(of: Instrument, contracts: string): SetChange {
  return {
    ...{ kind: 'merge', reference: `merge-${story}`, account, instrument: market(of) },
    ...{ quantity: quantity(contracts), price: price('0.5'), atMs: NOW_MS },
    cash: notional(price('0.5'), quantity(contracts), 'floor'),
  };
}

/** By custody or by hand: by no trade. */
function sold(of: Instrument, contracts: string, at: string): Fill {
  const cash = notional(price(at), quantity(contracts), 'floor');
  return fillOf({
    ...{ account, venueOrderId: `sale-${story}-${of.venue}`, executionId: contracts, cash },
    ...{ side: 'sell', instrument: market(of), quantity: quantity(contracts), price: price(at) },
  });
}

/** As custody's watch does. */
const review = (terms: Omit<HeldPairReview, 'account'>) =>
  desk.db.transaction().execute(async (tx) => reviewHeldPairs(tx, { account, ...terms }));

/** "open waiting 10/10", "closed paid 0/0 pays 10". */
async function told(workflowId: string): Promise<string> {
  const pair = await heldPairOf(desk.db, workflowId);
  if (!pair) return 'none';
  const { state, why, yesHeld, noHeld, paid: cash, loss } = pair;
  return [
    pair.closedAtMs === undefined ? 'open' : 'closed',
    why === undefined ? state : `${state} (${why})`,
    `${formatAmount(yesHeld)}/${formatAmount(noHeld)}`,
    `paid ${formatAmount(cash)}`,
    ...(loss === undefined ? [] : [`loses ${formatAmount(loss)}`]),
  ].join(' ');
}

describe('a held pair', () => {
  const both = (yes: string, no: string): VenueEntry[] => [
    paid(YES, '10', yes),
    paid(NO, '10', no),
  ];
  test.each<[string, () => VenueEntry[], string]>([
    [
      'is paid by the winner, and the loser is worth nothing',
      () => both('1', '0'),
      'closed paid 0/0 paid 10 loses 0',
    ],
    [
      'is voided where both venues pay in parts alike',
      () => both('0.5', '0.5'),
      'closed voided 0/0 paid 10 loses 0',
    ],
    [
      'is broken where both pay nothing',
      () => both('0', '0'),
      'closed broken (different_outcomes) 0/0 paid 0 loses 10',
    ],
    [
      'is broken where both pay a dollar, though it is a gain',
      () => both('1', '1'),
      'closed broken (different_outcomes) 0/0 paid 20 loses -10',
    ],
    [
      'is broken where one is voided and the other is not',
      () => both('0.5', '0'),
      'closed broken (void_on_one) 0/0 paid 5 loses 5',
    ],
    ['waits for the other venue', () => [paid(NO, '10', '0')], 'open resolved_on_one 10/0 paid 0'],
    [
      'of which one leg was merged is half out',
      () => [merged(YES, '10')],
      'open selling 0/10 paid 5',
    ],
  ])('%s', async (...[, entries, end]) => {
    const workflowId = await hold('10');
    await bookEntries(desk.db, entries());
    expect(await told(workflowId)).toBe(end);
  });

  test('is not over because another market has paid, or before its trade is recorded', async () => {
    const workflowId = await hold('10');
    await bookEntries(desk.db, [
      { ...paid(NO, '10', '1'), instrument: { ...NO, market: 'other' } },
    ]);
    expect(await told(workflowId)).toBe('open waiting 10/10 paid 0');
  });

  test('is left alone where only other markets are looked at', async () => {
    const workflowId = await hold('10');
    await bookEntries(desk.db, [sold(YES, '10', '0.39')]);
    await review({ nowMs: NOW_MS, markets: ['other'] });
    expect(await told(workflowId)).toBe('open waiting 10/10 paid 0');
    await review({ nowMs: NOW_MS, markets: [market(NO).market] });
    expect(await told(workflowId)).toBe('open selling 0/10 paid 3.9');
  });

  test('is redeemable while the venue has the shares and says what they are worth', async () => {
    const workflowId = await hold('10');
    await bookEntries(desk.db, [paid(NO, '10', '0')]);
    await recordPayout(desk.db, { instrument: market(YES), pays: price('1'), atMs: NOW_MS });
    await review({ nowMs: NOW_MS });
    expect(await told(workflowId)).toBe('open redeemable 10/0 paid 0 loses 0');
    await bookEntries(desk.db, [paid(YES, '10', '1')]);
    expect(await told(workflowId)).toBe('closed paid 0/0 paid 10 loses 0');
  });

  test('is broken as soon as both venues have decided, before anything is redeemed', async () => {
    const workflowId = await hold('10');
    await bookEntries(desk.db, [paid(NO, '10', '0')]);
    await recordPayout(desk.db, { instrument: market(YES), pays: price('0'), atMs: NOW_MS });
    await review({ nowMs: NOW_MS });
    expect(await told(workflowId)).toBe('open broken (different_outcomes) 10/0 paid 0 loses 10');
  });

  test('is sold when both legs are, and a leg that goes alone breaks it after a while', async () => {
    const workflowId = await hold('10');
    await bookEntries(desk.db, [sold(YES, '10', '0.39')]);
    const look = async (afterMs: number) => {
      await review({ nowMs: NOW_MS + afterMs, aloneMsMax: 1_000 });
      return told(workflowId);
    };
    expect(await look(1_000)).toBe('open selling 0/10 paid 3.9');
    expect(await look(1_001)).toBe('open broken (leg_gone) 0/10 paid 3.9');
    await bookEntries(desk.db, [sold(NO, '10', '0.48')]);
    expect(await look(1_002)).toBe('closed sold 0/0 paid 8.7 loses 1.3');
  });

  test('is broken where a venue has taken back what it had given', async () => {
    const workflowId = await hold('10');
    const fill = fillOf({
      ...{ account, venueOrderId: `${account}.a`, executionId: 'yes', instrument: market(YES) },
      ...{ quantity: quantity('10'), price: price('0.4') },
    });
    const { finality, ...taken } = fill;
    expect(finality).toBe('final');
    await bookEntries(desk.db, [{ ...taken, kind: 'reversal', cash: negate(fill.cash) }]);
    await review({ nowMs: NOW_MS });
    expect(await told(workflowId)).toBe('open broken (contracts_missing) 0/10 paid 0');
  });
});

describe('two held pairs of the same contracts', () => {
  test('are both paid by one payment', async () => {
    const [first, second] = [await hold('10', 'a'), await hold('5', 'b')];
    await bookEntries(desk.db, [paid(YES, '15', '1'), paid(NO, '15', '0')]);
    expect(await told(first)).toBe('closed paid 0/0 paid 10 loses 0');
    expect(await told(second)).toBe('closed paid 0/0 paid 5 loses 0');
    expect(await heldPairs(desk.db, account)).toEqual([]);
  });

  test('are sold oldest first', async () => {
    const [first, second] = [await hold('10', 'a'), await hold('5', 'b')];
    await bookEntries(desk.db, [sold(YES, '12', '0.5'), sold(NO, '12', '0.5')]);
    await review({ nowMs: NOW_MS });
    expect(await told(first)).toBe('closed sold 0/0 paid 10 loses 0');
    expect(await told(second)).toBe('open waiting 3/3 paid 2');
    await bookEntries(desk.db, [paid(YES, '3', '1'), paid(NO, '3', '0')]);
    expect(await told(second)).toBe('closed sold 0/0 paid 5 loses 0');
  });

  test('a merge and a split are entries: contracts and cash, once however often they are told', async () => {
    const both = [merged(YES, '4'), merged({ ...YES, outcome: 'no' }, '4')];
    expect(await bookEntries(desk.db, [...both, ...both])).toHaveLength(2);
    expect(await cashMoved(desk.db, account, 'polymarket')).toBe(money('4'));
    const split = both.map(
      (half): SetChange => ({
        ...{ ...half, kind: 'split', reference: 'split' },
        cash: negate(half.cash),
      }),
    );
    await bookEntries(desk.db, split);
    expect(await cashMoved(desk.db, account, 'polymarket')).toBe(0n);
    expect(await positions(desk.db, account)).toEqual([]);
    expect(await entriesWithoutOrder(desk.db, { ...stray, account })).toEqual([]);
  });
});
