import { z } from 'zod';
import { custodyPolicies, kalshiTiers, parseAmount } from '../domain/index.js';
import { type DecimalBounds, decimal } from './decimal.js';
import { type Problem, problemsOf } from './problems.js';

const DAY_MS = 86_400_000;
const CENTS_PER_DOLLAR = 100n;

/** Longer than a shot may take, a drain would have to cut it. */
const ANSWER_TIMEOUT_MS_MAX = 5_000;
/** What a venue shows this late is still ours: an order is called absent only after it. */
const LATENESS_MS_MIN = 1_000;

/** A sweep reads whole pages of both venues. */
const SWEEP_EVERY_MS_MIN = 1_000;

/** Decimal cents as a string, e.g. "2.5": nine decimals of a dollar leave seven of a cent. */
const cents = (bounds: DecimalBounds) =>
  decimal(bounds).refine(
    (text) => (parseAmount(text) ?? 0n) % CENTS_PER_DOLLAR === 0n,
    'has at most seven decimals of a cent',
  );

const ms = (min = 0, max = DAY_MS) =>
  z
    .number('is a number of milliseconds')
    .int('is a whole number of milliseconds')
    .min(min, `is at least ${min} ms`)
    .max(max, `is at most ${max} ms`);

const count = (max: number) =>
  z
    .number('is a number')
    .int('is a whole number')
    .min(1, 'is at least 1')
    .max(max, `is at most ${String(max)}`);

/** A bit, a lease and a hold are kept ready for each: 64 bytes or so. */
const MARKETS_MAX = 1_000_000;
/** Each is an RSA signature: more take a processor for themselves. */
const HEADERS_PER_SECOND_MAX = 2_000;
/** What was fired within it is lost by a power cut. */
const JOURNAL_COPY_MS_MAX = 1_000;

/** Everything may be left out: what is not stated is as the desk has it (`docs/operations.md`). */
export const termsSchema = z.strictObject({
  exit: z
    .strictObject({
      policy: z.enum(['cheapest', 'step_down'], 'is "cheapest" or "step_down"').optional(),
      /** What getting out may lose per contract. Left out under `step_down`: any loss. */
      lossCentsMax: cents({ min: '0', max: '100' }).optional(),
      /** Nothing is sold below this. */
      priceMinCents: cents({ above: '0', below: '100' }).optional(),
      stepCents: cents({ above: '0', below: '100' }).optional(),
      settleDelayMs: ms().optional(),
      rungDelayMs: ms().optional(),
      refusalWaitMsMax: ms().optional(),
    })
    .optional(),
  custody: z
    .strictObject({
      policy: z.enum(custodyPolicies, `is one of ${custodyPolicies.join(', ')}`).optional(),
      sweepEveryMs: ms(SWEEP_EVERY_MS_MIN).optional(),
    })
    .optional(),
  /** How the engine uses its machine. */
  engine: z
    .strictObject({
      isBusy: z.boolean('is true or false').optional(),
      marketsMax: count(MARKETS_MAX).optional(),
      headersPerSecond: count(HEADERS_PER_SECOND_MAX).optional(),
      journalCopyMs: ms(0, JOURNAL_COPY_MS_MAX).optional(),
    })
    .optional(),
  unknownMaxMs: ms().optional(),
  reportWaitMs: ms().optional(),
  askEveryMs: ms(1).optional(),
  askEveryMsMax: ms(1).optional(),
  latenessMs: ms(LATENESS_MS_MIN).optional(),
  answerTimeoutMs: ms(1, ANSWER_TIMEOUT_MS_MAX).optional(),
  holdAfterMs: ms().optional(),
  breakerResetMs: ms().optional(),
  bookSilenceMsMax: ms(1).optional(),
  balanceAgeMsMax: ms(1).optional(),
  closingMarginMs: ms().optional(),
  pauseMarginMs: ms().optional(),
  /** The account's tier at Kalshi: how many tokens a second it has. */
  kalshiTier: z.enum(kalshiTiers, `is one of ${kalshiTiers.join(', ')}`).optional(),
});

/** What a terms file states, in wire form: cents as decimal strings, durations in milliseconds. */
export type StatedTerms = z.infer<typeof termsSchema>;

export type ParsedTermsFile =
  | { readonly ok: true; readonly terms: StatedTerms }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Reads a terms file: every problem is listed with its path, and a word that nobody knows is one. */
export function parseTermsFile(given: unknown): ParsedTermsFile {
  const parsed = termsSchema.safeParse(given, { reportInput: true });
  if (!parsed.success) return { ok: false, problems: problemsOf(parsed.error) };
  return { ok: true, terms: parsed.data };
}
