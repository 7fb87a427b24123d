import { ServiceError } from '@temporalio/client';
import { expect } from 'vitest';
import { arbitrageWorkflowId, formatAmount, type TradeResult } from '../../domain/index.js';
import {
  insertFreeze,
  liveHolds,
  openBreaks,
  openOrders,
  positions,
  readControl,
  reservationOf,
} from '../../store/index.js';
import type { FaultKind } from '../../venues/simulation/index.js';
import type { CrashDesk } from './crash-desk.js';
import { atVenues, endOf as endOfTrade, resultInBooks, soon } from './desk-ends.js';
import { intentOf } from './desk-intent.js';
import { ACCOUNT } from './desk-venues.js';

/** What the world does to a trade, whoever dies meanwhile. Keyed by the orders' purposes. */
export interface Scenario {
  readonly faults?: Readonly<Record<string, readonly FaultKind[]>>;
  /** Orders that are lost on the line: they never arrive, and nobody answers. */
  readonly lost?: readonly string[];
  /** What the crowd shows of Kalshi's YES where it is not the usual opportunity. */
  readonly kalshi?: { readonly bids: string; readonly asks: string };
  /** How long the intent may wait; an order that never arrived is absent only after it. */
  readonly validMs?: number;
  /** Nobody offers either leg any more as soon as one is at its venue: what is held can only be sold. */
  readonly isDearAfterwards?: boolean;
  /** An operator freezes the pair as soon as both legs are at their venues. */
  readonly isFrozenMeanwhile?: boolean;
  /** How it ends where nobody dies. */
  readonly end: EndName;
}

/** How long a trade may wait whose orders get lost: they are absent only after it. */
export const LOST_AFTER_MS = 3_000;
/** However long its workers are away: only what the world did may end it. */
export const VALID_MS = 60_000;

const BOUGHT_NO = 'entry/no kalshi buys no @ 0.48: 10';
const BOUGHT_YES = 'entry/yes polymarket buys yes @ 0.4: 10 CONFIRMED';
const BOTH_HELD = ['kalshi no 10', 'polymarket yes 10'];
const HEDGED = 'net 0.924, fees 0.276, exits cost 0';
const NOTHING = 'net 0, fees 0, exits cost 0';
const SOLD_NO = 'kalshi reduces, sells no @ 0.46: 10';
const SOLD_YES = 'polymarket sells yes @ 0.38: 10 CONFIRMED';
const SOLD = {
  result: 'exited 0: net -0.56, fees 0.36, exits cost 0.56',
  positions: [],
  left: [],
} as const;
const YES_SOLD = { ...SOLD, result: 'exited 0: net -0.39024, fees 0.19024, exits cost 0.39024' };

/** Every way in which a trade of these worlds can end. */
export const ends = {
  matched: {
    result: `matched 10: ${HEDGED}`,
    orders: [BOUGHT_NO, BOUGHT_YES],
    positions: BOTH_HELD,
    left: [],
  },
  'matched, its pair frozen by hand': {
    result: `matched 10: ${HEDGED}`,
    orders: [BOUGHT_NO, BOUGHT_YES],
    positions: BOTH_HELD,
    left: ['freeze manual'],
  },
  'neither leg arrived': { result: `missed 0: ${NOTHING}`, orders: [], positions: [], left: [] },
  /** Not one order had left: as if the desk had said no. */
  'nothing was sent': {
    result: `denied 0: ${NOTHING}, NOT_DISPATCHED`,
    orders: [],
    positions: [],
    left: [],
  },
  'YES sold': { ...YES_SOLD, orders: [BOUGHT_YES, `exit/yes/0 ${SOLD_YES}`] },
  'NO sold': { ...SOLD, orders: [BOUGHT_NO, `exit/no/0 ${SOLD_NO}`] },
  /** The first rung never arrived, and its id is burnt; the second sells at the same price. */
  'NO sold by the second rung': { ...SOLD, orders: [BOUGHT_NO, `exit/no/1 ${SOLD_NO}`] },
  'NO kept': {
    result: 'residual 0: net -4.98, fees 0.18, exits cost 0, left no 10',
    orders: [
      BOUGHT_NO,
      ...[0.48, 0.47, 0.46, 0.45, 0.44, 0.43, 0.42].map(
        (price, rung) => `exit/no/${rung} kalshi reduces, sells no @ ${price}: 0`,
      ),
    ],
    positions: ['kalshi no 10'],
    left: ['freeze residual'],
  },
} as const satisfies Record<string, TradeEnd>;

