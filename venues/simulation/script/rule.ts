import { z } from 'zod';
import { faultShape } from './fault.js';

/** What a simulated venue is doing when a fault may happen. */
export const operations = [
  'place',
  'cancel',
  'read_orders',
  'read_fills',
  'read_balance',
  'report_order',
  'report_trade',
] as const;
export type Operation = (typeof operations)[number];

/** What a fault may befall: an order on its way in, a request, a report. */
export interface Subject {
  readonly operation: Operation;
  /** Epoch milliseconds, the venue's clock. */
  readonly atMs: number;
  readonly account?: string | undefined;
  readonly market?: string | undefined;
  readonly side?: 'buy' | 'sell' | undefined;
  /** Kalshi: the clientOrderId; Polymarket: the salt. */
  readonly clientKey?: string | undefined;
  /** Whether the venue has done by now what was asked of it: faults that come at one of the two. */
  readonly at?: 'before' | 'after';
}

const wholeNumber = z.int().positive().max(1_000_000);

/** Everything that is stated must fit; what is not stated fits always. */
const whenShape = z.strictObject({
  /** A clientOrderId; its Polymarket order is meant by it too. Or a salt. */
  order: z.string().optional(),
  /** A regular expression over the venue's key of an order. */
  orderPattern: z.string().refine(isPattern, 'is no regular expression').optional(),
  market: z.string().optional(),
  side: z.enum(['buy', 'sell']).optional(),
  /** Unless told: what the kind of fault is usually about (placing, all reads, all reports). */
  operation: z.enum(operations).optional(),
  /** Epoch milliseconds by the venue's clock: from the first on, and before the second. */
  fromMs: z.int().optional(),
  untilMs: z.int().optional(),
  /** Of the times that the rest fits: from the first (1) to the last of these, both included. */
  times: z.strictObject({ first: wholeNumber, last: wholeNumber }).optional(),
  /** Drawn for each order from the exchange's seed. */
  probability: z.number().min(0).max(1).optional(),
});

/** One rule of a script: what it is about, and what happens then. */
export const ruleShape = z.strictObject({
  /** Unique in its script: what its injections are counted by. */
  name: z.string().min(1).max(200),
  when: whenShape,
  fault: faultShape,
});
export type Rule = z.infer<typeof ruleShape>;

export const scriptShape = z.strictObject({
  rules: z
    .array(ruleShape)
    .max(1_000)
    .refine((rules) => new Set(rules.map(({ name }) => name)).size === rules.length, {
      error: 'two rules have one name',
    }),
});

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false; // what the parser does not like is no pattern
  }
}
