import { expect } from 'vitest';
import type { Fault } from '../../../venues/simulation/index.js';
import { soon } from '../../support/desk-ends.js';
import { quickTerms } from '../../support/desk-terms.js';
import type { Play, Story } from '../story.js';
import { NOTHING, STEP_DOWN } from './short.js';
import { FLATTEN } from './stopped.js';
import { filledWord, inDoubt, SILENCE } from './unknown.js';

/** Nothing that these wait for comes while anybody looks. */
const LONG_MS = 60_000;
const SETTLING = { venues: { confirmMs: LONG_MS }, terms: { askEveryMsMax: LONG_MS } } as const;
const UNHEARD = {
  terms: { answerTimeoutMs: 250, askEveryMs: LONG_MS, askEveryMsMax: LONG_MS },
  venues: { lateFillMs: LONG_MS, readLagMs: LONG_MS },
} as const;
const LOST_REPORT: Fault = { kind: 'report_lost' };

async function hasRows(story: Story): Promise<void> {
  await soon(async () => expect((await story.handle.state()).rows).toHaveLength(2));
}

export const waiting = {
  'open-firing': {
    desk: { terms: { answerTimeoutMs: 3_000 } },
    tell: async (story) => {
      story.wrong('entry/yes', SILENCE);
      await story.sent();
      return story.isOut('fireLegs');
    },
  },
  'open-reports': {
    desk: {
      terms: { reportWaitMs: 30_000, askEveryMsMax: LONG_MS },
      venues: { confirmMs: LONG_MS, readLagMs: LONG_MS },
    },
    tell: async (story) => {
      story.wrong('entry/no', LOST_REPORT);
      await story.sent();
      return story.waitsFor('reports');
    },
  },
  'open-settling': {
    desk: SETTLING,
    tell: async (story) => {
      await story.sent();
      await hasRows(story);
      return story.waitsFor('settlement');
    },
  },
  'open-canceled': {
    desk: SETTLING,
    tell: async (story) => {
      const handle = await story.sent();
      await hasRows(story);
      await handle.cancel();
      await soon(async () => expect((await handle.state()).isCancelRequested).toBe(true));
      return story.waitsFor('settlement');
    },
  },
  'open-flattening': {
    desk: SETTLING,
    tell: async (story) => {
      const handle = await story.sent();
      await hasRows(story);
      await handle.freeze(FLATTEN);
      await soon(async () => expect((await handle.state()).freezes).toHaveLength(1));
      return story.waitsFor('settlement');
    },
  },
  'open-unknown': {
    desk: { ...UNHEARD, terms: { ...UNHEARD.terms, unknownMaxMs: LONG_MS } },
    tell: async (story) => {
      await inDoubt(story);
      return story.waitsFor('evidence');
    },
  },
  'open-asking': {
    desk: { terms: { answerTimeoutMs: 3_000 } },
    tell: async (story) => {
      story.wrong('entry/no', SILENCE, LOST_REPORT);
      await story.sent();
      // The question meets the same silence as the order did.
      story.desk.venues.script.command('kalshi', {
        command: 'outage',
        how: 'silent',
        forMs: LONG_MS,
      });
      return story.isOut('evidenceOf');
    },
  },
  'open-frozen': {
    desk: { ...UNHEARD, terms: { ...UNHEARD.terms, unknownMaxMs: 100 } },
    tell: async (story) => {
      await inDoubt(story);
      await soon(async () => expect((await story.handle.state()).frozenForUnknown).toHaveLength(1));
      return story.waitsFor('evidence');
    },
  },
  'open-resolved': {
    desk: { ...UNHEARD, terms: { ...UNHEARD.terms, unknownMaxMs: 100 } },
    tell: async (story) => {
      await story.handle.resolveUnknown(filledWord(await inDoubt(story)));
      return story.waitsFor('reports');
    },
  },
  'open-exiting': {
    desk: { terms: { answerTimeoutMs: 3_000 } },
    tell: async (story) => {
      story.wrong('entry/yes', NOTHING);
      story.wrong('exit/no/0', SILENCE);
      await story.sent();
      return story.isOut('exitOnce');
    },
  },
  'open-next-rung': {
    desk: { terms: { exit: { ...STEP_DOWN.exit, rungDelayMs: LONG_MS } } },
    tell: async (story) => {
      story.wrong('entry/yes', NOTHING);
      await story.sent();
      return story.waitsFor('next_rung');
    },
  },
  'open-refused': {
    desk: {
      terms: {
        exit: { ...quickTerms.exit, rungDelayMs: LONG_MS, refusalWaitMsMax: 2 * LONG_MS },
        askEveryMsMax: LONG_MS,
      },
    },
    tell: async (story) => {
      story.wrong('entry/yes', NOTHING);
      story.wrong('exit/no/0', { kind: 'refuse', answer: 'too_many_requests' });
      await story.asked();
      return story.waitsFor('refusal');
    },
  },
} as const satisfies Record<string, Play>;
