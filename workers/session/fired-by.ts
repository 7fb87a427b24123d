import type { Door } from '../../domain/index.js';
import type { TradeRows } from './session-rows.js';

/** What became of the trades whose orders were recorded for their shots. */
export interface FiredBy {
  /** By an engine: nobody else fires. */
  readonly engine: number;
  /** Given up (too late, frozen, no wire) while it was certain that no byte had left. */
  readonly nobody: number;
}

export function firedBy(trades: readonly TradeRows[]): FiredBy {
  const nobody = trades.filter((trade) => trade.isFired && !hasLeft(trade)).length;
  return { engine: trades.filter(hasLeft).length, nobody };
}

/** By which door each trade that was fired came to its shot: what is written down of it says so. */
export function doorsOfFired(trades: readonly TradeRows[]): Readonly<Record<Door, number>> {
  const doors = trades.filter(hasLeft).map(doorOf);
  const count = (door: Door): number => doors.filter((one) => one === door).length;
  return {
    workflow: count('workflow'),
    fire_first: count('fire_first'),
    armed: count('armed'),
  };
}

/**
 * What a session has to show of each door. A pair in four is on request, two at ticks, and what is not
 * lent goes through the workflow; but everything does until the first leases are granted, so that of 45
 * trades 4 were on request, and of 200 41. In a shorter session a door may have had no turn yet.
 */
const FIRED_FOR_EVERY_DOOR = 60;
/** Of 200 trades or more, each door has fired so many: fewer show no more than that it can be opened. */
const BY_EACH_DOOR = { fired: 20, of: 200 } as const;

/**
 * How many of so many each door has to have fired: none of fewer than 60, then one, and one more of every
 * seven until it is 20 of 200; no more after that.
 */
export function leastByEachDoor(fired: number): number {
  if (fired < FIRED_FOR_EVERY_DOOR) return 0;
  const span = BY_EACH_DOOR.of - FIRED_FOR_EVERY_DOOR;
  const share = Math.floor(((fired - FIRED_FOR_EVERY_DOOR) * BY_EACH_DOOR.fired) / span);
  return Math.min(Math.max(share, 1), BY_EACH_DOOR.fired);
}

/** The doors by which too little was fired where they had their turn: what they prove is not shown. */
export function idleDoors(
  doors: Readonly<Record<Door, number>>,
  trades: { readonly fired: number },
): readonly string[] {
  const least = leastByEachDoor(trades.fired);
  return Object.entries(doors).flatMap(([door, fired]) =>
    fired < least ? [`${door} ${fired} of ${least}`] : [],
  );
}

/** Something of it may have: an entry is denied only where it is certain that nothing has. */
const hasLeft = ({ entries }: TradeRows): boolean =>
  entries.some(({ stored }) => stored.status !== 'denied');

/** A shot from a lease came before its trade; any other was fired for a trade that had reserved. */
function doorOf({ intent: { intent }, shot }: TradeRows): Door {
  if (!shot?.isFromLease) return 'workflow';
  return intent.door === 'fire_first' ? 'fire_first' : 'armed';
}
