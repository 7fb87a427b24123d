import { z } from 'zod';
import {
  type ArmRequest,
  type ArmTerms,
  crossVenueTypes,
  firesWhen,
  fromWire,
  toWire,
  type Wire,
} from '../domain/index.js';
import { decimal, positiveDecimal } from './decimal.js';
import { epochMsSchema, nameSchema, pairIdSchema } from './names.js';
import type { Problem } from './problems.js';
import { problemsOf } from './problems.js';

export type ParsedArmRequest =
  | { readonly ok: true; readonly request: ArmRequest; readonly wire: Wire<ArmRequest> }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export type ParsedArmTerms =
  | { readonly ok: true; readonly terms: ArmTerms; readonly wire: Wire<ArmTerms> }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** From a tick to both wires takes microseconds: a quarter of a second is for a machine that is busy. */
const VALID_MS_DEFAULT = 250;
/** What was decided longer ago than that was decided on another book. */
const VALID_MS_MAX = 5_000;

const termsShape = {
  contractsMax: decimal({ min: '1' }),
  // As for an intent: less than a cent a contract is not worth the risk of a mismatch.
  edgeMin: decimal({ min: '0.01', below: '1' }),
  validMs: z
    .number('is a number of milliseconds')
    .int('is a whole number of milliseconds')
    .min(1, 'is at least 1 ms')
    .max(VALID_MS_MAX, `is at most ${VALID_MS_MAX} ms`)
    .default(VALID_MS_DEFAULT),
};

const armTermsSchema = z.strictObject(termsShape);

const armRequestSchema = z.strictObject({
  ...{ pairId: pairIdSchema, account: nameSchema, strategy: nameSchema },
  fires: z.enum(firesWhen, `is one of ${firesWhen.join(', ')}`),
  types: z
    .array(z.enum(crossVenueTypes, `is one of ${crossVenueTypes.join(', ')}`), 'is a list of types')
    .min(1, 'names at least one type')
    .refine((types) => new Set(types).size === types.length, 'names each type once'),
  ...termsShape,
  budget: z.strictObject({ exposure: positiveDecimal(), contracts: decimal({ min: '1' }) }),
  expiresAtMs: epochMsSchema,
});

/** Reads what is to be armed, in wire form: it is complete, or every problem is listed. */
export function parseArmRequest(given: unknown): ParsedArmRequest {
  const parsed = armRequestSchema.safeParse(given, { reportInput: true });
  if (!parsed.success) return { ok: false, problems: problemsOf(parsed.error) };
  const request = fromWire<ArmRequest>(parsed.data);
  return { ok: true, request, wire: toWire(request) };
}

/** Reads new terms of a pair that is armed. Whether they stay within its grant is for it to say. */
export function parseArmTerms(given: unknown): ParsedArmTerms {
  const parsed = armTermsSchema.safeParse(given, { reportInput: true });
  if (!parsed.success) return { ok: false, problems: problemsOf(parsed.error) };
  const terms = fromWire<ArmTerms>(parsed.data);
  return { ok: true, terms, wire: toWire(terms) };
}
