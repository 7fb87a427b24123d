import { price, type RiskPolicy, type TradeTerms } from '../../domain/index.js';

/** The desk's terms with every duration a small fraction of what it is in trading. */
export const quickTerms: TradeTerms = {
  exit: {
    policy: 'cheapest',
    lossMax: price('0.10'),
    settleDelayMs: 30,
    rungDelayMs: 10,
    step: price('0.01'),
    refusalWaitMsMax: 400,
  },
  unknownMaxMs: 5_000,
  reportWaitMs: 40,
  askEveryMs: 20,
  askEveryMsMax: 100,
  latenessMs: 60,
  answerTimeoutMs: 1_000,
  holdAfterMs: 300,
};

/** What a busy machine may do to a socket is no news of a market. */
export const quickPolicy: RiskPolicy = {
  bookSilenceMsMax: 10_000,
  balanceAgeMsMax: 30_000,
  breakerResetMs: 1,
  closingMarginMs: 10_000,
  pauseMarginMs: 10_000,
  exit: quickTerms.exit,
};
