import { z } from 'zod';
import {
  type ArbitrageIntent,
  formatAmount,
  modes,
  parseAmount,
  type Quantity,
} from '../domain/index.js';
import { decimal } from './decimal.js';
import { parseIntent } from './intent.js';
import { intentIdSchema, nameSchema } from './names.js';
import type { Problem } from './problems.js';
import { problemsOf, WHOLE } from './problems.js';

/** What an engine is asked about. */
export const askedIntentIdSchema = intentIdSchema;

/** What a strategy hands to an engine's socket: an intent, and what each leg is to buy of it. */
export interface FastExecutionRequest {
  readonly intent: ArbitrageIntent;
  /** At most the intent's `contractsMax` each. */
  readonly quantity: { readonly yes: Quantity; readonly no: Quantity };
}

export type ParsedFastExecutionRequest =
  | { readonly ok: true; readonly request: FastExecutionRequest; readonly digested: IntentWire }
  | { readonly ok: false; readonly problems: readonly Problem[] };

type IntentWire = Extract<ReturnType<typeof parseIntent>, { ok: true }>['wire'];

/** Counts are 64 bits wide in a frame: 18,446,744,073.709551615 contracts. */
const COUNTS_MAX = 2n ** 64n - 1n;

/**
 * Reads what a strategy hands over, in wire form. Nothing is guessed, defaulted or rounded; every
 * problem is listed with its path.
 */
export function parseFastExecutionRequest(given: unknown): ParsedFastExecutionRequest {
  const whole = z.strictObject({ intent: z.unknown(), quantity: z.unknown() }).safeParse(given);
  if (!whole.success) return { ok: false, problems: problemsOf(whole.error) };
  const intent = parseIntent(whole.data.intent);
  if (!intent.ok) return { ok: false, problems: intent.problems.map(below('intent')) };
  const problems = doorProblems(intent.intent);
  if (problems.length > 0) return { ok: false, problems };
  const quantity = quantitySchema(intent.intent.contractsMax).safeParse(whole.data.quantity, {
    reportInput: true,
  });
  if (!quantity.success) {
    return { ok: false, problems: problemsOf(quantity.error).map(below('quantity')) };
  }
  return {
    ok: true,
    request: { intent: intent.intent, quantity: quantity.data },
    digested: intent.wire,
  };
}

const below =
  (parent: string) =>
  ({ path, message }: Problem): Problem => ({
    path: path === WHOLE ? parent : `${parent}.${path}`,
    message,
  });

function doorProblems({ door, contractsMax }: ArbitrageIntent): readonly Problem[] {
  if (door !== 'fire_first') return [{ path: 'intent.door', message: 'is fire_first' }];
  if (contractsMax <= COUNTS_MAX) return [];
  const most = formatAmount(COUNTS_MAX);
  return [{ path: 'intent.contractsMax', message: `is at most ${most}` }];
}

function quantitySchema(most: Quantity) {
  const leg = decimal({ above: '0', max: formatAmount(most) }).transform(
    (text) => (parseAmount(text) ?? 0n) as Quantity, // `decimal` has read it: it is one
  );
  return z.strictObject({ yes: leg, no: leg });
}

const count = z.bigint().nonnegative();
const perLeg = <Item extends z.ZodType>(item: Item) => z.strictObject({ yes: item, no: item });

/** Who listens at a socket; told before anybody asks. */
export const greetingSchema = z.strictObject({
  version: z.number().int(),
  mode: z.enum(modes),
  /** Of the engine's start. */
  epoch: count,
  host: nameSchema,
});
export type Greeting = z.infer<typeof greetingSchema>;

/** What whoever was refused can do; docs/fire-first.md says what each means. */
export const adviceNames = ['decide_again', 'wait', 'call_operator', 'mend', 'ask'] as const;

/** Nothing was done because of this request. */
export const fireRefusalSchema = z.strictObject({
  /** As the engine names it. An unknown one is followed by its advice. */
  code: z.string().regex(/^[A-Z_]{1,32}$/),
  /** The field that is wrong; empty where it is about none. */
  detail: z.union([z.literal(''), nameSchema]),
  advice: z.enum(adviceNames),
  /** The engine says nothing more on this connection. */
  closes: z.boolean(),
});
export type FireRefusal = z.infer<typeof fireRefusalSchema>;

/** How much of a leg the kernel took. */
export const writtenNames = ['not_tried', 'nothing', 'part', 'whole'] as const;

/** Something of a shot has left. */
export const receiptSchema = z.strictObject({
  /** Its name in the engine's journal, for ever. */
  shot: z.strictObject({ thread: z.number().int(), epoch: count, sequence: count }),
  clientOrderIds: perLeg(z.string().regex(/^[a-z2-7]{26}$/)),
  written: perLeg(z.enum(writtenNames)),
  /** The engine's monotonic clock: request read, first byte could leave, last byte had left. */
  receivedNs: count,
  fromNs: count,
  toNs: count,
  /** Since 1970, by the engine's wall clock. */
  firedUnixNs: count,
});
export type FireReceipt = z.infer<typeof receiptSchema>;

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const looked = { /** Read before looking, since 1970. */ lookedUnixNs: count };

/** What became of an intent, as far as this engine knows. */
export const standingSchema = z.discriminatedUnion('became', [
  /** Never heard of it; see `isNeverFired`. */
  z.strictObject({ became: z.literal('unheard'), ...looked }),
  z.strictObject({
    became: z.literal('refused'),
    ...looked,
    digest,
    refusal: fireRefusalSchema,
  }),
  z.strictObject({ became: z.literal('under_way'), ...looked, digest }),
  z.strictObject({ became: z.literal('fired'), ...looked, digest, receipt: receiptSchema }),
  /** What would tell is damaged or not read yet. */
  z.strictObject({ became: z.literal('unknown'), ...looked }),
]);
export type FireStanding = z.infer<typeof standingSchema>;

/** Nothing more enters on this host, and whatever had begun is over. Times since 1970. */
export const frozenHereSchema = z.strictObject({ takenUnixNs: count, overUnixNs: count });
export type FrozenHere = z.infer<typeof frozenHereSchema>;

/** How an engine is. */
export const engineStatusSchema = z.strictObject({
  epoch: count,
  unixNs: count,
  upNs: count,
  fired: count,
  refused: count,
  /** Shots that no workflow has taken over. */
  unadopted: z.number().int(),
  /** Requests that are handed over and not answered. */
  underWay: z.number().int(),
  connections: z.number().int(),
  mode: z.enum(modes),
  isFrozen: z.boolean(),
  /** It can hear whether it is frozen. */
  hearsControl: z.boolean(),
  host: nameSchema,
});
export type EngineStatus = z.infer<typeof engineStatusSchema>;

/** Who freezes a host, and why, as the audit keeps it. */
export const freezeHereSchema = z.strictObject({
  who: nameSchema,
  why: z.string('is a string').regex(/^[ -~]{1,128}$/, 'is 1 to 128 printable ASCII characters'),
});
export type FreezeHere = z.infer<typeof freezeHereSchema>;
