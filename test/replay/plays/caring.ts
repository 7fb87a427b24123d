import { sql } from 'kysely';
import { expect } from 'vitest';
import { freeze } from '../../../cli/commands/freeze.js';
import { custodyDoor } from '../../../client/index.js';
import { clientOrderIdOf, custodyOf, tradeCaseKey } from '../../../domain/index.js';
import { bookEntries, heldPairOf, listEntries } from '../../../store/index.js';
import { custodyStateOf } from '../../custody/sweeping.js';
import { soon } from '../../support/desk-ends.js';
import { ACCOUNT } from '../../support/desk-venues.js';
import { PAIR, type Play, type Story } from '../story.js';
import { A_PART, NOTHING, STEP_DOWN } from './short.js';
import { takenOver } from './stopped.js';
import { inDoubt, SILENCE } from './unknown.js';

/** Shares that settle for a while keep the trade from getting out before it is terminated. */
const SLOW = { venues: { confirmMs: 1_500 }, terms: STEP_DOWN } as const;
const LONG_MS = 60_000;

const BOUGHT = { outcome: 'yes', side: 'buy', at: '0.54' } as const;

/** A trade that dies with what it has at the venues, and is found by the sweeps. */
async function dead(story: Story, what: string, fault: typeof NOTHING): Promise<void> {
  story.wrong(what, fault);
  await story.sent();
  await story.terminated();
}

/** Seven contracts that nobody answers for, found and looked after. */
async function strange(story: Story, venue: 'kalshi' | 'polymarket' = 'kalshi'): Promise<void> {
  story.byHand(venue, venue === 'kalshi' ? BOUGHT : { ...BOUGHT, at: '0.40' });
  await story.holds(1);
  await story.swept();
}

/** Custody is busy with one adopted trade and waits. */
async function isAdopted(story: Story): Promise<string> {
  const custodyId = await story.custody();
  await soon(async () => {
    const { items } = await custodyStateOf(story.desk, custodyId);
    expect(items.map((item) => 'adopted' in item && item.adopted.trade.workflowId)).toEqual([
      story.workflowId,
    ]);
  });
  return custodyId;
}

/** Told the same again and again, until its run is too long. */
async function grownLong(story: Story): Promise<{ workflowId: string; runId: string }> {
  await strange(story);
  const workflowId = await story.custody();
  const handle = story.desk.temporal.workflow.getHandle(workflowId);
  const { runId } = await handle.describe();
  await soon(async () => {
    await story.toldAgain();
    expect((await handle.describe()).runId).not.toBe(runId);
  });
  return { workflowId, runId };
}

