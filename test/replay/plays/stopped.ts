import { expect } from 'vitest';
import { takeOver } from '../../../cli/commands/take-over.js';
import { soon } from '../../support/desk-ends.js';
import { intentOf } from '../../support/desk-intent.js';
import { quickTerms } from '../../support/desk-terms.js';
import { LATER_MS, PAIR, type Play, type Story } from '../story.js';
import { A_PART, NOTHING, STEP_DOWN } from './short.js';
import { SILENCE } from './unknown.js';

const NOTICE = { cause: 'manual', why: 'a storm', by: 'anna' } as const;
export const LEAVE = { ...NOTICE, action: 'leave' } as const;
const CANCEL = { ...NOTICE, action: 'cancel' } as const;
export const FLATTEN = { ...NOTICE, action: 'flatten' } as const;

/** Handed over while no worker runs: what is said now is known before anything is fired. */
async function saidBefore(story: Story, say: () => Promise<void>): Promise<string> {
  const intent = intentOf(story.intentId, PAIR, { notAfterMs: Date.now() + LATER_MS });
  const started = story.desk.client.arbitrage(intent);
  await soon(say);
  await story.desk.startTrading();
  await started;
  return story.over();
}

export const stopped = {
  'cancelled-before-the-shot': {
    desk: { isTrading: false },
    tell: (story) => saidBefore(story, () => story.handle.cancel()),
  },
  'frozen-before-the-shot': {
    desk: { isTrading: false },
    tell: (story) => saidBefore(story, () => story.handle.freeze(LEAVE)),
  },
  'cancelled-settling': {
    desk: { venues: { confirmMs: 500 } },
    tell: async (story) => {
      const handle = await story.sent();
      await handle.cancel();
      return story.over();
    },
  },
  'cancelled-exiting': {
    desk: { terms: { exit: { ...STEP_DOWN.exit, rungDelayMs: 500 } } },
    tell: async (story) => {
      story.wrong('entry/yes', NOTHING);
      const handle = await story.sent(2); // NO, and the first rung that nobody takes
      await handle.cancel();
      await story.over();
      expect(story.orders()).toContain('exit/no/2 kalshi reduces, sells no @ 0.46: 10');
      return story.workflowId;
    },
  },
  'frozen-and-thawed': {
    desk: { venues: { confirmMs: 500 } },
    tell: async (story) => {
      const handle = await story.sent();
      await handle.freeze(LEAVE);
      await handle.unfreeze({ by: 'anna' });
      return story.over();
    },
  },
  'frozen-left': {
    // Its answer comes so late that the freeze is known before the part is.
    desk: { terms: { answerTimeoutMs: 1_500 } },
    tell: async (story) => {
      story.wrong('entry/no', SILENCE, A_PART);
      const handle = await story.sent();
      await handle.freeze(LEAVE);
      await story.over();
      expect(story.orders().slice(2)).toEqual([
        'exit/yes/0 polymarket sells yes @ 0.38: 7 CONFIRMED',
      ]);
      return story.workflowId;
    },
  },
  'frozen-canceled': {
    // Nobody asks by himself: only what the freeze says ends the order.
    desk: {
      terms: { reportWaitMs: 60_000, askEveryMs: 60_000, askEveryMsMax: 60_000 },
    },
    tell: async (story) => {
      story.wrong('entry/no', { kind: 'fill_after_cancel', afterMs: LATER_MS });
      const handle = await story.sent();
      await soon(async () => {
        const { orders } = await handle.state();
        expect(orders.map(({ status }) => status)).toContain('working');
      });
      await handle.freeze(CANCEL);
      return story.over();
    },
  },
  flattened: {
    desk: { venues: { confirmMs: 1_000 } },
    tell: async (story) => {
      const handle = await story.sent();
      await handle.freeze(FLATTEN);
      await story.over();
      expect(story.orders()).toHaveLength(4);
      return story.workflowId;
    },
  },
  'taken-over': {
    desk: {
      terms: { exit: { ...quickTerms.exit, policy: 'step_down' } },
      venues: { confirmMs: 1_500 },
    },
    tell: async (story) => {
      await takenOver(story, 'keep');
      return story.over();
    },
  },
} as const satisfies Record<string, Play>;

/** Its exits are taken over while it waits for its shares to settle. */
export async function takenOver(story: Story, policy: 'keep' | 'exit'): Promise<void> {
  story.wrong('entry/no', NOTHING);
  await story.sent();
  await takeOver(story.asOperator(), { id: story.intentId, why: 'it is stuck', policy });
}
