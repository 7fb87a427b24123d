import {
  type CaseOf,
  type CustodyLook,
  clientOrderIdOf,
  excessOfRows,
  formatAmount,
  greatest,
  type Instrument,
  instrumentKey,
  isTerminal,
  type Ladder,
  least,
  opposite,
  type Pair,
  type PositionExit,
  purposeLine,
  type Quantity,
  subtract,
  ZERO_QUANTITY,
} from '../../domain/index.js';
import {
  claimExit,
  inOneMoment,
  ordersOf,
  type StoredOrder,
  tombstonesOf,
  unmatchedAmong,
  unownedContracts,
  unownedRows,
} from '../../store/index.js';
import { marketOf, type TradingDesk } from '../trading-desk.js';
import type { AttendRequest } from './custody-activities.js';

/**
 * What is to be done with contracts that nobody answers for, as they stand now.
 *
 * 1. None left: the case is over, whoever sold them.
 * 2. `keep`: they are watched. So are contracts of a market that is in no pair.
 * 3. Else one order after the other; one of an earlier run that is not resolved comes first.
 * 4. `hedge` buys what the other leg lacks, once: contracts whose other leg is there are watched.
 */
export async function attendPosition(
  desk: TradingDesk,
  { custodyId, place }: AttendRequest,
  found: CaseOf<'position'>,
): Promise<CustodyLook> {
  const { instrument } = found;
  const quantity = await unownedNow(desk, place.account, instrument);
  const sent = await ordersOf(desk.db, custodyId);
  const open = sent.find(({ status }) => !isTerminal(status));
  if (quantity === 0n && !open) return { kind: 'over', text: 'nothing of it is left' };

  const { policy } = desk.custody;
  const text = `${formatAmount(quantity)} ${instrumentKey(instrument)}, policy ${policy}`;
  if (policy === 'keep') return { kind: 'watched', text };
  if (!pairWith(desk, instrument)) return { kind: 'watched', text: `${text}: in no pair` };
  const left = await unhedgedNow(desk, { ...place, policy });
  if (left === 0n && !open) return { kind: 'watched', text: `${text}: both legs are held` };
  const exiting = await exitOf(desk, { custodyId, ...place, found, quantity: left, policy, sent });
  const openOrderId = open && { openOrderId: open.order.clientOrderId };
  return { kind: 'exit', text, exiting: { ...exiting, ...openOrderId } };
}

/** Contracts of an instrument that neither open trades nor held pairs explain, as booked now. */
async function unownedNow(
  desk: TradingDesk,
  account: string,
  instrument: Instrument,
): Promise<Quantity> {
  return inOneMoment(desk.db, (tx) => unownedContracts(tx, { account, instrument }));
}

/**
 * What a policy may still trade of contracts that nobody answers for. A hedge leaves them where
 * they are, so what it has bought beside them counts against them, or it would buy without end.
 * Both legs are of one moment: what takes them in, or lets them go, does so at once.
 */
export async function unhedgedNow(
  desk: TradingDesk,
  { account, instrument, policy }: ToTrade,
): Promise<Quantity> {
  const pair = pairWith(desk, instrument);
  return inOneMoment(desk.db, async (tx) => {
    const quantity = await unownedContracts(tx, { account, instrument });
    if (policy !== 'hedge' || !pair) return quantity;
    const beside = { account, instrument: otherLeg(pair, instrument) };
    const other = await unownedContracts(tx, beside);
    return greatest(subtract(quantity, other), ZERO_QUANTITY);
  });
}

interface ToTrade {
  readonly account: string;
  readonly instrument: Instrument;
  readonly policy: PositionExit['policy'];
}

/** The other outcome on the pair's other venue. */
export function otherLeg(pair: Pair, { venue, outcome }: Instrument): Instrument {
  const other = venue === 'kalshi' ? 'polymarket' : 'kalshi';
  return { venue: other, market: pair[other].market, outcome: opposite(outcome) };
}

/** The pair that an instrument's market is one side of. */
export function pairWith(desk: TradingDesk, instrument: Instrument): Pair | undefined {
  return desk.pairs().find((pair) => marketOf(pair, instrument) !== undefined);
}

interface ToExit {
  readonly custodyId: string;
  readonly account: string;
  readonly found: CaseOf<'position'>;
  readonly quantity: Quantity;
  readonly policy: PositionExit['policy'];
  readonly sent: readonly StoredOrder[];
}

async function exitOf(desk: TradingDesk, toExit: ToExit): Promise<PositionExit> {
  const { custodyId, account, found, quantity, policy, sent } = toExit;
  const { key, instrument } = found;
  const { terms } = desk;
  const rows = await unownedRows(desk.db, { account, instrument });
  const { settleDelayMs } = terms.exit;
  const leg = instrument.outcome;
  const excess = excessOfRows({ rows, leg, instrument, quantity, settleDelayMs });
  const ownership = await claimExit(desk.db, { key, holder: custodyId });
  const ids = sent.map(({ order }) => order.clientOrderId);
  const ladder = ladderOf(leg, sent, await unmatchedAmong(desk.db, ids));
  const tombstones = await tombstonesOf(desk.db, custodyId);
  const rung = freeRung(custodyId, ladder, tombstones);
  return { policy, ownership, excess, ladder: { ...ladder, rung }, terms };
}

/** A worker that died before it recorded a rung has left its name forbidden: nobody can send it. */
function freeRung(custodyId: string, ladder: Ladder, tombstones: ReadonlySet<string>): number {
  const { leg, rung, attempt } = ladder;
  const line = purposeLine({ kind: 'exit', leg, rung, attempt });
  if (!tombstones.has(clientOrderIdOf(custodyId, line, attempt))) return rung;
  return freeRung(custodyId, { ...ladder, rung: rung + 1 }, tombstones);
}

/**
 * Rungs go on counting over every run of this custody; what was accepted is not tried above again.
 * Nothing to trade with is Polymarket's refusal and Kalshi's cancel, and leaves quantity on both.
 */
function ladderOf(
  leg: Instrument['outcome'],
  sent: readonly StoredOrder[],
  unmatched: ReadonlySet<string>,
) {
  const rungs = sent.map(({ order: { purpose } }) => (purpose.kind === 'exit' ? purpose.rung : 0));
  const left = sent.filter(({ order, status }) => {
    const hasLeft = status === 'canceled' || unmatched.has(order.clientOrderId);
    return order.side === 'sell' && hasLeft;
  });
  const [first, ...others] = left.map(({ order }) => order.limitPrice);
  const price = first === undefined ? {} : { price: others.reduce(least, first) };
  return { leg, rung: Math.max(-1, ...rungs) + 1, attempt: 0, notBeforeMs: 0, ...price };
}
