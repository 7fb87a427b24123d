import { z } from 'zod';
import type { Limits, Wire } from '../domain/index.js';
import { fromWire } from '../domain/index.js';
import { positiveDecimal } from './decimal.js';
import { nameSchema } from './names.js';
import type { Problem } from './problems.js';
import { problemsOf } from './problems.js';

/** The limits that a file sets for an account; Postgres gives them their version. */
export interface AccountLimits {
  readonly account: string;
  readonly limits: Omit<Limits, 'version'>;
}

export type ParsedLimitsFile =
  | { readonly ok: true; readonly accounts: readonly AccountLimits[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const countSchema = z.number('is a number').int('is a whole number').min(1, 'is at least 1');

const limitsSchema = z.strictObject({
  positionMax: positiveDecimal(),
  positionsMaxCount: countSchema,
  exposureMax: positiveDecimal(),
  executionsPerMinuteMax: countSchema,
  contractsPerPairMax: positiveDecimal(),
  errorsInARowMax: countSchema,
  lossPerDayMax: positiveDecimal(),
});

const limitsFileSchema = z.strictObject({ accounts: z.record(nameSchema, limitsSchema) });

/**
 * Reads `{ "accounts": { "main": { … } } }`. A limit that is not stated is a problem, not a
 * default.
 */
export function parseLimitsFile(given: unknown): ParsedLimitsFile {
  const parsed = limitsFileSchema.safeParse(given, { reportInput: true });
  if (!parsed.success) return { ok: false, problems: problemsOf(parsed.error) };
  const accounts = Object.entries(parsed.data.accounts).map(([account, stated]) => {
    const wire: Wire<Omit<Limits, 'version'>> = stated;
    return { account, limits: fromWire<Omit<Limits, 'version'>>(wire) };
  });
  return { ok: true, accounts };
}
