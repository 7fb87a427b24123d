import {
  type CustodyTerms,
  defaultCustody,
  type ExitTerms,
  kalshiRates,
  type Price,
  price,
  type RateLimits,
  type RiskPolicy,
  type TradeTerms,
} from '../../domain/index.js';
import type { StatedTerms } from '../../schemas/index.js';
import type { ProcessConfig } from '../config.js';

type Stated = Pick<ProcessConfig, 'terms'>;

/** The terms of DESIGN §6 and §9, as every trade of this desk gets them at its admission. */
const defaults = {
  unknownMaxMs: 5_000,
  reportWaitMs: 300,
  askEveryMs: 250,
  askEveryMsMax: 5_000,
  latenessMs: 10_000,
  answerTimeoutMs: 3_000,
  holdAfterMs: 10_000,
} as const;

const exitDefaults = {
  policy: 'cheapest',
  settleDelayMs: 2_000,
  rungDelayMs: 100,
  step: price('0.01'),
  refusalWaitMsMax: 60_000,
} as const;
const LOSS_MAX = price('0.10');

const BREAKER_RESET_MS = 5 * 60_000;
/** A bounded session ends before five minutes are over; its breakers reset sooner. */
const SESSION_BREAKER_RESET_MS = 2_000;
const CENTS_PER_DOLLAR = 100n;

/** The desk's own terms, and over them what its terms file states. */
export function deskTerms({ terms: stated = {} }: Stated = {}): TradeTerms {
  return {
    exit: exitTerms(stated.exit ?? {}),
    unknownMaxMs: stated.unknownMaxMs ?? defaults.unknownMaxMs,
    reportWaitMs: stated.reportWaitMs ?? defaults.reportWaitMs,
    askEveryMs: stated.askEveryMs ?? defaults.askEveryMs,
    askEveryMsMax: stated.askEveryMsMax ?? defaults.askEveryMsMax,
    latenessMs: stated.latenessMs ?? defaults.latenessMs,
    answerTimeoutMs: stated.answerTimeoutMs ?? defaults.answerTimeoutMs,
    holdAfterMs: stated.holdAfterMs ?? defaults.holdAfterMs,
  };
}

/** How this desk sweeps, and what it does with what nobody answers for. */
export function deskCustody({ terms }: Stated = {}): CustodyTerms {
  const { policy, sweepEveryMs } = terms?.custody ?? {};
  return {
    policy: policy ?? defaultCustody.policy,
    sweepEveryMs: sweepEveryMs ?? defaultCustody.sweepEveryMs,
  };
}

/** What `review` judges by, beside the account's limits in Postgres. */
export function deskPolicy({
  session,
  terms,
}: Stated & Pick<ProcessConfig, 'session'>): RiskPolicy {
  const resetMs = session ? SESSION_BREAKER_RESET_MS : BREAKER_RESET_MS;
  return {
    bookSilenceMsMax: terms?.bookSilenceMsMax ?? 2_000,
    balanceAgeMsMax: terms?.balanceAgeMsMax ?? 5_000,
    breakerResetMs: terms?.breakerResetMs ?? resetMs,
    closingMarginMs: terms?.closingMarginMs ?? 10_000,
    pauseMarginMs: terms?.pauseMarginMs ?? 60_000,
    exit: deskTerms(terms ? { terms } : {}).exit,
  };
}

/**
 * What the account may ask of Kalshi: as stated, else the least where it is real money. A simulator
 * counts as Premier.
 */
export function deskRates({ terms, mode }: Stated & Pick<ProcessConfig, 'mode'>): RateLimits {
  return kalshiRates(terms?.kalshiTier ?? (mode === 'simulated' ? 'premier' : 'basic'));
}

/** The plain ladder goes down to its lowest price unless a loss is stated: seed 001 has no bound. */
function exitTerms(stated: NonNullable<StatedTerms['exit']>): ExitTerms {
  const policy = stated.policy ?? exitDefaults.policy;
  const { lossCentsMax, priceMinCents, stepCents } = stated;
  const lossMax = lossCentsMax === undefined ? LOSS_MAX : dollarsOf(lossCentsMax);
  const isUnbounded = policy === 'step_down' && lossCentsMax === undefined;
  return {
    policy,
    ...(!isUnbounded && { lossMax }),
    ...(priceMinCents !== undefined && { priceMin: dollarsOf(priceMinCents) }),
    step: stepCents === undefined ? exitDefaults.step : dollarsOf(stepCents),
    settleDelayMs: stated.settleDelayMs ?? exitDefaults.settleDelayMs,
    rungDelayMs: stated.rungDelayMs ?? exitDefaults.rungDelayMs,
    refusalWaitMsMax: stated.refusalWaitMsMax ?? exitDefaults.refusalWaitMsMax,
  };
}

/** Exact: the schema refuses cents that are finer than our scale. */
const dollarsOf = (cents: string): Price => (price(cents) / CENTS_PER_DOLLAR) as Price; // same scale