export type EndName = keyof typeof ends;

/**
 * A lost order is unknown for so long that its pair is frozen, and whether the freeze has been heard
 * to be over when the trade gets out is nobody's to say: so that buying is no choice either way.
 */
const LOST = { validMs: LOST_AFTER_MS, isDearAfterwards: true } as const;

/** The worlds that trades are played in, and how each ends where nobody dies. */
export const scenarios = {
  'both legs fill': { end: 'matched' },
  'neither leg arrives': {
    lost: ['entry/yes', 'entry/no'],
    validMs: LOST_AFTER_MS,
    end: 'neither leg arrived',
  },
  'only NO arrives': { ...LOST, lost: ['entry/yes'], end: 'NO sold' },
  'only YES arrives': { ...LOST, lost: ['entry/no'], end: 'YES sold' },
  'the answer to YES is held back': {
    faults: { 'entry/yes': ['timeout_after_acceptance'] },
    end: 'matched',
  },
  'YES is taken, not answered and filled late': {
    faults: { 'entry/yes': ['timeout_after_acceptance', 'late_fill'] },
    end: 'matched',
  },
  'nothing is left of YES': {
    faults: { 'entry/yes': ['pulled_liquidity'] },
    end: 'NO sold',
  },
  'nothing is left of YES, and nobody buys NO': {
    faults: { 'entry/yes': ['pulled_liquidity'] },
    kalshi: { bids: '50 @ 0.52', asks: '' },
    end: 'NO kept',
  },
  'an operator freezes the pair of two filled legs': {
    faults: { 'entry/yes': ['timeout_after_acceptance'] },
    isFrozenMeanwhile: true,
    end: 'matched, its pair frozen by hand',
  },
} as const satisfies Record<string, Scenario>;

export const ownEnds = (name: ScenarioName): readonly EndName[] => [scenarios[name].end];

export type ScenarioName = keyof typeof scenarios;
export const scenarioNames = Object.keys(scenarios) as ScenarioName[]; // its own keys

/** What has to be the same whoever was killed: the orders, the fills, the positions, the money. */
export interface TradeEnd {
  readonly result: string;
  /** Every order that a venue took in, with what it filled. */
  readonly orders: readonly string[];
  readonly positions: readonly string[];
  /** What may not be left: reservations, unresolved orders; freezes and breaks that have a reason. */
  readonly left: readonly string[];
}

export interface Play {
  readonly name: ScenarioName;
  readonly pairId: string;
  /** How long the intent may wait, where that is not as the scenario has it. */
  readonly validMs?: number;
  /** Happens once both legs are at their venues, while the trade is open. */
  readonly meanwhile?: (ids: Ids) => Promise<void>;
  /** Happens once one leg is at its venue. */
  readonly whenSent?: () => Promise<void>;
  /** Called before each try, with its workflow and what became of the last one. */
  readonly before?: (workflowId: string, failed?: string) => void;
  /** That no leg arrives is an end of this trade; else a busy machine was too late, and it is tried again. */
  readonly mayMiss?: boolean;
  /** A shot that a busy machine's late word stopped at the gate is made again, unless this says no. */
  readonly mayShootAgain?: () => boolean;
}

/** As a strategy does: until nobody has swept the account, or no book is there, the desk says no. */
const TRY_AGAIN_MS_MAX = 40_000;

