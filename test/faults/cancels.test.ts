import type { Fault } from '../../venues/simulation/index.js';
import type { FaultStory } from './fault-desk.js';
import { COMPLETED, legs, PATIENCE_MS, tellStoriesAtDesk } from './fault-desk.js';

// What proves nothing of a cancel: the order is asked for, and canceled again while it works.

const wrong: readonly (readonly [name: string, sentence: string, fault: Fault])[] = [
  ['lost', 'reset before it is done', { kind: 'reset', at: 'before' }],
  ['b502', 'answered with 502 and not done', { kind: 'answer_status', status: 502, at: 'before' }],
  ['a500', 'done and answered with 500', { kind: 'answer_status', status: 500, at: 'after' }],
  ['quiet', 'done and never answered', { kind: 'no_answer', at: 'after' }],
  ['garbled', 'done and answered with what is no JSON', { kind: 'unreadable_answer' }],
];

const boughtOnceCanceled = {
  polymarket: [
    'entry/no kalshi buys no @ 0.48: 10',
    'entry/yes polymarket buys yes @ 0.4: 0',
    'exit/no/0 polymarket buys yes @ 0.4: 10 CONFIRMED',
  ],
  kalshi: [
    'entry/no kalshi buys no @ 0.48: 0',
    'entry/yes polymarket buys yes @ 0.4: 10 CONFIRMED',
    'exit/yes/0 kalshi buys no @ 0.48: 10',
  ],
} as const;

/** Works until it is canceled; what a venue fills after that is another story (`late.test.ts`). */
const AN_HOUR_MS = 3_600_000;
const once = { operation: 'cancel', times: { first: 1, last: 1 } } as const;
const stories: readonly FaultStory[] = legs.flatMap(({ venue, what, letter }) =>
  wrong.map(([name, sentence, fault]) => ({
    name: `a cancel at ${venue} that is ${sentence}: the order is gone in the end, and its leg is bought`,
    pairId: `${name}${letter}`,
    wrongs: [
      { what, fault: { kind: 'fill_after_cancel', afterMs: AN_HOUR_MS } },
      { what, when: once, fault },
    ],
    ...{ orders: boughtOnceCanceled[venue], result: COMPLETED },
  })),
);

tellStoriesAtDesk(stories, { terms: { answerTimeoutMs: PATIENCE_MS } });
