import { z } from 'zod';
import type { OperatorWord, Wire } from '../domain/index.js';
import { fromWire, toWire } from '../domain/index.js';
import { contractPrice, decimal, positiveDecimal } from './decimal.js';
import type { Problem } from './problems.js';
import { problemsOf } from './problems.js';

export type ParsedOperatorWord =
  | { readonly ok: true; readonly word: OperatorWord; readonly wire: Wire<OperatorWord> }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const TRADES_MAX = 1_000;
const TEXT_LENGTH_MAX = 500;
const text = () =>
  z
    .string('is a string')
    .trim()
    .min(1, 'is not empty: the audit keeps it')
    .max(TEXT_LENGTH_MAX, `has at most ${TEXT_LENGTH_MAX} characters`);

const tradeSchema = z.strictObject({
  executionId: text(),
  quantity: positiveDecimal(),
  price: contractPrice(),
});

const evidenceSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('never_arrived') }),
  z.strictObject({
    kind: z.literal('filled'),
    trades: z.array(tradeSchema).min(1, 'names at least one trade').max(TRADES_MAX),
  }),
  z.strictObject({ kind: z.literal('canceled'), filled: decimal({ min: '0' }) }),
]);

const operatorWordSchema = z.strictObject({
  clientOrderId: text(),
  evidence: evidenceSchema,
  by: text(),
  why: text().optional(),
});

/** Reads what an operator says of an unknown order. Whether it can be true is for the trade to say. */
export function parseOperatorWord(given: unknown): ParsedOperatorWord {
  const parsed = operatorWordSchema.safeParse(given, { reportInput: true });
  if (!parsed.success) return { ok: false, problems: problemsOf(parsed.error) };
  const { why, ...said } = parsed.data;
  const word = fromWire<OperatorWord>(why === undefined ? said : { ...said, why });
  return { ok: true, word, wire: toWire(word) };
}