/** Prepares the world and trades to the end. Returns the intent that was traded. */
export async function playOut(desk: CrashDesk, play: Play): Promise<Played> {
  const { name, pairId, before } = play;
  const scenario: Scenario = { validMs: play.validMs ?? VALID_MS, ...scenarios[name] };
  const untilMs = Date.now() + TRY_AGAIN_MS_MAX;
  const failed: string[] = [];
  const tried: string[] = [];
  for (let attempt = 1; ; attempt += 1) {
    const intentId = `${pairId}.${attempt}`;
    prepare(desk, scenario, { intentId, pairId });
    before?.(arbitrageWorkflowId(intentId), failed.at(-1));
    const traded = await trade(desk, { ...play, scenario }, { intentId, pairId });
    tried.push(traded.workflowId);
    const played = { ...traded, tried, failed: [...failed] };
    failed.push(traded.result.denial?.code ?? traded.result.kind);
    if (Date.now() > untilMs || !(await isTriedAgain(desk, play, played))) return played;
    await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
  }
}

/** What came to nothing has left nothing behind, and is tried again whoever died meanwhile. */
async function isTriedAgain(
  desk: CrashDesk,
  {
    name,
    mayShootAgain = () => true,
    mayMiss = scenarios[name].end === 'neither leg arrived',
  }: Play,
  played: Played,
): Promise<boolean> {
  const { denial, kind } = played.result;
  if (denial?.code === 'NOT_DISPATCHED') return mayShootAgain();
  if (!denial && (kind !== 'missed' || mayMiss)) return false;
  await soon(async () => expect((await endOf(desk, played)).left).toEqual([]));
  return true;
}

/** A book or a word about freezes that a busy machine was late with is there by then. */
const AGAIN_AFTER_MS = 100;

export interface Ids {
  readonly intentId: string;
  readonly pairId: string;
}

export interface Played extends Ids {
  readonly workflowId: string;
  readonly result: TradeResult;
  /** Every try of it, the last one included. */
  readonly tried: readonly string[];
  /** By which rules the desk said no before it was traded, and what else came to nothing. */
  readonly failed: readonly string[];
}

function prepare(desk: CrashDesk, scenario: Scenario, { intentId, pairId }: Ids): void {
  for (const [what, kinds] of Object.entries(scenario.faults ?? {})) {
    desk.fault({ intentId, what, kinds });
  }
  for (const what of scenario.lost ?? []) desk.lose(intentId, what);
  if (scenario.kalshi) desk.pairs.show(desk.pairs.pair(pairId).kalshi, scenario.kalshi);
}

async function trade(
  desk: CrashDesk,
  {
    scenario,
    meanwhile,
    whenSent,
  }: Pick<Play, 'meanwhile' | 'whenSent'> & { readonly scenario: Scenario },
  { intentId, pairId }: Ids,
): Promise<Omit<Played, 'failed' | 'tried'>> {
  const { validMs = VALID_MS, isFrozenMeanwhile, isDearAfterwards } = scenario;
  const intent = intentOf(intentId, pairId, { notAfterMs: Date.now() + validMs });
  const { verdict } = await desk.client.arbitrage(intent);
  const areSent = async (count: number) =>
    verdict.kind === 'approved' && (await hasSent(desk, intentId, count));
  if (isDearAfterwards && (await areSent(1))) makeDear(desk, pairId);
  if (whenSent && (await areSent(1))) await whenSent();
  const isSent = await areSent(2);
  if (isSent && isFrozenMeanwhile) await freezePair(desk, pairId);
  if (isSent) await meanwhile?.({ intentId, pairId });
  const result = await resultOf(desk, intentId);
  return { intentId, pairId, workflowId: arbitrageWorkflowId(intentId), result };
}

/** Asked again where the server went away meanwhile. */
async function resultOf({ client }: CrashDesk, intentId: string): Promise<TradeResult> {
  for (;;) {
    try {
      const result = await endOfTrade(client.trade(intentId));
      if (result.kind === 'cancelled') throw new Error(`${intentId} was cancelled by nobody`);
      return result;
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
    }
  }
}

