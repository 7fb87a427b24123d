import fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import type { LendActivities } from '../../activities/lend-activities.js';
import type { TradeActivities } from '../../activities/trade-activities.js';
import type {
  Admission,
  AmountField,
  ArbitrageIntent,
  ArmingEnd,
  ArmingState,
  Book,
  ChildOrder,
  Denial,
  EngineActivities,
  Evidence,
  ExitOutcome,
  Freeze,
  NoArbitrage,
  Pair,
  PricedArbitrage,
  Reservation,
  RiskInput,
  SendOutcome,
  SizedOrder,
  Step,
  TradeResult,
  TradeRow,
  TradeState,
  TradeTerms,
  VenueEntry,
  VenueOrder,
} from '../../domain/index.js';
import { fromWire, toWire } from '../../domain/index.js';
import type { FreezeNotice, TimelineEvent, UnfreezeNotice } from '../../workflows/messages.js';
import { pairOf } from '../support/markets.js';

type Activity =
  | TradeActivities[keyof TradeActivities]
  | LendActivities[keyof LendActivities]
  | EngineActivities[keyof EngineActivities];

/** Everything that is ever a payload: in a history, in Postgres or in a file. */
type Payload =
  | Parameters<Activity>[number]
  | Awaited<ReturnType<Activity>>
  | FreezeNotice
  | TimelineEvent
  | UnfreezeNotice
  | Admission
  | ArmingEnd
  | ArmingState
  | ArbitrageIntent
  | Book
  | ChildOrder
  | Denial
  | Evidence
  | ExitOutcome
  | Freeze
  | NoArbitrage
  | Pair
  | PricedArbitrage
  | Reservation
  | RiskInput
  | SendOutcome
  | SizedOrder
  | Step
  | TradeResult
  | TradeRow
  | TradeState
  | TradeTerms
  | VenueEntry
  | VenueOrder;

/** The names under which a type holds something of kind `Of`, at any depth. */
type NamesOf<T, Of, Name = never> = T extends Of
  ? Name
  : T extends readonly (infer Item)[]
    ? NamesOf<Item, Of, Name>
    : T extends object
      ? { [Key in keyof T]-?: NamesOf<Exclude<T[Key], undefined>, Of, Key> }[keyof T]
      : never;

type Amounts = NamesOf<Payload, bigint>;
type Texts = NamesOf<Payload, string>;

// What a type test says is checked by `npm run check:types`, which names the field that is wrong.
describe('the names alone say how to read a payload back', () => {
  test('every amount has the name of one', () => {
    expectTypeOf<Exclude<Amounts, AmountField>>().toBeNever();
  });

  test('no text has the name of an amount', () => {
    expectTypeOf<Extract<Texts, AmountField>>().toBeNever();
  });

  test('every name is in use', () => {
    expectTypeOf<Exclude<AmountField, Amounts>>().toBeNever();
  });
});

describe('a value and its wire form', () => {
  test('an amount is a decimal string, everything else stays as it is', () => {
    const pair = pairOf();
    const wire = toWire(pair);
    expect(wire.kalshi).toMatchObject({
      lot: '0.01',
      minimumQuantity: '0.01',
      priceBands: [{ start: '0.01', end: '0.99', step: '0.01' }],
      fees: { kind: 'kalshi_quadratic', rate: '0.07', multiplier: '1' },
      closesAtMs: pair.kalshi.closesAtMs,
      netsOutcomes: true,
    });
    const carried: unknown = JSON.parse(JSON.stringify(wire));
    expect(fromWire(carried)).toEqual(pair);
  });

  test('a text that looks like an amount stays a text unless its name is that of an amount', () => {
    const wire = { clientOrderId: '12', why: '0.5', price: '0.5' };
    expect(fromWire(wire)).toEqual({ clientOrderId: '12', why: '0.5', price: 500_000_000n });
  });

  test('an amount that is none stops at the door', () => {
    expect(() => fromWire({ price: 'cheap' })).toThrow('price "cheap" is a decimal amount');
    expect(() => fromWire({ rows: [{ price: '0.0000000001' }] })).toThrow('is a decimal amount');
  });

  test('whatever it holds it comes back the same, through JSON', () => {
    fc.assert(
      fc.property(anyPayload, (value) => {
        const carried: unknown = JSON.parse(JSON.stringify(toWire(value)));
        expect(fromWire(carried)).toEqual(value);
      }),
    );
  });
});

const anyAmount = fc.bigInt(-(10n ** 27n) + 1n, 10n ** 27n - 1n);
const few = { maxKeys: 3 };
const names = fc.constantFrom('price', 'quantity', 'yes', 'no', 'fee');
const amounts = fc.dictionary(names, anyAmount, few);
const texts = fc.dictionary(
  fc.constantFrom('why', 'clientOrderId', 'kind', 'market'),
  fc.oneof(fc.string(), fc.integer().map(String), fc.boolean(), fc.constant(null), fc.integer()),
  few,
);
const leaf = fc.oneof(amounts, texts);
const rows = fc.array(leaf, { maxLength: 3 });
const branch = fc.dictionary(fc.constantFrom('order', 'rows', 'fixed'), fc.oneof(leaf, rows), few);
const anyPayload = fc.dictionary(fc.constantFrom('trade', 'fees'), fc.oneof(branch, leaf), few);