export const caring = {
  'custody-exit': {
    desk: { ...SLOW, custody: { policy: 'exit' } },
    tell: async (story) => {
      await dead(story, 'entry/no', NOTHING);
      await story.swept();
      return story.custody();
    },
  },
  'custody-hedge': {
    desk: { ...SLOW, custody: { policy: 'hedge' } },
    tell: async (story) => {
      await dead(story, 'entry/no', A_PART);
      await story.swept();
      return story.custody();
    },
  },
  'custody-unknown': {
    tell: async (story) => {
      story.wrong('entry/yes', SILENCE);
      await dead(story, 'entry/no', SILENCE);
      await story.swept();
      return story.custody();
    },
  },
  'custody-looked-again': {
    tell: async (story) => {
      const { db } = story.desk;
      story.wrong('entry/yes', SILENCE);
      await dead(story, 'entry/no', SILENCE);
      // Its record waits for its own row until custody has been told again.
      await db.transaction().execute(async (tx) => {
        await sql`select from intents where workflow_id = ${story.workflowId} for update`.execute(
          tx,
        );
        await story.told();
        await story.isOut('recordAdopted', await story.custody());
        await story.toldAgain();
      });
      return story.custody();
    },
  },
  'custody-taken-over': {
    desk: SLOW,
    tell: async (story) => {
      await takenOver(story, 'exit');
      await story.over();
      await story.swept();
      return story.custody();
    },
  },
  'custody-over': {
    tell: async (story) => {
      const { config, place, temporal, pairs } = story.desk;
      await story.traded();
      const { market } = pairs.pair(PAIR).polymarket;
      const instrument = { venue: 'polymarket', market, outcome: 'yes' } as const;
      const { workflowId } = story;
      const custody = custodyDoor(temporal, { mode: config.mode, desk: place.desk });
      await custody.adoptTrade(
        { account: ACCOUNT, instrument },
        { workflowId, by: 'anna', why: `${tradeCaseKey(workflowId)} looks stuck` },
      );
      const custodyId = custodyOf({ account: ACCOUNT, instrument });
      await temporal.workflow.getHandle(custodyId).result();
      return custodyId;
    },
  },
  'custody-flattened': {
    tell: async (story) => {
      const { db } = story.desk;
      await story.traded();
      await freeze(story.asOperator(), {
        ...{ scope: `pair:${PAIR}`, cause: 'manual', why: 'not the same event', action: 'flatten' },
      });
      await soon(async () => {
        const pair = await heldPairOf(db, story.workflowId);
        expect(pair).toMatchObject({ state: 'sold', closedAtMs: expect.any(Number) as number });
      });
      expect(story.orders()).toHaveLength(4);
      return story.custody();
    },
  },
  'custody-order': {
    tell: async (story) => {
      story.byHand('kalshi', { ...BOUGHT, at: '0.05', timeInForce: 'GTC' });
      await story.swept();
      return story.custody();
    },
  },
  'custody-reservation': {
    desk: { venues: { confirmMs: 3_000 } },
    tell: async (story) => {
      await story.sent();
      const { workflowId } = story;
      await sql`delete from reservations where workflow_id = ${workflowId}`.execute(story.desk.db);
      await story.swept();
      await story.over();
      return story.custody();
    },
  },
  'custody-leftover': {
    tell: async (story) => {
      await story.traded();
      const { workflowId } = story;
      await sql`update pair_holds set until = null where holder = ${workflowId}`.execute(
        story.desk.db,
      );
      await story.swept();
      return story.custody();
    },
  },
  'custody-position-sold': {
    desk: { custody: { policy: 'exit' } },
    tell: async (story) => {
      await strange(story);
      await story.hasNoCase();
      return story.custody();
    },
  },
  'custody-position-hedged': {
    desk: { custody: { policy: 'hedge' } },
    tell: async (story) => {
      await strange(story, 'polymarket');
      await story.swept();
      expect(story.placed('kalshi')).toEqual(['buy no 7']);
      return story.custody();
    },
  },
  'custody-position-gone': {
    tell: async (story) => {
      await strange(story);
      story.byHand('kalshi', { ...BOUGHT, side: 'sell', at: '0.52' });
      await story.holds(0);
      await story.swept(1);
      await story.hasNoCase();
      return story.custody();
    },
  },
  'custody-difference': {
    tell: async (story) => {
      const { market } = story.desk.pairs.pair(PAIR).kalshi;
      const when = { market, operation: 'report_trade' } as const;
      story.desk.venues.script.add({ name: 'unheard', when, fault: { kind: 'report_lost' } });
      story.byHand('kalshi', BOUGHT);
      await story.swept();
      return story.custody();
    },
  },
  'custody-continued': {
    runEventsMax: 25,
    tell: async (story) => grownLong(story),
  },
  'custody-keep': {
    desk: SLOW,
    tell: async (story) => {
      await dead(story, 'entry/no', NOTHING);
      await story.swept();
      return story.custody();
    },
  },
  'custody-open-carried-on': {
    runEventsMax: 25,
    tell: async (story) => {
      const { workflowId } = await grownLong(story);
      return workflowId;
    },
  },
  'custody-open-unknown': {
    desk: {
      terms: { answerTimeoutMs: 250, askEveryMs: LONG_MS, askEveryMsMax: LONG_MS },
      venues: { lateFillMs: LONG_MS, readLagMs: LONG_MS },
    },
    tell: async (story) => {
      await inDoubt(story);
      await story.terminated();
      await story.told();
      return isAdopted(story);
    },
  },
  'custody-open-frozen': {
    desk: {
      terms: {
        answerTimeoutMs: 250,
        unknownMaxMs: 5_000, // the trade is dead by then
        askEveryMs: LONG_MS,
        askEveryMsMax: LONG_MS,
      },
      venues: { lateFillMs: LONG_MS, readLagMs: LONG_MS },
    },
    tell: async (story) => {
      await inDoubt(story);
      expect((await story.handle.state()).frozenForUnknown).toEqual([]);
      await story.terminated();
      await story.told();
      const custodyId = await isAdopted(story);
      await soon(async () => {
        const { items } = await custodyStateOf(story.desk, custodyId);
        const frozen = items.map(
          (item) => 'adopted' in item && item.adopted.trade.frozenForUnknown,
        );
        expect(frozen).toEqual([[`unknown/${clientOrderIdOf(story.workflowId, 'entry/no', 0)}`]]);
      });
      return custodyId;
    },
  },
  'custody-open-settling': {
    desk: { venues: { confirmMs: LONG_MS }, terms: { askEveryMsMax: LONG_MS } },
    tell: async (story) => {
      await story.sent();
      await story.terminated();
      await story.told();
      return isAdopted(story);
    },
  },
  'custody-open-rung': {
    desk: {
      custody: { policy: 'exit' },
      terms: { exit: { ...STEP_DOWN.exit, rungDelayMs: LONG_MS } },
    },
    tell: async (story) => {
      story.wrong('entry/yes', NOTHING);
      await story.sent();
      await story.terminated();
      await story.told();
      await soon(() => expect(story.orders()).toHaveLength(3));
      return isAdopted(story);
    },
  },
  'custody-open-selling': {
    desk: { ...SLOW, custody: { policy: 'exit' }, terms: { ...STEP_DOWN, answerTimeoutMs: 3_000 } },
    tell: async (story) => {
      story.wrong('exit/yes/0', SILENCE);
      await dead(story, 'entry/no', NOTHING);
      await story.told();
      return story.isOut('exitOnce', await story.custody());
    },
  },
  'custody-open-difference': {
    tell: async (story) => {
      const { db } = story.desk;
      story.byHand('kalshi', BOUGHT);
      await story.holds(1);
      const [entry] = (await listEntries(db)).map((listed) => listed.entry);
      if (entry?.kind !== 'fill') throw new Error('nothing was bought by hand');
      // A sale that the venue does not know of: who is wrong is for a person to find out.
      const unheard = { executionId: 'nobody', venueOrderId: 'nobody', side: 'sell' } as const;
      await bookEntries(db, [{ ...entry, ...unheard }]);
      await story.holds(0);
      await story.swept();
      return story.custody();
    },
  },
} as const satisfies Record<string, Play>;