/** What is bid stays; asked is what no trade would pay. */
export function makeDear({ pairs }: CrashDesk, pairId: string): void {
  const { kalshi, polymarket } = pairs.pair(pairId);
  pairs.show(kalshi, { bids: '50 @ 0.10', asks: '50 @ 0.54' });
  pairs.show(polymarket, { bids: '50 @ 0.38', asks: '50 @ 0.90' });
}

/** Waits until so many orders are at their venues; `false`: the trade has ended without. */
async function hasSent(desk: CrashDesk, intentId: string, count: number): Promise<boolean> {
  let hasEnded = false;
  while (atVenues(desk, intentId).length < count && !hasEnded) {
    hasEnded = (await resultInBooks(desk, intentId)) !== undefined;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
  return !hasEnded;
}

const LOOK_AGAIN_MS = 10;

/** The end of a trade by the venues' own ledgers and our books; what is still on its way comes soon. */
export async function endOf(desk: CrashDesk, played: Played): Promise<TradeEnd> {
  return {
    result: describeEnd(played.result),
    orders: atVenues(desk, played.intentId),
    positions: await heldOf(desk, played.pairId),
    left: await leftOf(desk, played),
  };
}

/** What the account holds of both markets of a pair, by our books. */
export async function heldOf({ db, pairs }: CrashDesk, pairId: string): Promise<readonly string[]> {
  const { kalshi, polymarket } = pairs.pair(pairId);
  const held = (await positions(db, ACCOUNT)).filter(({ instrument: { market } }) =>
    [kalshi.market, polymarket.market].includes(market),
  );
  return held
    .map(({ instrument: { venue, outcome }, quantity }) =>
      [venue, outcome, formatAmount(quantity)].join(' '),
    )
    .toSorted();
}

/** The money of a trade says what was paid to whom; how long it took is the crash's own business. */
export function describeEnd(result: TradeResult): string {
  const { kind, contracts, net, fees, exitCost, residual, denial } = result;
  const money = `net ${formatAmount(net)}, fees ${formatAmount(fees)}`;
  const cost = `exits cost ${formatAmount(exitCost)}`;
  const rest = residual ? `, left ${residual.leg} ${formatAmount(residual.quantity)}` : '';
  const why = denial ? `, ${denial.code}` : '';
  return `${kind} ${formatAmount(contracts)}: ${money}, ${cost}${rest}${why}`;
}

/** What nobody may leave behind of this workflow and on its pair. */
export async function leftOf(
  { db }: CrashDesk,
  { workflowId, pairId }: Pick<Played, 'workflowId' | 'pairId'>,
): Promise<readonly string[]> {
  const reservation = await reservationOf(db, workflowId);
  const open = (await openOrders(db, ACCOUNT)).filter(
    ({ order }) => order.workflowId === workflowId,
  );
  const holds = await liveHolds(db, Date.now(), pairId);
  const { freezes } = await readControl(db);
  const breaks = (await openBreaks(db)).filter((one) => JSON.stringify(one).includes(workflowId));
  return [
    ...(reservation ? ['reservation'] : []),
    ...open.map(({ status }) => `order ${status}`),
    ...holds.flatMap(({ untilMs }) => (untilMs === null ? ['hold without end'] : [])),
    ...freezes.flatMap(({ scope, cause, why }) =>
      scope.kind === 'pair' && scope.key === pairId ? [freezeText(cause, why)] : [],
    ),
    ...breaks.map(({ kind }) => `break ${kind}`),
  ];
}

/** One that no scenario has a reason for says its own. */
const freezeText = (cause: string, why: string): string =>
  ['manual', 'residual'].includes(cause) ? `freeze ${cause}` : `freeze ${cause}: ${why}`;

async function freezePair({ db }: CrashDesk, pairId: string): Promise<void> {
  await insertFreeze(db, {
    freezeId: `meanwhile/${pairId}`,
    scope: { kind: 'pair', key: pairId },
    cause: 'manual',
    why: 'an operator wants to look',
    by: 'operator',
    action: 'leave',
    atMs: Date.now(),
  });
}
