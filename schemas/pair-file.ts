import { z } from 'zod';
import type { Pair, Wire } from '../domain/index.js';
import { fromWire, parseAmount, polymarketDecimals, price } from '../domain/index.js';
import { decimal, positiveDecimal } from './decimal.js';
import { epochMsSchema, pairIdSchema } from './names.js';
import type { Problem } from './problems.js';
import { problemsOf } from './problems.js';

export type ParsedPairFile =
  | { readonly ok: true; readonly pairs: readonly Pair[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** A market has a handful of bands; more than this is not a market but a mistake. */
const BANDS_MAX = 16;
const POWER_MAX = 8;

const bandSchema = z
  .strictObject({
    start: decimal({ min: '0', below: '1' }),
    end: decimal({ above: '0', max: '1' }),
    step: positiveDecimal(),
  })
  .refine(({ start, end, step }) => isGrid(amountOf(start), amountOf(end), amountOf(step)), {
    message: 'start is below end, and both are multiples of step',
  });

const bandsSchema = z
  .array(bandSchema)
  .min(1, 'has at least one band')
  .max(BANDS_MAX, `has at most ${BANDS_MAX} bands`)
  .refine(
    (bands) =>
      bands.every((band, index) => {
        const before = bands[index - 1];
        return before === undefined || amountOf(before.end) <= amountOf(band.start);
      }),
    'rise without overlapping',
  );

const marketTerms = {
  title: z.string('is a string'),
  priceBands: bandsSchema,
  lot: positiveDecimal(),
  minimumQuantity: positiveDecimal(),
  closesAtMs: epochMsSchema,
  isTakerDelayed: z.boolean('is true or false'),
  netsOutcomes: z.boolean('is true or false'),
};
const rateSchema = decimal({ min: '0', below: '1' });
const tokenSchema = z.string('is a string').regex(/^\d{1,78}$/, 'is a decimal uint256');

const kalshiSchema = z.strictObject({
  ...marketTerms,
  venue: z.literal('kalshi', 'is kalshi'),
  market: z.string('is a string').regex(/^[A-Z0-9][A-Z0-9._-]{0,99}$/, 'is a ticker'),
  fees: z.strictObject({
    kind: z.literal('kalshi_quadratic', 'is kalshi_quadratic'),
    rate: rateSchema,
    multiplier: decimal({ min: '0' }),
  }),
});

const polymarketSchema = z.strictObject({
  ...marketTerms,
  venue: z.literal('polymarket', 'is polymarket'),
  market: z
    .string('is a string')
    .regex(/^0x[0-9a-f]{64}$/, 'is a condition id (0x, 64 hex digits)'),
  priceBands: bandsSchema.refine(
    (bands) => bands.every((band) => polymarketDecimals(price(band.step)) !== undefined),
    'have a tick that Polymarket has',
  ),
  fees: z.strictObject({
    kind: z.literal('polymarket_taker', 'is polymarket_taker'),
    rate: rateSchema,
    powerOfVariance: z.number('is a number').int('is a whole number').min(1).max(POWER_MAX),
  }),
  tokens: z.strictObject({
    yesToken: tokenSchema,
    noToken: tokenSchema,
    isNegRisk: z.boolean('is true or false'),
    // Whatever comes after these two signs differently: fail closed.
    domainVersion: z.enum(['2', '3'], 'is "2" or "3"'),
  }),
});

const sha256Schema = z.string('is a string').regex(/^[0-9a-f]{64}$/, 'is SHA-256 in hex');

const pairSchema = z.strictObject({
  pairId: pairIdSchema,
  description: z.string('is a string'),
  kalshi: kalshiSchema,
  polymarket: polymarketSchema,
  ruleTextSha256: z.strictObject({ kalshi: sha256Schema, polymarket: sha256Schema }),
  // Nobody has approved it yet where `by` is empty: such a pair is shown and never traded.
  approval: z.strictObject({ by: z.string('is a string'), atMs: epochMsSchema }),
});

const pairFileSchema = z
  .strictObject({ pairs: z.array(pairSchema) })
  .superRefine(({ pairs }, context) => {
    for (const [index, { pairId }] of pairs.entries()) {
      if (pairs.findIndex((other) => other.pairId === pairId) === index) continue;
      const path = ['pairs', index, 'pairId'];
      context.addIssue({ code: 'custom', path, message: `"${pairId}" is there already` });
    }
  });

/** Reads `{ "pairs": […] }` in wire form: every pair is complete, or every problem is listed. */
export function parsePairFile(given: unknown): ParsedPairFile {
  const parsed = pairFileSchema.safeParse(given, { reportInput: true });
  if (!parsed.success) return { ok: false, problems: problemsOf(parsed.error) };
  const pairs: readonly Wire<Pair>[] = parsed.data.pairs;
  return { ok: true, pairs: fromWire<readonly Pair[]>(pairs) };
}

const amountOf = (text: string): bigint => parseAmount(text) ?? 0n;

function isGrid(start: bigint, end: bigint, step: bigint): boolean {
  // Texts that are not amounts have been listed already; this is about those that are.
  if (step <= 0n) return true;
  return start < end && start % step === 0n && end % step === 0n;
}
