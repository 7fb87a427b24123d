import { z } from 'zod';
import type { ArbitrageIntent, Wire } from '../domain/index.js';
import { arbitrageTypes, fromWire, toWire } from '../domain/index.js';
import { contractPrice, decimal, positiveDecimal } from './decimal.js';
import { epochMsSchema, intentIdSchema, nameSchema, pairIdSchema } from './names.js';
import type { Problem } from './problems.js';
import { problemsOf } from './problems.js';

/** What is wrong with an intent, and where. */
export type IntentProblem = Problem;

export type ParsedIntent =
  | {
      readonly ok: true;
      readonly intent: ArbitrageIntent;
      /** The intent written by us: equal intents are equal here, whoever wrote "0.50". */
      readonly wire: Wire<ArbitrageIntent>;
    }
  | { readonly ok: false; readonly problems: readonly IntentProblem[] };

const perLeg = <Item extends z.ZodType>(item: Item) => z.strictObject({ yes: item, no: item });
const doors = ['workflow', 'fire_first', 'armed'] as const;

const intentSchema = z
  .strictObject({
    intentId: intentIdSchema,
    door: z.enum(doors, `is one of ${doors.join(', ')}`),
    host: nameSchema.optional(),
    pairId: pairIdSchema,
    type: z.enum(arbitrageTypes, `is one of ${arbitrageTypes.join(', ')}`),
    contractsMax: positiveDecimal(),
    limitPrice: perLeg(contractPrice()),
    observedAtMs: z.strictObject({ yesMs: epochMsSchema, noMs: epochMsSchema }),
    // The threshold of seed 001: less than a cent a contract is not worth the risk of a mismatch.
    edgeMin: decimal({ min: '0.01', below: '1' }),
    account: nameSchema,
    strategy: nameSchema,
    notAfterMs: epochMsSchema,
    dryRun: z.boolean('is true or false'),
  })
  .superRefine(hostFitsDoor, { when: ({ value }) => isRecord(value) });

/**
 * Reads what a strategy hands over, in wire form. Nothing is guessed, defaulted or rounded: every
 * problem is listed with its path, or the intent is complete.
 */
export function parseIntent(given: unknown): ParsedIntent {
  const parsed = intentSchema.safeParse(given, { reportInput: true });
  if (!parsed.success) return { ok: false, problems: problemsOf(parsed.error) };
  const intent = fromWire<ArbitrageIntent>(withoutAbsent(parsed.data));
  return { ok: true, intent, wire: toWire(intent) };
}

/**
 * Only a host's own adopter starts what that host has fired; through the workflow there is none.
 */
function hostFitsDoor(
  { door, host }: { readonly door?: unknown; readonly host?: unknown },
  context: z.RefinementCtx,
): void {
  const hasHost = host !== undefined;
  if (door === 'workflow' && hasHost) {
    context.addIssue({ code: 'custom', path: ['host'], message: 'has no place at door workflow' });
  }
  if ((door === 'fire_first' || door === 'armed') && !hasHost) {
    context.addIssue({
      code: 'custom',
      path: ['host'],
      message: `is missing: door ${door} has one`,
    });
  }
}

/** A member that is `undefined` is absent, as it would be in JSON. */
function withoutAbsent(data: z.infer<typeof intentSchema>): Wire<ArbitrageIntent> {
  const { host, ...rest } = data;
  return host === undefined ? rest : { ...rest, host };
}

const isRecord = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
