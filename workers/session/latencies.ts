import { type ChildOrderStatus, isTerminal } from '../../domain/index.js';
import type { OrderEvent } from '../../store/index.js';
import { type Percentiles, percentiles } from './percentiles.js';
import type { SessionRows, TradeRows } from './session-rows.js';

/** How long a trade's steps took, milliseconds, of the trades that were fired. */
export interface Latencies {
  /** From handing an intent over to its verdict, as its strategy measured it. */
  readonly verdict: Percentiles;
  /** From the admission until both legs were known: answered, or the doubt ended by evidence. */
  readonly legsKnown: Percentiles;
  /** From the intent's arrival to the end of the trade, settlement included. */
  readonly trade: Percentiles;
}

export function latencies(rows: SessionRows): Latencies {
  const fired = rows.trades.filter(({ isFired }) => isFired);
  return {
    verdict: percentiles(rows.verdictsMs),
    legsKnown: percentiles(fired.map(legsKnownAfterMs).filter((ms) => ms !== undefined)),
    trade: percentiles(fired.map(tradeMs).filter((ms) => ms !== undefined)),
  };
}

function tradeMs({ intent }: TradeRows): number | undefined {
  if (intent.closedAtMs === undefined) return undefined;
  return intent.closedAtMs - intent.receivedAtMs;
}

function legsKnownAfterMs({ intent, entries }: TradeRows): number | undefined {
  const since = intent.admission?.atMs;
  const known = entries.map(({ events }) => events.find(isKnown)?.atMs);
  if (since === undefined || known.length === 0) return undefined;
  const last = known.reduce((latest, atMs) => laterOf(latest, atMs));
  return last === undefined ? undefined : Math.max(0, last - since);
}

/** `undefined`, not yet known, is later than everything. */
const laterOf = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? undefined : Math.max(a, b);

const isKnown = ({ status }: OrderEvent): boolean => isTerminal(status) || isWorking(status);
const isWorking = (status: ChildOrderStatus): boolean => status === 'working';
