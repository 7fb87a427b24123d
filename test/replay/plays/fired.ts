import { expect } from 'vitest';
import { ArmedEngine, type ArmedShot, type Fates } from '../../support/armed-engine.js';
import { soon } from '../../support/desk-ends.js';
import { startEngineStandIn } from '../../support/engine-stand-in.js';
import { ownPairs } from '../../support/own-pairs.js';
import { type Kept, PAIR, type Play, type Story } from '../story.js';

const HOST = 'host-a';

/** An engine that has fired the pair from its lease, for as long as its scene lasts. */
const after =
  (fates: Fates, scene: (shot: ArmedShot, story: Story) => Promise<Kept>): Play['tell'] =>
  async (story) => {
    const engine = await ArmedEngine.open(story.desk, [PAIR]);
    try {
      return await scene(await engine.fire(story.intentId, PAIR, fates), story);
    } finally {
      await engine.close();
    }
  };

const adopted = (fates: Fates = {}): Play => ({
  tell: after(fates, async (shot, story) => {
    await Promise.all([shot.tell(), shot.start()]);
    await story.handle.result();
    return shot.workflowId;
  }),
});

export const fired = {
  'fired-by-engine': {
    tell: async (story) => {
      const start = await ownPairs(story.desk, HOST, [PAIR]);
      const engine = await startEngineStandIn(story.desk, HOST, { start });
      try {
        return await story.traded();
      } finally {
        await engine.close();
      }
    },
  },
  'fired-first': adopted(),
  'fired-first-refused': adopted({ no: 'refused' }),
  'fired-first-silent': adopted({ no: 'silent' }),
  'fired-first-unsent': adopted({ yes: 'unwritten', no: 'unwritten' }),
  'open-adopting': {
    tell: after({}, async (shot, story) => {
      await shot.start();
      await soon(async () => {
        const { raw } = await story.temporal.describe();
        expect(raw.pendingActivities?.[0]?.attempt).toBeGreaterThan(1);
      });
      return shot.workflowId;
    }),
  },
} as const satisfies Record<string, Play>;
