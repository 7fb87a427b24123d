import { z } from 'zod';
import type { Refusal } from '../domain/venue.js';

// A venue's answer table is data, because the native engine classes answers by it as well
// (`native/engine/src/answers`). What is checked here, at the start of a process, is checked there too.

/** Every refusal that there is: one more or less does not compile. */
const refusals = {
  funds: 'funds',
  rate: 'rate',
  venue_state: 'venue_state',
  market_closed: 'market_closed',
  no_match: 'no_match',
  terminal: 'terminal',
} as const satisfies { readonly [R in Refusal]: R };

export const refusalShape = z.enum(refusals);
export const refusalOrExistsShape = z.enum({ ...refusals, exists: 'exists' });
export const anyClassShape = z.enum({ ...refusals, exists: 'exists', unknown: 'unknown' });

/** As codes are compared: what is written otherwise would never be found. */
export const codeShape = z.string().regex(/^[a-z0-9_]+$/, 'a code is in lower snake case');
export const statusShape = z.number().int().min(100).max(599);

/** A table as its venue's code knows it; throws, by row, where it says what nobody would read. */
export function answerTable<Shape extends z.ZodType>(
  file: string,
  shape: Shape,
  table: unknown,
): z.infer<Shape> {
  const read = shape.safeParse(table);
  if (read.success) return read.data;
  throw new Error(`${file} is no table of answers:\n${z.prettifyError(read.error)}`);
}
