import { z } from 'zod';
import type { Refusal } from '../../domain/venue.js';
import { answerTable, anyClassShape, codeShape, statusShape } from '../answer-table.js';
import table from './answer-table.json' with { type: 'json' };

/** What an answer of the venue means for the order that it speaks of. */
export interface Verdict {
  readonly class: Refusal | 'exists' | 'unknown';
  readonly code: string;
}

/** One documented answer. `{id}` must be the order's own hash, `{}` may be anything. */
export interface DocumentedAnswer extends Verdict {
  /** HTTP statuses that it comes with; the older form is a 200 with `errorMsg`. */
  readonly status: readonly number[];
  /** `undefined`: the status alone is documented to say so. */
  readonly text?: string;
}

const tableShape = z.array(
  z.strictObject({
    class: anyClassShape,
    code: codeShape,
    status: z.array(statusShape).min(1),
    text: z
      .string()
      .regex(/^[ -~]+$/, 'a text is printable ASCII: that is all whose letter case is compared')
      .exactOptional(),
  }),
);

/** What `answer-table.json` may say; throws, by row, where it says anything else. */
export function readAnswerTable(json: unknown): readonly DocumentedAnswer[] {
  return answerTable('venues/polymarket/answer-table.json', tableShape, json);
}

/**
 * The venue's documented answers to a placement and what each proves; the first that fits counts.
 * Sources: the venue's error code page, reference/venues.md 2.6 and 2.7, DESIGN §9; UPPER_CASE texts
 * are the older names. By class:
 *
 * - `exists`: it is there already: find it and adopt it.
 * - `no_match`: nothing to trade against. The two 500s are the matching engine's documented refusals.
 * - `funds`: money or shares that are not there (yet).
 * - `venue_state`, `rate`: the venue itself, for now.
 * - `market_closed`: the market is over.
 * - `terminal`: this order, as it is, never.
 * - `unknown`: documented, and still no proof of anything.
 */
export const documentedAnswers = readAnswerTable(table);

/** The verdict on an answer; what is not documented is unknown (`unlisted_…`). */
export function documented(status: number, text: string, venueOrderId: string): Verdict {
  const isSaid = (answer: DocumentedAnswer) =>
    answer.status.includes(status) &&
    (answer.text === undefined || patternOf(answer.text, venueOrderId).test(text));
  return documentedAnswers.find(isSaid) ?? { class: 'unknown', code: `unlisted_${status}` };
}

/** `{id}` and `{}` of a documented text as a pattern; the venue's letter case is not relied upon. */
function patternOf(text: string, venueOrderId: string): RegExp {
  const literal = (part: string) => part.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  const id = literal(venueOrderId);
  const parts = text.split('{}').map((part) => part.split('{id}').map(literal).join(id));
  return new RegExp(`^${parts.join('[^]*')}$`, 'i');
}
