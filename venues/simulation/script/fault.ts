import { z } from 'zod';

const durationMs = z.int().nonnegative().max(86_400_000);
const part = z.number().min(0).max(1);
const decimal = z.string().regex(/^\d{1,9}(\.\d{1,9})?$/, 'a decimal, e.g. "0.05"');
/** Whether the venue has done what was asked of it by then. */
const when = z.enum(['before', 'after']);

/** What the exchange does to an order that it takes in, to its trades and to its account. */
const exchangeFaults = [
  /** Refused for now, in the venue's words for that. */
  z.strictObject({ kind: z.literal('reject') }),
  /** Taken in; the answer comes late or, without `afterMs`, never. */
  z.strictObject({
    kind: z.literal('timeout_after_acceptance'),
    afterMs: z.union([durationMs, z.literal('never')]).optional(),
  }),
  /** An immediate order gets this part of what it could have, in whole contracts. */
  z.strictObject({ kind: z.literal('partial_fill'), part: part.optional() }),
  /**
   * Taken in and matched later, or (`fills: false`) found then to have nothing to trade with. It
   * is shown as held back, or as `live`. Orders of one `jointly` are traded together, as makers of
   * one trade, once two of them are due.
   */
  z.strictObject({
    kind: z.literal('late_fill'),
    afterMs: durationMs.optional(),
    shown: z.enum(['delayed', 'live']).optional(),
    fills: z.boolean().optional(),
    jointly: z.string().optional(),
  }),
  /** A provisional trade goes RETRYING and FAILED, this long after the match. */
  z.strictObject({
    kind: z.literal('failed_settlement'),
    retryingMs: durationMs.optional(),
    failedMs: durationMs.optional(),
  }),
  /** Right in front of an order the crowd takes away this part of what it came for; 1: the side. */
  z.strictObject({ kind: z.literal('pulled_liquidity'), part: part.optional() }),
  /** Right in front of an order the crowd offers all it wants, better by so many dollars. */
  z.strictObject({ kind: z.literal('better_price'), by: decimal }),
  /** The venue trades so many contracts more than the order asks for. */
  z.strictObject({ kind: z.literal('overfill'), by: decimal }),
  /** Lives until it is canceled, and is filled so long after that all the same. */
  z.strictObject({ kind: z.literal('fill_after_cancel'), afterMs: durationMs }),
  /** The account's balances stay as they were before this order, for reads and for new orders. */
  z.strictObject({ kind: z.literal('stale_balance'), forMs: durationMs }),
] as const;

/** What happens to a request or its answer between the client and the venue's rules. */
const wireFaults = [
  /** Refused with this row of the venue's own table of answers. */
  z.strictObject({ kind: z.literal('refuse'), answer: z.string() }),
  z.strictObject({
    kind: z.literal('answer_status'),
    status: z.int().min(400).max(599),
    at: when,
  }),
  z.strictObject({ kind: z.literal('no_answer'), at: when }),
  z.strictObject({ kind: z.literal('late_answer'), afterMs: durationMs }),
  z.strictObject({ kind: z.literal('reset'), at: when }),
  z.strictObject({ kind: z.literal('unreadable_answer') }),
  z.strictObject({ kind: z.literal('answer_without_id') }),
  /**
   * Something on the way sends the request again, so long after the venue has answered the first;
   * the client hears the second answer.
   */
  z.strictObject({ kind: z.literal('sent_twice'), afterMs: durationMs.optional() }),
] as const;

/** What an account reads of itself. */
const readFaults = [
  /** The newest rows, younger than this, are on no page yet. */
  z.strictObject({ kind: z.literal('rows_hidden'), newestMs: durationMs }),
  z.strictObject({ kind: z.literal('rows_repeated') }),
  z.strictObject({ kind: z.literal('rows_reversed') }),
] as const;

/** What an account's private stream tells of an order. */
const reportFaults = [
  z.strictObject({ kind: z.literal('report_lost') }),
  z.strictObject({ kind: z.literal('report_repeated') }),
  z.strictObject({ kind: z.literal('report_delayed'), byMs: durationMs }),
  /** Told after the one that follows it. */
  z.strictObject({ kind: z.literal('report_swapped') }),
] as const;

export const faultShape = z.discriminatedUnion('kind', [
  ...exchangeFaults,
  ...wireFaults,
  ...readFaults,
  ...reportFaults,
]);

/** One thing that a simulated venue does and that a real one may do, too. */
export type Fault = z.infer<typeof faultShape>;
export type ScriptedKind = Fault['kind'];
export type FaultOf<Kind extends ScriptedKind> = Extract<Fault, { readonly kind: Kind }>;

const kindsOf = (
  shapes: readonly { readonly shape: { readonly kind: { value: ScriptedKind } } }[],
) => shapes.map(({ shape }) => shape.kind.value);

export const readKinds: readonly ScriptedKind[] = kindsOf(readFaults);
export const reportKinds: readonly ScriptedKind[] = kindsOf(reportFaults);
export const scriptedKinds: readonly ScriptedKind[] = kindsOf([
  ...exchangeFaults,
  ...wireFaults,
  ...readFaults,
  ...reportFaults,
]);
