import { expect } from 'vitest';
import { formatAmount, type TradeResult } from '../../domain/index.js';
import {
  liveHolds,
  openBreaks,
  openOrders,
  readControl,
  reservationOf,
  storyOf,
} from '../../store/index.js';
import type { TestDesk } from './desk.js';
import { atVenues, BOOKS_AGREE, checkedBooks, inTime } from './desk-ends.js';
import { ACCOUNT } from './desk-venues.js';

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

/** What has to be the same whoever was killed: the orders, the fills, the positions, the money. */
export interface TradeEnd {
  readonly result: string;
  /** Every order that a venue took in, with what it filled. */
  readonly orders: readonly string[];
  readonly positions: readonly string[];
  /** What may not be left: reservations, unresolved orders; freezes and breaks that have a reason. */
  readonly left: readonly string[];
}

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
  /** Its own order never arrived in its time. */
  'YES bought by an exit': {
    result: `exited 10: ${HEDGED}`,
    orders: [BOUGHT_NO, 'exit/no/0 polymarket buys yes @ 0.4: 10 CONFIRMED'],
    positions: BOTH_HELD,
    left: [],
  },
  'matched, its pair frozen by hand': {
    result: `matched 10: ${HEDGED}`,
    orders: [BOUGHT_NO, BOUGHT_YES],
    positions: BOTH_HELD,
    left: ['freeze manual'],
  },
  /** The venue has the last word: its fills count, and somebody has to look. */
  'matched, an operator overruled': {
    result: `matched 10: ${HEDGED}`,
    orders: [BOUGHT_NO, BOUGHT_YES],
    positions: BOTH_HELD,
    left: ['freeze reconciliation_break: operator_overruled', 'break operator_overruled'],
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
  /** Of a pair whose NO is Polymarket's. */
  'NO of Polymarket sold': {
    ...{ result: 'exited 0: net -0.3992, fees 0.1992, exits cost 0.3992', positions: [], left: [] },
    orders: [
      'entry/no polymarket buys no @ 0.48: 10 CONFIRMED',
      'exit/no/0 polymarket sells no @ 0.46: 10 CONFIRMED',
    ],
  },
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
 * Waits until the trade has one of these ends: its orders, fills, positions and money, nothing left
 * over but what the end says, and the venues' own ledgers agreeing with our books.
 */
export async function endsAs(
  desk: TestDesk,
  played: Played,
  names: readonly EndName[],
): Promise<EndName> {
  const look = async (): Promise<EndName> => {
    const end = await endOf(desk, played);
    const found = names.find((name) => text(end) === text(ends[name]));
    if (found === undefined) {
      const story = await storyOf(desk.db, played.workflowId);
      const told = story.map(({ atMs, text: line }) => `\n  ${atMs} ${line}`).join('');
      throw new Error(`${differences(end, played, names)}${told}`);
    }
    expect(await checkedBooks(desk)).toEqual(BOOKS_AGREE);
    return found;
  };
  return inTime(look);
}

/** The end of a trade by the venues' own ledgers and our books; what is still on its way comes soon. */
export async function endOf(desk: TestDesk, played: Played): Promise<TradeEnd> {
  return {
    result: describeEnd(played.result),
    orders: atVenues(desk, played.intentId),
    positions: heldAtVenues(desk, played.pairId),
    left: await leftOf(desk, played),
  };
}

/** What the account holds of both markets of a pair, by the venues themselves. */
export function heldAtVenues({ venues, pairs }: TestDesk, pairId: string): readonly string[] {
  const pair = pairs.pair(pairId);
  return (['kalshi', 'polymarket'] as const).flatMap((venue) =>
    venues[venue].exchange
      .positions(ACCOUNT)
      .filter(({ market }) => market === pair[venue].market)
      .map(({ outcome, quantity }) => [venue, outcome, formatAmount(quantity)].join(' ')),
  );
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
  { db }: TestDesk,
  { workflowId, pairId }: Pick<Played, 'workflowId' | 'pairId'>,
): Promise<readonly string[]> {
  const reservation = await reservationOf(db, workflowId);
  const open = (await openOrders(db, ACCOUNT)).filter(
    ({ order }) => order.workflowId === workflowId,
  );
  const holds = await liveHolds(db, Date.now(), pairId);
  const { freezes } = await readControl(db);
  // What custody finds is named by an order or an instrument: only its pair says whose it is.
  const breaks = (await openBreaks(db)).filter(
    (one) => one.pairId === pairId || JSON.stringify(one).includes(workflowId),
  );
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
  OF_SCENARIO.includes(cause) ? `freeze ${cause}` : `freeze ${cause}: ${why.replace(A_TRADES, '')}`;

const OF_SCENARIO = ['manual', 'residual'];
/** Whose break it is differs from trade to trade. */
const A_TRADES = /: arbitrage\/.*$/;

const text = ({ result, orders, positions, left }: TradeEnd): string =>
  JSON.stringify({ result, orders, positions, left });

function differences(end: TradeEnd, played: Played, names: readonly EndName[]): string {
  const wanted = names.map((name) => `${name}: ${text(ends[name])}`).join(' or ');
  const before = played.failed.length > 0 ? `, after it failed: ${played.failed.join()}` : '';
  return `${played.workflowId} ends as ${text(end)} and not as ${wanted}${before}`;
}
