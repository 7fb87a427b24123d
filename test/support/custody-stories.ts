import { randomBytes, randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { expect } from 'vitest';
import {
  arbitrageWorkflowId,
  custodyOf,
  formatAmount,
  fromWire,
  type Instrument,
  legInstrument,
  type Outcome,
  price,
  quantity,
  type TradeResult,
  tradeCaseKey,
} from '../../domain/index.js';
import { position } from '../../store/index.js';
import type { FaultKind } from '../../venues/simulation/index.js';
import type { Sweeping } from '../custody/sweeping.js';
import type { CrashDesk } from './crash-desk.js';
import { describeEnd, heldAtVenues, leftOf } from './crash-ends.js';
import { freezePair } from './crash-scenarios.js';
import { hasBooks } from './desk.js';
import { atVenues, BOOKS_AGREE, checkedBooks, inTime, resultInBooks } from './desk-ends.js';
import { intentOf } from './desk-intent.js';
import { ACCOUNT } from './desk-venues.js';
import type { AnyPoint } from './fire-points.js';
import { ordersAtVenues } from './venue-truth.js';

/** What has no owner, and everything that became of it in the end. */
export const custodyEnds = {
  'a terminated trade is carried to its end': [
    'matched 10: net 0.924, fees 0.276, exits cost 0',
    'entry/no kalshi buys no @ 0.48: 10',
    'entry/yes polymarket buys yes @ 0.4: 10 CONFIRMED',
    'holds kalshi no 10',
    'holds polymarket yes 10',
  ],
  /** By whichever rung, as below. */
  'the excess of a terminated trade is sold once': [
    'exited 0: net -0.56, fees 0.36, exits cost 0.56',
    'entry/no kalshi buys no @ 0.48: 10',
    'exit/no kalshi reduces, sells no @ 0.46: 10',
  ],
  'what an ended trade had reserved is released': [
    'matched 10: net 0.924, fees 0.276, exits cost 0',
    'entry/no kalshi buys no @ 0.48: 10',
    'entry/yes polymarket buys yes @ 0.4: 10 CONFIRMED',
    'holds kalshi no 10',
    'holds polymarket yes 10',
  ],
  'the order of a stranger is canceled': ["the stranger's order: canceled"],
  /** By whichever rung: those that the venue refused left nothing there, and the cut off never came. */
  'contracts of a stranger are sold once': [
    "the stranger's order: filled",
    'exit/yes polymarket sells yes @ 0.38: 7 CONFIRMED',
  ],
  /** By whichever rung: one whose worker died before it was sent is not sent again. */
  'both legs of a match are sold once': [
    'matched 10: net 0.924, fees 0.276, exits cost 0',
    'entry/no kalshi buys no @ 0.48: 10',
    'entry/yes polymarket buys yes @ 0.4: 10 CONFIRMED',
    'exit/no kalshi reduces, sells no @ 0.46: 10',
    'exit/yes polymarket sells yes @ 0.38: 10 CONFIRMED',
    'freeze manual',
  ],
} as const satisfies Record<string, readonly string[]>;

export type CustodyEnd = keyof typeof custodyEnds;

/** One thing without an owner. */
export interface Ownerless {
  readonly pairId: string;
  /** Of the trade, or of custody: by which a point of it is known. */
  readonly workflowId: string;
  readonly happens: () => Promise<void>;
  /** Everything that became of it; throws until custody has finished with it. */
  readonly end: () => Promise<readonly string[]>;
  /** The workflow that looks after it, once a sweep has found it. */
  readonly custodyId: () => Promise<string>;
}

type Open = (desk: CrashDesk, pairId: string) => Ownerless;

export const custodyStories = {
  'a trade is terminated': terminatedTrade,
  'a trade that holds one leg is terminated': terminatedExcess,
  'a held match is to be flattened': flattenedMatch,
  'an ended trade has left its reservation': leftReservation,
  'a stranger leaves an order': (desk, pairId) =>
    byStranger(desk, pairId, { venue: 'kalshi', at: '0.05', timeInForce: 'GTC' }),
  'a stranger buys contracts': (desk, pairId) =>
    byStranger(desk, pairId, { venue: 'polymarket', at: '0.40', timeInForce: 'IOC' }),
} as const satisfies Record<string, Open>;

export type CustodyStory = keyof typeof custodyStories;

/** Both legs are out and one is in doubt, when somebody terminates its workflow. */
function terminatedTrade(desk: CrashDesk, pairId: string): Ownerless {
  return terminatedAt(desk, pairId, { faults: ['timeout_after_acceptance', 'late_fill'], sent: 2 });
}

/** The one in doubt finds nothing to buy and is no order: custody sells the other, for the trade. */
function terminatedExcess(desk: CrashDesk, pairId: string): Ownerless {
  const faults = ['timeout_after_acceptance', 'pulled_liquidity'] as const;
  const story = terminatedAt(desk, pairId, { faults, sent: 1 });
  const tookNothing = (line: string): boolean => line.startsWith('exit') && line.endsWith(': 0');
  const end = async () => (await story.end()).filter((line) => !tookNothing(line));
  return { ...story, end: async () => (await end()).map(withoutRung) };
}

function terminatedAt(
  desk: CrashDesk,
  pairId: string,
  { faults, sent }: { readonly faults: readonly FaultKind[]; readonly sent: number },
): Ownerless {
  return ownTrade(desk, pairId, {
    faults,
    orphaned: async ({ intentId, workflowId }) => {
      await inTime(() => expect(atVenues(desk, intentId)).toHaveLength(sent));
      await desk.temporal.workflow.getHandle(workflowId).terminate('by hand');
    },
  });
}

/** Long over, and held, when an operator wants to be out of both legs. */
function flattenedMatch(desk: CrashDesk, pairId: string): Ownerless {
  const story = ownTrade(desk, pairId, {
    faults: [],
    orphaned: async ({ intentId }) => {
      await inTime(async () => expect(await resultInBooks(desk, intentId)).toBeDefined());
      await freezePair(desk, pairId, 'flatten');
    },
  });
  return { ...story, end: async () => (await story.end()).map(withoutRung) };
}

/** As if whoever ended it had died in the middle of a commit: nobody would ever set it free. */
function leftReservation(desk: CrashDesk, pairId: string): Ownerless {
  const story = ownTrade(desk, pairId, {
    faults: [],
    orphaned: async ({ intentId, workflowId }) => {
      await inTime(async () => expect(await resultInBooks(desk, intentId)).toBeDefined());
      await sql`update reservations set released_at = null where workflow_id = ${workflowId}`.execute(
        desk.db,
      );
    },
  });
  const instrument = legInstrument(desk.pairs.pair(pairId), 'poly_yes_kalshi_no', 'yes');
  const workflowId = custodyOf({ account: ACCOUNT, instrument });
  return { ...story, workflowId, custodyId: async () => workflowId };
}

interface OwnTrade {
  /** What goes wrong with its YES. */
  readonly faults: readonly FaultKind[];
  /** What takes its owner away. */
  readonly orphaned: (trade: { intentId: string; workflowId: string }) => Promise<void>;
}

/** A trade of ours that is custody's in the end. */
function ownTrade(desk: CrashDesk, pairId: string, { faults, orphaned }: OwnTrade): Ownerless {
  const intentId = `${pairId}.1`;
  const workflowId = arbitrageWorkflowId(intentId);
  const custodyId = () => custodianOf(desk, tradeCaseKey(workflowId));
  return {
    ...{ pairId, workflowId, custodyId },
    happens: async () => {
      desk.fault({ intentId, what: 'entry/yes', kinds: faults });
      await hasBooks(desk, pairId);
      const intent = intentOf(intentId, pairId, { notAfterMs: Date.now() + 60_000 });
      await desk.client.arbitrage(intent);
      await orphaned({ intentId, workflowId });
    },
    end: async () => [
      ...(await resultAndOrders(desk, intentId)),
      ...(await whatIsLeft(desk, { pairId, workflowId })),
    ],
  };
}

async function resultAndOrders(desk: CrashDesk, intentId: string): Promise<readonly string[]> {
  const result = await resultInBooks(desk, intentId);
  if (!result) throw new Error('the trade has no result yet');
  return [describeEnd(fromWire<TradeResult>(result)), ...atVenues(desk, intentId)];
}

const withoutRung = (line: string): string => line.replace(/^(exit\/(?:yes|no))\/\d+/, '$1');

/** A booker tells of it if a story takes that long, and a person lifts it; nothing else stays. */
const TRADED_BY_HAND = /^(?:break entry_without_order|freeze .* traded without an order of ours)$/;

interface ByHand {
  readonly venue: 'kalshi' | 'polymarket';
  readonly at: string;
  readonly timeInForce: 'GTC' | 'IOC';
}

/** Somebody trades seven YES in our account, at the venue itself. */
function byStranger(desk: CrashDesk, pairId: string, order: ByHand): Ownerless {
  const { venue, at, timeInForce } = order;
  const { market } = desk.pairs.pair(pairId)[venue];
  const outcome: Outcome = 'yes';
  const instrument: Instrument = { venue, market, outcome };
  const workflowId = custodyOf({ account: ACCOUNT, instrument });
  const id = venue === 'kalshi' ? randomUUID() : `0x${randomBytes(32).toString('hex')}`;
  const { exchange } = desk.venues[venue];
  return {
    ...{ pairId, workflowId, custodyId: async () => workflowId },
    happens: async () => {
      const placed = exchange.place({
        ...{ account: ACCOUNT, market, outcome, side: 'buy', limitPrice: price(at), timeInForce },
        fixed: { kind: 'contracts', contracts: quantity('7') },
        ...{ venueOrderId: id, clientKey: id, isReduceOnly: false, isPostOnly: false },
      });
      if (placed.kind === 'refused') throw new Error(placed.reason);
      // Booked first: until then a venue's page and our books may differ for good reasons.
      const held = timeInForce === 'IOC' ? '7' : '0';
      const booked = async () => formatAmount(await position(desk.db, ACCOUNT, instrument));
      await inTime(async () => expect(await booked()).toBe(held));
    },
    end: async () => {
      const orders = exchange.orders({ account: ACCOUNT });
      const state = orders.find(({ venueOrderId }) => venueOrderId === id)?.state;
      return [
        `the stranger's order: ${state ?? 'lost'}`,
        ...ordersAtVenues(desk.venues, workflowId).map(withoutRung),
        ...(await whatIsLeft(desk, { pairId, workflowId })).filter(
          (one) => !TRADED_BY_HAND.test(one),
        ),
      ];
    },
  };
}

/** Sweeps until what happened is a case: some of it is only suspected by the first sweep. */
export async function swept(desk: CrashDesk, sweeping: Sweeping, one: Ownerless): Promise<void> {
  await inTime(async () => {
    await sweeping.tell();
    const custodyId = await one.custodyId();
    if ((await casesOf(desk, custodyId)).length === 0) throw new Error('not found by the sweep');
  });
}

/** Waits until custody has finished with it in one of these ways. */
export async function custodyEndsAs(
  desk: CrashDesk,
  one: Ownerless,
  names: readonly CustodyEnd[],
): Promise<CustodyEnd> {
  return inTime(async () => {
    const end = await one.end();
    const found = names.find((name) => custodyEnds[name].join('\n') === end.join('\n'));
    if (found === undefined) throw new Error(`${one.pairId} ends as ${JSON.stringify(end)}`);
    expect(await checkedBooks(desk)).toEqual(BOOKS_AGREE);
    return found;
  });
}

async function whatIsLeft(
  desk: CrashDesk,
  of: { readonly pairId: string; readonly workflowId: string },
): Promise<readonly string[]> {
  const { kalshi, polymarket } = desk.pairs.pair(of.pairId);
  const { rows: cases } = await sql<{ readonly key: string }>`
    select key from custody_cases where closed_at is null
      and (pair_id = ${of.pairId} or key like ${`%${of.workflowId}%`}
        or key like ${`%${kalshi.market}%`} or key like ${`%${polymarket.market}%`})`.execute(
    desk.db,
  );
  return [
    ...heldAtVenues(desk, of.pairId).map((held) => `holds ${held}`),
    ...(await leftOf(desk, of)),
    ...cases.map(({ key }) => `case ${key}`),
  ];
}

async function custodianOf({ db }: CrashDesk, key: string): Promise<string> {
  const { rows } = await sql<{ readonly custody_id: string }>`
    select custody_id from custody_cases where key = ${key}`.execute(db);
  const [found] = rows;
  if (!found) throw new Error(`nobody looks after ${key}`);
  return found.custody_id;
}

async function casesOf({ db }: CrashDesk, custodyId: string): Promise<readonly unknown[]> {
  const { rows } = await sql`
    select key from custody_cases where custody_id = ${custodyId}`.execute(db);
  return rows;
}

export const isOfSweep = (point: AnyPoint): boolean => point.startsWith('sweep:');
export const isOfBooking = (point: AnyPoint): boolean => point.startsWith('booking:');

/** What a point names: the trade or custody, a case, or nobody; of those, any process dies. */
export function aboutOf(point: AnyPoint, { workflowId }: Ownerless): string | undefined {
  if (isOfSweep(point)) return undefined;
  return isOfBooking(point) ? tradeCaseKey(workflowId) : workflowId;
}
