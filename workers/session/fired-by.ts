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
 * A pair in four is on request, two at ticks, and what is not lent goes through the workflow: of so many
 * trades each door has several. In a shorter session a door may have had no turn yet.
 */
const FIRED_FOR_EVERY_DOOR = 60;

/** The doors by which nothing was fired where they had their turn: whatever they prove is not shown. */
export function idleDoors(
  doors: Readonly<Record<Door, number>>,
  trades: { readonly fired: number },
): readonly string[] {
  if (trades.fired < FIRED_FOR_EVERY_DOOR) return [];
  return Object.entries(doors).flatMap(([door, fired]) => (fired === 0 ? [door] : []));
}

/** Something of it may have: an entry is denied only where it is certain that nothing has. */
const hasLeft = ({ entries }: TradeRows): boolean =>
  entries.some(({ stored }) => stored.status !== 'denied');

/** A shot from a lease came before its trade; any other was fired for a trade that had reserved. */
function doorOf({ intent: { intent }, shot }: TradeRows): Door {
  if (!shot?.isFromLease) return 'workflow';
  return intent.door === 'fire_first' ? 'fire_first' : 'armed';
}
