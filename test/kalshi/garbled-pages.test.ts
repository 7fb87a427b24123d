import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Rule } from '../../venues/simulation/index.js';
import { openStage, place, type Stage, said } from './fixtures/stage.js';

// Fills are asked for market by market, and one answer in fifty may be garbled.

let at: Stage;
beforeAll(async () => {
  at = await openStage();
  await place(at, said('buy yes 6 @ 0.50'));
});
afterAll(async () => at.close());

const faults = {
  'no JSON': { kind: 'unreadable_answer' },
  'a bare 500': { kind: 'answer_status', status: 500, at: 'after' },
} as const satisfies Record<string, Rule['fault']>;

test.each(Object.entries(faults))(
  'a page that is answered with %s twice is asked for a third time, and no more',
  async (name, fault) => {
    const { script } = at.exchange.faults;
    const garbled = async (times: number) => {
      const when = { operation: 'read_fills', times: { first: 1, last: times } } as const;
      script.replace([{ name, when, fault }]);
      const { kind } = await at.venue.entriesSince(0);
      return [kind, script.counts().rules[0]?.injected];
    };
    expect(await garbled(2)).toEqual(['read', 2]);
    expect(await garbled(3)).toEqual(['unavailable', 3]);
  },
);
