import type { Instrument } from '../../domain/instrument.js';
import { money, price, quantity } from '../../domain/money.js';
import { reservationFor } from '../../domain/risk/reservation.js';
import type {
  AccountState,
  BreakerState,
  Limits,
  Reservation,
  RiskInput,
  RiskPolicy,
} from '../../domain/risk/risk-input.js';
import { approvalFor, intentOf, kalshiNo, pair, polyYes, terms } from './trade-fixture.js';

export const limits: Limits = {
  version: 1,
  positionMax: quantity('10000'),
  positionsMaxCount: 50,
  exposureMax: money('50000'),
  executionsPerMinuteMax: 120,
  contractsPerPairMax: quantity('1000'),
  errorsInARowMax: 5,
  lossPerDayMax: money('500'),
};

export const policy: RiskPolicy = {
  bookSilenceMsMax: 2_000,
  balanceAgeMsMax: 5_000,
  breakerResetMs: 300_000,
  closingMarginMs: 60_000,
  pauseMarginMs: 30_000,
  exit: terms.exit,
};

/** The desk's hour: far from midnight, well before the markets close. */
export const NOW_MS = 1_000_000;

export const calm: BreakerState = {
  errors: { count: 0, lastAtMs: 0, hasOpenUnknown: false },
  realisedToday: money('0'),
};

export const account: AccountState = {
  limits,
  freezes: [],
  positions: [],
  reservations: [],
  balances: {
    kalshi: { balance: money('1000'), atMs: NOW_MS },
    polymarket: { balance: money('1000'), atMs: NOW_MS },
  },
  executionsLastMinute: 0,
  orderGroup: { groupId: 'group', isTriggered: false },
  engineHost: 'desk7',
  pauses: [],
  breakers: { pair: calm, total: calm },
};

/** A trade of 100 contracts at 0.52 and 0.45 that nothing speaks against. */
export function inputOf(changes: Partial<RiskInput> = {}): RiskInput {
  const { yesOrder, noOrder } = approvalFor().entries;
  const notAfterMs = NOW_MS + 1_000;
  return {
    nowMs: NOW_MS,
    intent: intentOf({ notAfterMs }),
    pair,
    entries: { yesOrder: { ...yesOrder, notAfterMs }, noOrder: { ...noOrder, notAfterMs } },
    edge: price('0.02'),
    books: [polyYes, kalshiNo].map((instrument) => bookAge(instrument)),
    account,
    policy,
    ...changes,
  };
}

export const withAccount = (changes: Partial<AccountState>): RiskInput =>
  inputOf({ account: { ...account, ...changes } });

export const bookAge = (instrument: Instrument, heardAtMs = NOW_MS) => ({
  instrument,
  isThere: true,
  hasGap: false,
  heardAtMs,
});

/** Another trade's reservation on the same instruments. */
export function otherReservation(changes: Partial<Reservation> = {}): Reservation {
  return { ...reservationFor(inputOf()), workflowId: 'arbitrage/desk.1.0', ...changes };
}
