import { afterAll, beforeAll, describe, test } from 'vitest';
import type { Fault } from '../../venues/simulation/index.js';
import { openTestDesk, type TestDesk } from '../support/desk.js';
import type { ScriptedVenue } from '../support/desk-venues.js';
import type { FaultStory, Wrong } from './fault-desk.js';
import {
  booksAgree,
  bothFilled,
  briefly,
  legs,
  MATCHED,
  missedReads,
  PATIENCE_MS,
  tellStories,
  tellStoriesAtDesk,
} from './fault-desk.js';

// What a venue tells of our orders, on its private stream and on its pages.

type Case = readonly [name: string, sentence: string, fault: Fault];

const streams: readonly Case[] = [
  ['lost', 'lost', { kind: 'report_lost' }],
  ['twice', 'told twice', { kind: 'report_repeated' }],
  ['later', 'told long after', { kind: 'report_delayed', byMs: 700 }],
  ['swapped', 'told in the wrong order', { kind: 'report_swapped' }],
];

/** A report that was held back for another, and went out alone, was not swapped. */
function metIn(venue: ScriptedVenue, { kind }: Fault): Pick<Wrong, 'met'> {
  if (kind !== 'report_swapped') return {};
  return { met: { venue, kind: 'report_swapped_met' } };
}

describe('reports on a private stream', () => {
  const quiet: Fault = { kind: 'no_answer', at: 'after' };
  const stories: readonly FaultStory[] = legs.flatMap(({ venue, what, letter }) =>
    streams.flatMap(([name, sentence, fault]) => [
      {
        name: `reports of ${venue} that are ${sentence}: the fill counts, and once`,
        ...{ pairId: `${name}${letter}`, wrongs: [{ what, fault, ...metIn(venue, fault) }] },
        ...{ orders: bothFilled, result: MATCHED },
      },
      {
        name: `reports of ${venue} that are ${sentence} of an order without an answer: it is found`,
        pairId: `${name}${letter}q`,
        wrongs: [
          { what, fault, ...metIn(venue, fault) },
          { what, fault: quiet },
        ],
        ...{ orders: bothFilled, result: MATCHED },
      },
    ]),
  );

  tellStoriesAtDesk(stories, { terms: { answerTimeoutMs: PATIENCE_MS } });
});

/** Longer than the order can arrive, and shorter than our patience after that. */
const HIDDEN_MS = 2_500;

const pages: readonly Case[] = [
  ['hidden', 'miss the newest orders', { kind: 'rows_hidden', newestMs: HIDDEN_MS }],
  ['repeated', 'tell their rows twice', { kind: 'rows_repeated' }],
  ['reversed', 'tell their rows backwards', { kind: 'rows_reversed' }],
];

describe('pages that are all we have', () => {
  // Neither its answer nor its report comes; the pages are everybody's, so no order is named.
  const unheard = (what: string): readonly Wrong[] => [
    { what, fault: { kind: 'no_answer', at: 'after' } },
    { what, fault: { kind: 'report_lost' } },
  ];

  for (const { venue, what, letter } of legs) {
    describe(`of ${venue}`, () => {
      const hid = (at: TestDesk, intentId: string) => missedReads(at, venue, { intentId, what });
      const changed = (kind: string) => ({ venue, kind: `${kind}_met` });
      let desk: TestDesk;
      beforeAll(async () => {
        desk = await openTestDesk({
          pairs: Object.fromEntries(pages.map(([name]) => [`${name}${letter}`, {}])),
          terms: { answerTimeoutMs: PATIENCE_MS, latenessMs: 3_000 },
        });
      });
      afterAll(async () => desk.close());

      tellStories(
        () => desk,
        pages.map(([name, sentence, fault]) => ({
          name: `pages of ${venue} that ${sentence} show the order in the end, and nothing is sent again`,
          pairId: `${name}${letter}`,
          wrongs: [
            ...unheard(what),
            { fault, venue, met: name === 'hidden' ? hid : changed(fault.kind) },
          ],
          change: briefly,
          ...{ orders: bothFilled, result: MATCHED },
        })),
      );

      test('afterwards our books are the venues’ ledgers', async () => {
        await booksAgree(desk);
      });
    });
  }
});
