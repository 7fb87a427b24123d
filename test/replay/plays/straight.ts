import { expect } from 'vitest';
import { freeze } from '../../../cli/commands/freeze.js';
import { soon } from '../../support/desk-ends.js';
import { lockOrders } from '../../support/desk-locks.js';
import type { Play, Story } from '../story.js';

/** The other way round: YES is cheap at Kalshi, NO at Polymarket. */
export const MIRRORED = {
  pairs: {
    rain: {
      kalshi: { bids: '50 @ 0.38', asks: '50 @ 0.40' },
      polymarket: { bids: '50 @ 0.52', asks: '50 @ 0.54' },
    },
  },
} as const;
export const OTHER_WAY = { type: 'kalshi_yes_poly_no' } as const;

const NOTICE = { cause: 'manual', why: 'a storm', by: 'anna', action: 'leave' } as const;

/** Told again and again until its run has become too long; returns the run that ended so. */
async function grownLong(story: Story): Promise<string> {
  const handle = await story.sent();
  const { runId } = await story.temporal.describe();
  await soon(async () => {
    await handle.freeze({ ...NOTICE, freezeId: 'fz-1' });
    await handle.unfreeze({ by: 'anna', freezeId: 'fz-1' });
    expect((await story.temporal.describe()).runId).not.toBe(runId);
  });
  return runId;
}

export const straight = {
  matched: { tell: (story) => story.traded() },
  mirrored: { desk: MIRRORED, tell: (story) => story.traded(OTHER_WAY) },
  denied: { tell: (story) => story.traded({ edgeMin: '0.5' }) },
  'dry-run': { tell: (story) => story.traded({ dryRun: true }) },
  'denied-at-the-gate': {
    tell: async (story) => {
      const orders = await lockOrders(story.desk);
      await story.asked();
      await freeze(story.asOperator(), {
        ...{ scope: 'pair:rain', cause: 'manual', why: 'it looks odd', action: 'leave' },
      });
      await orders.release();
      return story.over();
    },
  },
  repeated: {
    tell: async (story) => {
      await story.traded();
      await story.reset();
      return story.over();
    },
  },
  continued: {
    runEventsMax: 40,
    desk: { venues: { confirmMs: 8_000 } },
    tell: async (story) => {
      const runId = await grownLong(story);
      return { workflowId: await story.over(), runId };
    },
  },
  'carried-on': {
    runEventsMax: 40,
    desk: { venues: { confirmMs: 8_000 } },
    tell: async (story) => {
      await grownLong(story);
      return story.over();
    },
  },
} as const satisfies Record<string, Play>;
