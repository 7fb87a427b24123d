import type { Instrument, Market } from '../instrument.js';
import { instrumentKey, opposite } from '../instrument.js';
import type { Money, Quantity } from '../money.js';
import { add, notional, ONE_DOLLAR, subtract, ZERO_MONEY, ZERO_QUANTITY } from '../money.js';
import { openBreaker } from './breaker.js';
import type { Denial } from './denial.js';
import { cashNeeded, cashReserved, contractsReserved } from './reservation.js';
import type { AccountState, Limits, Reservation, ReservedLeg, RiskInput } from './risk-input.js';

/** What the rules on an account look at: the trade's own worst case beside everybody else's. */
export interface AccountInput {
  readonly input: Pick<RiskInput, 'nowMs' | 'pair' | 'account' | 'policy'>;
  readonly limits: Limits;
  readonly reservation: Reservation;
}
export type AccountRule = (subject: AccountInput) => Denial | undefined;

export const breakersClosed: AccountRule = ({ input, limits }) => {
  const { nowMs, pair, account, policy } = input;
  const terms = { limits, breakerResetMs: policy.breakerResetMs, nowMs };
  const ofPair = openBreaker(account.breakers.pair, { ...terms, scope: `pair ${pair.pairId}` });
  return ofPair ?? openBreaker(account.breakers.total, { ...terms, scope: 'all pairs' });
};

/** An execution is one trade with both of its legs. */
export const rateLow: AccountRule = ({ input, limits }) => {
  const executions = input.account.executionsLastMinute;
  const limitCount = limits.executionsPerMinuteMax;
  return executions >= limitCount ? { code: 'RATE_TOO_HIGH', executions, limitCount } : undefined;
};

/** Booked, reserved by others, and the legal maximum of this leg. */
export const positionSmall: AccountRule = ({ input, limits, reservation }) => {
  const limit = limits.positionMax;
  for (const { instrument, contracts } of reservation.legs) {
    const most = add(heldOrComing(input.account, instrument), contracts);
    if (most <= limit) continue;
    return {
      code: 'POSITION_TOO_LARGE',
      instrument: instrumentKey(instrument),
      contracts: most,
      limit,
    };
  }
  return undefined;
};

export const positionsFew: AccountRule = ({ input, limits, reservation }) => {
  const { account } = input;
  const legs = [...account.reservations, reservation].flatMap((one) => one.legs);
  const instruments = [...account.positions, ...legs].map(({ instrument }) => instrument);
  const positions = new Set(instruments.map(instrumentKey)).size;
  const limitCount = limits.positionsMaxCount;
  return positions > limitCount ? { code: 'TOO_MANY_POSITIONS', positions, limitCount } : undefined;
};

/** What could be lost: what is held and whatever is reserved, this trade with it. */
export const exposureSmall: AccountRule = ({ input, limits, reservation }) => {
  const { account } = input;
  const held = account.positions.map(costOf).reduce(add, ZERO_MONEY);
  const reserved = [...account.reservations, reservation].map((one) => one.exposure);
  const exposure = reserved.reduce(add, held);
  const limit = limits.exposureMax;
  return exposure > limit ? { code: 'EXPOSURE_TOO_LARGE', exposure, limit } : undefined;
};

/** Where the venue nets, buying against a position sells it, and an earlier match loses its hedge. */
export const notNetting: AccountRule = ({ input: { pair, account }, reservation }) => {
  for (const { instrument } of reservation.legs) {
    const denial = netted(instrument, pair[instrument.venue], account);
    if (denial) return denial;
  }
  return undefined;
};

export const balancesFresh: AccountRule = ({ input, reservation }) => {
  const { nowMs, account, policy } = input;
  const limitMs = policy.balanceAgeMsMax;
  for (const { instrument } of reservation.legs) {
    const { venue } = instrument;
    const known = account.balances[venue];
    if (!known) return { code: 'BALANCE_MISSING', venue };
    const ageMs = nowMs - known.atMs;
    if (ageMs > limitMs) return { code: 'BALANCE_STALE', venue, ageMs, limitMs };
  }
  return undefined;
};

export const cashEnough: AccountRule = ({ input, reservation }) => {
  const short = shortOf(reservation, input.account, ({ cash }) => cash);
  return short && { code: 'CASH_TOO_SMALL', ...short };
};

/** Who cannot pay for getting out does not go in. */
export const exitCapacity: AccountRule = ({ input, reservation }) => {
  const short = shortOf(reservation, input.account, cashNeeded);
  return short && { code: 'EXIT_CAPACITY_TOO_SMALL', ...short };
};

function heldOrComing(account: AccountState, instrument: Instrument): Quantity {
  const key = instrumentKey(instrument);
  const booked = account.positions
    .filter((position) => instrumentKey(position.instrument) === key)
    .map((position) => position.quantity)
    .reduce(add, ZERO_QUANTITY);
  return add(booked, contractsReserved(account.reservations, instrument));
}

/** A contract costs less than the dollar that it may pay; where the cost is unknown, that. */
function costOf({ quantity, cost }: AccountState['positions'][number]): Money {
  return cost ?? notional(ONE_DOLLAR, quantity, 'ceil');
}

function netted(instrument: Instrument, market: Market, account: AccountState): Denial | undefined {
  if (!market.netsOutcomes) return undefined;
  const against = { ...instrument, outcome: opposite(instrument.outcome) };
  const held = heldOrComing(account, against);
  if (held === 0n) return undefined;
  return { code: 'OPPOSITE_POSITION', instrument: instrumentKey(against), held };
}

function shortOf(
  { legs }: Reservation,
  { balances, reservations }: AccountState,
  need: (leg: ReservedLeg) => Money,
) {
  for (const leg of legs) {
    const { venue } = leg.instrument;
    const reserved = reservations.map((one) => cashReserved(one, venue)).reduce(add, ZERO_MONEY);
    const balance = subtract(balances[venue]?.balance ?? ZERO_MONEY, reserved);
    const cost = need(leg);
    if (cost > balance) return { venue, cost, balance };
  }
  return undefined;
}
