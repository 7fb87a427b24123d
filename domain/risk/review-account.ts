import * as account from './account-rules.js';
import type { Denial } from './denial.js';
import { exitTokens } from './rate-rule.js';

/** In this order, cheap and certain ones first. */
const accountRules: readonly account.AccountRule[] = [
  account.breakersClosed,
  account.rateLow,
  account.positionSmall,
  account.positionsFew,
  account.exposureSmall,
  account.notNetting,
  account.balancesFresh,
  account.cashEnough,
  account.exitCapacity,
  exitTokens,
];

/** What an account may still take beside everything else: a trade's own worst case, or a lease's. */
export function reviewAccount(subject: account.AccountInput): Denial | undefined {
  return firstDenial(accountRules.map((rule) => rule(subject)));
}

export const firstDenial = (denials: readonly (Denial | undefined)[]): Denial | undefined =>
  denials.find((denial) => denial !== undefined);
