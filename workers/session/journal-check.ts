import { type ChildOrder, isTerminal, type VenueName, venueNames } from '../../domain/index.js';
import { clientKeyOf, type LedgerRow } from '../../venues/simulation/index.js';
import type { SessionRows } from './session-rows.js';
import { isWritten } from './shot-times.js';

/** Nothing in it when the journals of the engines tell of every order that left one, and no other. */
export interface JournalFaults {
  /** Orders that a venue has and no slot tells of, each as `venue/order`. */
  readonly withoutSlot: readonly string[];
  /** Legs that were written and came to nothing that anybody knows, each as `venue/our id`. */
  readonly withoutEnd: readonly string[];
}

/**
 * 1. Every order that a venue took in has a slot that was told, but exits: trading workers send them.
 * 2. Every leg of which something was written is an order of its venue, or evidence has ended it.
 */
export function journalFaults(
  ledgers: Readonly<Record<VenueName, readonly LedgerRow[]>>,
  rows: SessionRows,
): JournalFaults {
  const legs = rows.shots.flatMap((shot) => shot.legs);
  const taken = venueNames.flatMap((venue) => ordersTaken(venue, ledgers[venue]));
  const takenKeys = new Set(taken.map(({ key }) => key));
  const told = new Set(legs.map(keyOf));
  const exits = new Set(
    rows.orders
      .map(({ stored }) => stored.order)
      .filter(isExit)
      .map(keyOf),
  );
  const ended = endedByEvidence(rows);
  return {
    withoutSlot: taken
      .filter(({ key }) => !told.has(key) && !exits.has(key))
      .map(({ name }) => name),
    withoutEnd: legs
      .filter((leg) => isWritten(leg) && !takenKeys.has(keyOf(leg)))
      .filter(({ clientOrderId }) => !ended.has(clientOrderId))
      .map(({ clientOrderId, instrument }) => `${instrument.venue}/${clientOrderId}`),
  };
}

type Named = Pick<ChildOrder, 'clientOrderId' | 'instrument'>;

/** An order as its venue knows it: by what it has of our name. */
const keyOf = (order: Named): string => `${order.instrument.venue}\n${clientKeyOf(order)}`;
const isExit = ({ purpose }: ChildOrder): boolean => purpose.kind === 'exit';

function ordersTaken(venue: VenueName, facts: readonly LedgerRow[]) {
  const orders = facts.flatMap((row) => (row.kind === 'order' ? [row.order] : []));
  return orders.map(({ clientKey, venueOrderId }) => ({
    ...{ key: `${venue}\n${clientKey}`, name: `${venue}/${venueOrderId}` },
  }));
}

/** Denied is no such end: it says that no byte has left. */
function endedByEvidence({ orders }: SessionRows): ReadonlySet<string> {
  const ended = orders.filter(
    ({ stored: { status } }) => isTerminal(status) && status !== 'denied',
  );
  return new Set(ended.map(({ stored }) => stored.order.clientOrderId));
}
