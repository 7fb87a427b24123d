import type { ChildOrder } from './child-order.js';
import type { VenueOrder } from './venue.js';

/** How far a venue's clock may be behind ours. */
const CLOCK_SKEW_MS = 60_000;

/** An order of ours as it was recorded; `venueOrderId` once it is known. */
export interface RecordedOrder {
  readonly order: ChildOrder;
  readonly venueOrderId?: string;
}

/**
 * Whether what a venue shows under one of our ids is the order that we recorded (DESIGN §9: found,
 * compared, adopted). What the venue does not say is not the same.
 *
 * 1. Where ours has the venue's id already, theirs has that one.
 * 2. Polymarket's id is the hash of everything that was signed, the time included: it is enough.
 * 3. Elsewhere an id is only a name: instrument, side, limit and quantity are compared as well.
 * 4. So is the time: an order from before ours was made, or from after the last moment at which ours
 *    could arrive (`latenessMs` past its `notAfterMs`), is another that took the name.
 */
export function isSameOrder(ours: RecordedOrder, theirs: VenueOrder, latenessMs: number): boolean {
  const { order, venueOrderId } = ours;
  if (order.instrument.venue === 'polymarket') return theirs.venueOrderId === venueOrderId;
  return (
    isSameName(ours, theirs) &&
    isSameInstrument(order, theirs) &&
    theirs.side === order.side &&
    theirs.limitPrice === order.limitPrice &&
    isSameQuantity(order, theirs) &&
    isOfItsTime(order, theirs, latenessMs)
  );
}

/**
 * Whether a message of a stream can be about our order. A stream may leave the quantity unsaid and
 * state a sale as the purchase that it equals, so name, market and time are all that is compared: what
 * is not even so much is none of ours.
 */
export function isNamesake(ours: RecordedOrder, theirs: VenueOrder): boolean {
  const { order } = ours;
  const { instrument } = theirs;
  const isSameMarket =
    instrument.venue === order.instrument.venue && instrument.market === order.instrument.market;
  if (!isSameMarket) return false;
  if (instrument.venue === 'polymarket') return theirs.venueOrderId === ours.venueOrderId;
  return isSameName(ours, theirs) && theirs.createdAtMs >= order.createdAtMs - CLOCK_SKEW_MS;
}

function isSameName({ order, venueOrderId }: RecordedOrder, theirs: VenueOrder): boolean {
  const { clientOrderId } = order;
  if (venueOrderId === undefined) return theirs.clientOrderId === clientOrderId;
  const named = theirs.clientOrderId ?? clientOrderId;
  return theirs.venueOrderId === venueOrderId && named === clientOrderId;
}

const isSameInstrument = ({ instrument: ours }: ChildOrder, { instrument }: VenueOrder): boolean =>
  instrument.venue === ours.venue &&
  instrument.market === ours.market &&
  instrument.outcome === ours.outcome;

/** A reduce-only order is cut by the venue to the position that it found. */
function isSameQuantity({ fixed, isReduceOnly }: ChildOrder, { quantity }: VenueOrder): boolean {
  if (quantity === undefined || fixed.kind !== 'contracts') return false;
  return isReduceOnly ? quantity > 0n && quantity <= fixed.contracts : quantity === fixed.contracts;
}

function isOfItsTime(order: ChildOrder, { createdAtMs }: VenueOrder, latenessMs: number): boolean {
  const earliestMs = order.createdAtMs - CLOCK_SKEW_MS;
  const latestMs = order.notAfterMs + latenessMs;
  return createdAtMs >= earliestMs && createdAtMs <= latestMs;
}
