import { expect } from 'vitest';
import {
  add,
  arbitrageWorkflowId,
  formatAmount,
  type Limits,
  type Quantity,
  quantity,
} from '../../domain/index.js';
import {
  forgetGroup,
  heldPairOf,
  keptGroups,
  liftFreeze,
  limitsOf,
  setLimits,
} from '../../store/index.js';
import type { CrashDesk } from './crash-desk.js';
import { heldAtVenues, leftOf } from './crash-ends.js';
import { freezePair } from './crash-scenarios.js';
import { hasBooks } from './desk.js';
import { inTime, mustBeApproved, resultInBooks } from './desk-ends.js';
import { intentOf } from './desk-intent.js';
import { ACCOUNT } from './desk-venues.js';

/** Something of a pair that is kept beside its trades. */
export interface Kept {
  /** By what a point of it is known. */
  readonly about: string;
  readonly happens: () => Promise<void>;
  /** Everything that became of it. */
  readonly end: () => Promise<readonly string[]>;
}

type Open = (desk: CrashDesk, pairId: string) => Kept;

export const keeperStories = {
  'a pair has no group yet': (desk, pairId) =>
    groupOf(desk, pairId, async () => {
      for (const groupId of await groupIdsOf(desk, pairId)) await forgetGroup(desk.db, groupId);
    }),
  'a pair is stopped': (desk, pairId) => groupOf(desk, pairId, async () => stopped(desk, pairId)),
  'a pair trades again': (desk, pairId) =>
    groupOf(desk, pairId, async () => {
      await stopped(desk, pairId);
      await inTime(async () => expect(await groupLines(desk, pairId)).toEqual(STOPPED));
      const word = { by: 'operator', why: 'it was looked at', atMs: Date.now() };
      await liftFreeze(desk.db, { freezeId: `meanwhile/${pairId}`, ...word });
    }),
  'the limits are changed': (desk, pairId) => groupOf(desk, pairId, async () => widened(desk)),
  'a group is deleted by hand and its pair stopped': (desk, pairId) =>
    groupOf(desk, pairId, async () => {
      for (const groupId of await groupIdsOf(desk, pairId)) {
        desk.venues.kalshi.exchange.deleteOrderGroup(ACCOUNT, groupId);
      }
      await stopped(desk, pairId);
    }),
  'a held match is decided differently by its venues': partedMatch,
} as const satisfies Record<string, Open>;

export type KeeperStory = keyof typeof keeperStories;

const OPEN = ['ours: none, limit as wanted', "the venue's: open, limit as wanted"];
const STOPPED = ['ours: confirmed, limit as wanted', "the venue's: triggered, limit as wanted"];

/** How each story ends, whoever died. */
export const keeperEnds: Readonly<Record<KeeperStory, readonly string[]>> = {
  'a pair has no group yet': OPEN,
  'a pair is stopped': STOPPED,
  'a pair trades again': OPEN,
  'the limits are changed': OPEN,
  'a group is deleted by hand and its pair stopped': STOPPED,
  'a held match is decided differently by its venues': [
    'different_outcomes: 0 and 0 held, 0 paid',
    'freeze reconciliation_break: a held match was decided differently by its two venues: 10 dollars are lost',
    'break held_pair_broken',
  ],
};

function groupOf(desk: CrashDesk, pairId: string, change: () => Promise<void>): Kept {
  return {
    about: pairId,
    happens: async () => {
      await inTime(async () => expect(await groupLines(desk, pairId)).toEqual(OPEN));
      await change();
    },
    end: () => groupLines(desk, pairId),
  };
}

const stopped = (desk: CrashDesk, pairId: string) => freezePair(desk, pairId, 'cancel');

/** What a pair may stand with, there and back: so much its group takes within the venue's window. */
async function wantedLimit({ db }: CrashDesk): Promise<Quantity> {
  const { contractsPerPairMax } = await ourLimits(db);
  return add(contractsPerPairMax, contractsPerPairMax);
}

/** One contract more per pair: each group is to take two more. */
async function widened({ db }: CrashDesk): Promise<void> {
  const limits = await ourLimits(db);
  const contractsPerPairMax = add(limits.contractsPerPairMax, quantity('1'));
  const word = { account: ACCOUNT, by: 'operator', why: 'more of a pair may stand' };
  await setLimits(db, { ...word, limits: { ...limits, contractsPerPairMax } });
}

async function ourLimits(db: CrashDesk['db']): Promise<Limits> {
  const limits = await limitsOf(db, ACCOUNT);
  if (!limits) throw new Error('the desk has limits from its start');
  return limits;
}

async function groupIdsOf({ db }: CrashDesk, pairId: string): Promise<readonly string[]> {
  const kept = await keptGroups(db, ACCOUNT);
  return kept.flatMap(({ group }) => (group.pairId === pairId ? [group.groupId] : []));
}

/** The pair's group in our books and at its venue, and every group there that nobody names. */
async function groupLines(desk: CrashDesk, pairId: string): Promise<readonly string[]> {
  const { db, venues } = desk;
  const kept = (await keptGroups(db, ACCOUNT)).map(({ group }) => group);
  const named = new Map(kept.map((group) => [group.groupId, group.pairId]));
  const atVenue = venues.kalshi.exchange.orderGroups(ACCOUNT);
  const wanted = await wantedLimit(desk);
  const limitText = (limit: Quantity | undefined) =>
    limit === wanted
      ? 'limit as wanted'
      : `limit ${limit === undefined ? 'none' : formatAmount(limit)}`;
  return [
    ...kept
      .filter((one) => one.pairId === pairId)
      .map(({ trigger, limit }) => `ours: ${trigger}, ${limitText(limit)}`),
    ...atVenue
      .filter(({ groupId }) => named.get(groupId) === pairId)
      .map(
        ({ isTriggered, limit }) =>
          `the venue's: ${isTriggered ? 'triggered' : 'open'}, ${limitText(limit)}`,
      ),
    ...atVenue.filter(({ groupId }) => !named.has(groupId)).map(() => 'named by nobody'),
  ];
}

/** Matched and over, when Kalshi decides yes and Polymarket no: neither leg pays. */
function partedMatch(desk: CrashDesk, pairId: string): Kept {
  const intentId = `${pairId}.1`;
  const workflowId = arbitrageWorkflowId(intentId);
  return {
    about: workflowId,
    happens: async () => {
      await hasBooks(desk, pairId);
      const intent = intentOf(intentId, pairId, { notAfterMs: Date.now() + 60_000 });
      mustBeApproved((await desk.client.arbitrage(intent)).verdict);
      await inTime(async () => expect(await resultInBooks(desk, intentId)).toBeDefined());
      const { kalshi, polymarket } = desk.pairs.pair(pairId);
      desk.venues.kalshi.exchange.resolveMarket(kalshi.market, 'yes');
      desk.venues.polymarket.exchange.resolveMarket(polymarket.market, 'no');
    },
    end: async () => [
      ...(await matchLines(desk, workflowId)),
      ...heldAtVenues(desk, pairId).map((held) => `holds ${held}`),
      ...(await leftOf(desk, { workflowId, pairId })),
    ],
  };
}

async function matchLines({ db }: CrashDesk, workflowId: string): Promise<readonly string[]> {
  const pair = await heldPairOf(db, workflowId);
  if (!pair) return [];
  const held = `${formatAmount(pair.yesHeld)} and ${formatAmount(pair.noHeld)} held`;
  return [`${pair.why ?? pair.state}: ${held}, ${formatAmount(pair.paid)} paid`];
}
