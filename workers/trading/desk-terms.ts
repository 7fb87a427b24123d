import { price, type RiskPolicy, type TradeTerms } from '../../domain/index.js';
import type { ProcessConfig } from '../config.js';

/** The terms of DESIGN §6 and §9, as every trade of this desk gets them at its admission. */
export function deskTerms(): TradeTerms {
  return {
    exit: {
      policy: 'cheapest',
      lossMax: price('0.10'),
      settleDelayMs: 2_000,
      rungDelayMs: 100,
      step: price('0.01'),
      refusalWaitMsMax: 60_000,
    },
    unknownMaxMs: 5_000,
    reportWaitMs: 300,
    askEveryMs: 250,
    askEveryMsMax: 5_000,
    latenessMs: 10_000,
    answerTimeoutMs: 3_000,
    holdAfterMs: 10_000,
  };
}

const BREAKER_RESET_MS = 5 * 60_000;
/** A bounded session ends before five minutes are over; its breakers reset sooner. */
const SESSION_BREAKER_RESET_MS = 2_000;

/** What `review` judges by, beside the account's limits in Postgres. */
export function deskPolicy(config: ProcessConfig): RiskPolicy {
  return {
    bookSilenceMsMax: 2_000,
    balanceAgeMsMax: 5_000,
    breakerResetMs: config.session ? SESSION_BREAKER_RESET_MS : BREAKER_RESET_MS,
    closingMarginMs: 10_000,
    exit: deskTerms().exit,
  };
}
