import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type ArmRequest,
  add,
  clientOrderIdOf,
  EDGE_MIN_DEFAULT,
  formatAmount,
  instrumentKey,
  leaseLeft,
  leaseReservation,
  legInstrument,
  legMarket,
  money,
  type Outcome,
  type Price,
  price,
  purposeLine,
  type Quantity,
  quantity,
  type Reservation,
  reservationFor,
  sizedOrder,
  ZERO_MONEY,
} from '../../domain/index.js';
import { inputOf, policy } from './risk-fixture.js';
import { intentOf, pair } from './trade-fixture.js';

const TYPE = 'poly_yes_kalshi_no';

function requestOf(change: Partial<ArmRequest> = {}): ArmRequest {
  return {
    ...{ pairId: pair.pairId, account: 'main', strategy: 'desk', fires: 'at_ticks', validMs: 250 },
    ...{ types: [TYPE], contractsMax: quantity('10'), edgeMin: price('0.01') },
    budget: { exposure: money('200'), contracts: quantity('200') },
    expiresAtMs: 60_000,
    ...change,
  };
}

const lentOf = (request: ArmRequest): Reservation =>
  leaseReservation({ leaseId: 'lease', request, pair, policy });

const shownOf = (lent: Pick<Reservation, 'legs'>) =>
  lent.legs.map(({ instrument, contracts, cash, exitCash }) => [
    instrumentKey(instrument).split('/')[0],
    ...[contracts, cash, exitCash].map(formatAmount),
  ]);

interface Prices {
  readonly contracts: Quantity;
  readonly yes: Price;
  readonly no: Price;
}

/** A shot as an engine would size it, and what its trade reserves; `undefined` where no venue takes it. */
function shotOf({ contracts, yes, no }: Prices): Reservation | undefined {
  const { entries } = inputOf();
  const limits = { yes, no };
  const legOf = (leg: Outcome) => {
    const instrument = legInstrument(pair, TYPE, leg);
    const market = legMarket(pair, TYPE, leg);
    const limitPrice = limits[leg];
    const sized = sizedOrder({ market, instrument, side: 'buy', limitPrice, contracts });
    if (sized.kind === 'refused') return undefined;
    const { fixed, legalMaximum } = sized;
    const before = leg === 'yes' ? entries.yesOrder : entries.noOrder;
    const clientOrderId = clientOrderIdOf('shot', purposeLine(before.purpose), 0);
    return { ...before, limitPrice, fixed, legalMaximum, instrument, clientOrderId };
  };
  const [yesOrder, noOrder] = [legOf('yes'), legOf('no')];
  if (!yesOrder || !noOrder) return undefined;
  return reservationFor({ intent: intentOf(), pair, entries: { yesOrder, noOrder }, policy });
}

/** Any shot that leaves a cent a contract, of so many contracts at most. */
const anyShot = (most: number) =>
  fc
    .record({
      contracts: fc.integer({ min: 100, max: most * 100 }),
      yes: fc.integer({ min: 1, max: 98 }),
      no: fc.integer({ min: 1, max: 98 }),
    })
    .filter(({ yes, no }) => yes + no <= 99)
    .map(({ contracts, yes, no }) => ({
      contracts: (BigInt(contracts) * 10_000_000n) as Quantity, // hundredths
      yes: (BigInt(yes) * EDGE_MIN_DEFAULT) as Price, // cents
      no: (BigInt(no) * EDGE_MIN_DEFAULT) as Price, // as above
    }));

describe('what a lease counts', () => {
  test('the budget at each venue, and what one shot by collateral may bring beyond it', () => {
    const lent = lentOf(requestOf());
    expect(lent.exposure).toBe(money('200'));
    // Ten contracts at 99 cents are 990 at the lowest price; their completion is dearest at 54.5 cents.
    expect(shownOf(lent)).toEqual([
      ['polymarket', '1180', '200', '210.02'],
      ['kalshi', '200', '200', '531.8468'],
    ]);
  });

  test('two directions have four legs, each once', () => {
    const both = lentOf(requestOf({ types: [TYPE, 'kalshi_yes_poly_no'] }));
    expect(new Set(both.legs.map(({ instrument }) => instrumentKey(instrument))).size).toBe(4);
    expect(both.legs).toHaveLength(4);
  });
});

describe('whatever is fired from it', () => {
  test('was counted: every shot within its size is covered, leg by leg', () => {
    const lent = lentOf(requestOf());
    let shots = 0;
    fc.assert(
      fc.property(anyShot(10), (prices) => {
        const shot = shotOf(prices);
        if (!shot) return;
        shots += 1;
        for (const leg of shot.legs) {
          const own = lent.legs.find(
            ({ instrument }) => instrumentKey(instrument) === instrumentKey(leg.instrument),
          );
          expect(own?.contracts).toBeGreaterThanOrEqual(leg.contracts);
          expect(own?.exitCash).toBeGreaterThanOrEqual(leg.exitCash);
          if (shot.exposure <= lent.exposure) expect(own?.cash).toBeGreaterThanOrEqual(leg.cash);
        }
      }),
      { numRuns: 500 },
    );
    expect(shots).toBeGreaterThan(100);
  });

  test('the rest still covers every next shot, down to the last one that is lent', () => {
    fc.assert(
      fc.property(fc.array(anyShot(10), { minLength: 1, maxLength: 40 }), (wishes) => {
        let lent: Pick<Reservation, 'exposure' | 'legs'> = lentOf(requestOf());
        let spent = ZERO_MONEY;
        for (const prices of wishes) {
          const shot = shotOf(prices);
          const isLent = lent.legs.every(({ contracts }) => contracts >= quantity('10'));
          if (!shot || !isLent || shot.exposure > lent.exposure) continue;
          for (const [index, leg] of shot.legs.entries()) {
            expect(lent.legs[index]?.contracts).toBeGreaterThanOrEqual(leg.contracts);
            expect(lent.legs[index]?.cash).toBeGreaterThanOrEqual(leg.cash);
            expect(lent.legs[index]?.exitCash).toBeGreaterThanOrEqual(leg.exitCash);
          }
          lent = leaseLeft(lent, shot, shot.exposure);
          spent = add(spent, shot.exposure);
          expect(add(lent.exposure, spent)).toBe(money('200'));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('a shot that cost more than is left leaves nothing, and no leg owes', () => {
    const shot = shotOf({ contracts: quantity('10'), yes: price('0.4'), no: price('0.5') });
    if (!shot) throw new Error('such a shot is sized');
    const lent = { exposure: money('1'), legs: lentOf(requestOf()).legs };
    const left = leaseLeft({ ...lent, legs: lent.legs.map(nothingOf) }, shot, money('1'));
    expect(left.exposure).toBe(ZERO_MONEY);
    expect(shownOf(left)).toEqual([
      ['polymarket', '0', '0', '0'],
      ['kalshi', '0', '0', '0'],
    ]);
  });
});

const nothingOf = (leg: Reservation['legs'][number]) => ({
  ...leg,
  ...{ contracts: quantity('1'), cash: money('1'), exitCash: money('1') },
});
