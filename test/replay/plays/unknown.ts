import { expect } from 'vitest';
import { arbitrageWorkflowId, clientOrderIdOf, polymarketSalt } from '../../../domain/index.js';
import type { Fault } from '../../../venues/simulation/index.js';
import { readyToTrade, type TestDeskOptions } from '../../support/desk.js';
import { soon } from '../../support/desk-ends.js';
import { killProgram } from '../../support/kill-program.js';
import { testWorkflowBundle } from '../../support/stack.js';
import { startTradingProcess } from '../../support/trading-process.js';
import type { Play, Story } from '../story.js';
import { A_PART, NOTHING } from './short.js';

export const SILENCE: Fault = { kind: 'timeout_after_acceptance', afterMs: 'never' };
const LATE: Fault = { kind: 'late_fill' };

/** The orders of a scenario that never reach their venue. */
function losing(
  name: string,
  ...lost: readonly ('entry/yes' | 'entry/no')[]
): Partial<TestDeskOptions> {
  const workflowId = arbitrageWorkflowId(`history.${name}`);
  const words = lost.flatMap((what) => {
    const id = clientOrderIdOf(workflowId, what, 0);
    return [id, `"salt":${polymarketSalt(id)},`];
  });
  const isLost = (body: string): boolean => words.some((word) => body.includes(word));
  return {
    terms: { answerTimeoutMs: 200 },
    fateOf: (body) => (isLost(body) ? 'lost' : 'delivered'),
  };
}

/** Long enough for a shot on a busy machine; after it nothing of the order can arrive any more. */
const shortly = () => ({ notAfterMs: Date.now() + 3_000 });
/** What nobody heard of is on no page for a minute, so that only a word or a stream ends it. */
export const SILENT = { answerTimeoutMs: 250, unknownMaxMs: 100 } as const;
const SILENT_DESK = { terms: SILENT, venues: { lateFillMs: 6_000, readLagMs: 60_000 } } as const;

/** NO is accepted, trades later, and nobody hears the answer. */
export async function inDoubt(story: Story, ...faults: readonly Fault[]): Promise<string> {
  story.wrong('entry/no', SILENCE, LATE, ...faults);
  await story.asked(shortly());
  await story.isUnknown();
  return clientOrderIdOf(story.workflowId, 'entry/no', 0);
}

/** Said again until the order can no longer arrive. */
export async function neverArrived(story: Story): Promise<void> {
  const clientOrderId = clientOrderIdOf(story.workflowId, 'entry/no', 0);
  const evidence = { kind: 'never_arrived' };
  await soon(() => story.handle.resolveUnknown({ clientOrderId, evidence, by: 'anna' }));
}

export const filledWord = (clientOrderId: string) => ({
  ...{ clientOrderId, by: 'anna' },
  evidence: {
    kind: 'filled',
    trades: [{ executionId: 'as-read', quantity: '10', price: '0.48' }],
  },
});

export const unknown = {
  'unknown-found': {
    desk: { terms: { answerTimeoutMs: 200 } },
    tell: async (story) => {
      story.wrong('entry/yes', SILENCE);
      story.wrong('entry/no', SILENCE);
      return story.traded();
    },
  },
  'unknown-frozen-late-fill': {
    desk: {
      terms: { answerTimeoutMs: 200, unknownMaxMs: 100 },
      venues: { lateFillMs: 1_500, readLagMs: 60_000 },
    },
    tell: async (story) => {
      story.wrong('entry/no', SILENCE, LATE);
      return story.traded();
    },
  },
  'kalshi-absent': {
    desk: losing('kalshi-absent', 'entry/no'),
    tell: (story) => story.traded(shortly()),
  },
  'polymarket-absent': {
    desk: losing('polymarket-absent', 'entry/yes'),
    tell: (story) => story.traded(shortly()),
  },
  'both-absent': {
    desk: losing('both-absent', 'entry/yes', 'entry/no'),
    tell: (story) => story.traded(shortly()),
  },
  'exit-unknown-found': {
    desk: { terms: { answerTimeoutMs: 250 } },
    tell: async (story) => {
      story.wrong('entry/yes', NOTHING);
      story.wrong('exit/no/0', SILENCE);
      return story.traded();
    },
  },
  'worker-killed': {
    desk: { isTrading: false },
    tell: async (story) => {
      const { config, place } = story.desk;
      const { codePath } = await testWorkflowBundle();
      const folder = config.folders.data;
      // Who fires dies with it.
      const program = await killProgram('trading-to-kill', {
        ...{ folder, desk: place.desk, codePath, killFolder: folder },
      });
      const first = await startTradingProcess({ ...config, processId: 'history-1' }, program);
      await readyToTrade(story.desk);
      story.wrong('entry/yes', SILENCE);
      await story.sent();
      await first.kill();
      const second = await startTradingProcess({ ...config, processId: 'history-2' }, program);
      await story.over();
      await second.kill();
      return story.workflowId;
    },
  },
  'operator-resolved': {
    desk: { ...losing('operator-resolved', 'entry/no'), terms: SILENT },
    tell: async (story) => {
      await story.asked(shortly());
      await neverArrived(story);
      return story.over();
    },
  },
  'operator-resolved-flattened': {
    desk: { ...losing('operator-resolved-flattened', 'entry/no'), terms: SILENT },
    tell: async (story) => {
      const handle = await story.asked(shortly());
      await handle.freeze({ cause: 'manual', why: 'out of both', by: 'anna', action: 'flatten' });
      await neverArrived(story);
      return story.over();
    },
  },
  'operator-filled': {
    desk: SILENT_DESK,
    tell: async (story) => {
      const clientOrderId = await inDoubt(story);
      await story.handle.resolveUnknown(filledWord(clientOrderId));
      return story.over();
    },
  },
  'operator-canceled': {
    desk: SILENT_DESK,
    tell: async (story) => {
      const clientOrderId = await inDoubt(story, A_PART);
      const evidence = { kind: 'canceled', filled: '3' };
      await story.handle.resolveUnknown({ clientOrderId, evidence, by: 'anna' });
      await story.over();
      expect(story.orders()).toEqual([
        'entry/no kalshi buys no @ 0.48: 3',
        'entry/yes polymarket buys yes @ 0.4: 10 CONFIRMED',
      ]);
      return story.workflowId;
    },
  },
  'operator-overruled': {
    desk: { ...SILENT_DESK, venues: { ...SILENT_DESK.venues, confirmMs: 11_000 } },
    tell: async (story) => {
      await inDoubt(story);
      await neverArrived(story);
      await story.over();
      const events = (await story.handle.timeline()).map(({ event }) => event);
      expect(events).toContain('overruled');
      return story.workflowId;
    },
  },
} as const satisfies Record<string, Play>;
