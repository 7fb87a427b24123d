import { z } from 'zod';
import type { Freeze } from '../domain/index.js';
import { freezeCauses, venueNames } from '../domain/index.js';
import { nameSchema, pairIdSchema } from './names.js';
import type { Problem } from './problems.js';
import { problemsOf } from './problems.js';

/** What an operator or a program asks for; the id and the time are given where it is written. */
export type FreezeRequest = Pick<Freeze, 'scope' | 'cause' | 'why' | 'by' | 'action'>;

export type ParsedFreezeRequest =
  | { readonly ok: true; readonly request: FreezeRequest }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const actions = ['leave', 'cancel', 'flatten'] as const satisfies readonly Freeze['action'][];
const REASON_LENGTH_MAX = 500;
const keyed = <Kind extends string>(kind: Kind, key: z.ZodType<string>) =>
  z.strictObject({ kind: z.literal(kind), key });
const keySchema = z.string('is a string').min(1, 'is not empty').max(REASON_LENGTH_MAX);
const reasonSchema = z
  .string('is a string')
  .trim()
  .min(1, 'is not empty: whoever finds the freeze wants to know')
  .max(REASON_LENGTH_MAX, `has at most ${REASON_LENGTH_MAX} characters`);

const scopeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('global') }),
  keyed('venue', z.enum(venueNames, `is one of ${venueNames.join(', ')}`)),
  keyed('account', nameSchema),
  keyed('strategy', nameSchema),
  keyed('instrument', keySchema),
  keyed('pair', pairIdSchema),
  keyed('workflow', keySchema),
]);

const freezeRequestSchema = z.strictObject({
  scope: scopeSchema,
  cause: z.enum(freezeCauses, `is one of ${freezeCauses.join(', ')}`),
  why: reasonSchema,
  by: reasonSchema,
  action: z.enum(actions, `is one of ${actions.join(', ')}`),
});

/** Reads a freeze: a scope that names nothing would stop nothing, so it is refused here. */
export function parseFreezeRequest(given: unknown): ParsedFreezeRequest {
  const parsed = freezeRequestSchema.safeParse(given, { reportInput: true });
  if (!parsed.success) return { ok: false, problems: problemsOf(parsed.error) };
  return { ok: true, request: parsed.data };
}
