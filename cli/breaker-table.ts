import type { Kysely } from 'kysely';
import { formatAmount, type Limits, negate } from '../domain/index.js';
import {
  accountBreakers,
  accountNames,
  type Database,
  limitsOf,
  type ScopedBreaker,
} from '../store/index.js';
import { table } from './output.js';
import { duration, signedMoney } from './text.js';

/** A breaker that counts something, beside the limit that opens it. */
export interface CountingBreaker extends ScopedBreaker {
  readonly limits?: Limits;
}

/** Of every account: those that count an error or a loss. The rest are as good as new. */
export async function countingBreakers(
  db: Kysely<Database>,
  nowMs: number,
): Promise<readonly CountingBreaker[]> {
  const accounts = await accountNames(db);
  const found = await Promise.all(
    accounts.map(async (account) => {
      const limits = await limitsOf(db, account);
      const all = await accountBreakers(db, { account, nowMs });
      return all.map((breaker) => ({ ...breaker, ...(limits && { limits }) }));
    }),
  );
  return found.flat().filter(({ state }) => state.errors.count > 0 || state.realisedToday < 0n);
}

/** Whether `errors` has reset by itself meanwhile is told by the next admission, which has the terms. */
export function breakerTable(breakers: readonly CountingBreaker[], nowMs: number): string {
  return table(
    ['account', 'pair', 'errors in a row#', 'last#', 'today#', 'state'],
    breakers.map((breaker) => [
      breaker.account,
      breaker.pairId ?? 'all',
      `${breaker.state.errors.count} of ${breaker.limits?.errorsInARowMax ?? '?'}`,
      lastError(breaker, nowMs),
      `${signedMoney(formatAmount(breaker.state.realisedToday))} of ${lossLimit(breaker)}`,
      stateOf(breaker),
    ]),
  );
}

function stateOf({ state, limits }: CountingBreaker): string {
  const { errors, realisedToday } = state;
  if (limits && negate(realisedToday) >= limits.lossPerDayMax) return 'open: loss';
  if (!limits || errors.count < limits.errorsInARowMax) return 'counting';
  return errors.hasOpenUnknown ? 'open: errors, an order is in doubt' : 'errors at its limit';
}

const lastError = ({ state: { errors } }: CountingBreaker, nowMs: number): string =>
  errors.count === 0 ? '' : `${duration(nowMs - errors.lastAtMs)} ago`;

const lossLimit = ({ limits }: CountingBreaker): string =>
  limits ? `-${formatAmount(limits.lossPerDayMax)}` : '?';
