import type { Fault } from '../../venues/simulation/index.js';
import type { FaultStory } from './fault-desk.js';
import {
  bothFilled,
  boughtAfterAll,
  briefly,
  COMPLETED,
  legs,
  MATCHED,
  PATIENCE_MS,
  SOLD,
  soldAt,
  tellStoriesAtDesk,
} from './fault-desk.js';

type Case = readonly [name: string, sentence: string, fault: Fault];

/** The answer is lost, and the order is there. */
const taken: readonly Case[] = [
  ['quiet', 'taken and never answered', { kind: 'no_answer', at: 'after' }],
  ['reset', 'taken and its connection reset', { kind: 'reset', at: 'after' }],
  ['e500', 'taken and answered with 500', { kind: 'answer_status', status: 500, at: 'after' }],
  ['e503', 'taken and answered with 503', { kind: 'answer_status', status: 503, at: 'after' }],
  ['garbled', 'taken and answered with what is no JSON', { kind: 'unreadable_answer' }],
  ['noid', 'taken and answered without an id', { kind: 'answer_without_id' }],
  ['late', 'taken and answered after our patience', { kind: 'late_answer', afterMs: 1_000 }],
  ['twice', 'brought twice on the way, so that we hear of a duplicate', { kind: 'sent_twice' }],
];

/** It never got in. */
const lost: readonly Case[] = [
  ['cut', 'reset before it is taken', { kind: 'reset', at: 'before' }],
  ['hole', 'read and never taken', { kind: 'no_answer', at: 'before' }],
  ['b502', 'answered with 502 and not taken', { kind: 'answer_status', status: 502, at: 'before' }],
];

const stories: readonly FaultStory[] = legs.flatMap(({ venue, what, letter }) => [
  ...taken.map(([name, sentence, fault]) => ({
    name: `an order to ${venue} that is ${sentence} is found, and nothing is sent again`,
    ...{ pairId: `${name}${letter}`, wrongs: [{ what, fault }] },
    ...{ orders: bothFilled, result: MATCHED },
  })),
  ...lost.map(([name, sentence, fault]) => ({
    name: `an order to ${venue} that is ${sentence} is absent in the end, and its leg bought after all`,
    ...{ pairId: `${name}${letter}`, wrongs: [{ what, fault }] },
    ...{ orders: boughtAfterAll[venue], result: COMPLETED },
    change: briefly,
  })),
]);

/** The leg beside it has come to nothing, and all of this one is to be sold. */
const exits: readonly FaultStory[] = legs.flatMap(({ venue, what, letter }) => {
  const leg = what === 'entry/yes' ? 'yes' : 'no';
  const beside = what === 'entry/yes' ? 'entry/no' : 'entry/yes';
  const wrongs = (fault: Fault) => [
    { what: beside, fault: { kind: 'pulled_liquidity', part: 1 } } as const,
    { what: `exit/${leg}/0`, fault },
  ];
  return [
    ...taken.map(([name, sentence, fault]) => ({
      name: `an exit to ${venue} that is ${sentence} is found, and nothing is sold twice`,
      ...{ pairId: `exit${name}${letter}`, wrongs: wrongs(fault) },
      ...{ orders: soldAt[venue], result: SOLD },
    })),
    ...lost.map(([name, sentence, fault]) => ({
      name: `an exit to ${venue} that is ${sentence} is absent in the end, and the next rung sells`,
      ...{ pairId: `exit${name}${letter}`, wrongs: wrongs(fault) },
      orders: soldAt[venue].map((order) => order.replace(`exit/${leg}/0`, `exit/${leg}/1`)),
      result: SOLD,
    })),
  ];
});

tellStoriesAtDesk([...stories, ...exits], { terms: { answerTimeoutMs: PATIENCE_MS } });
