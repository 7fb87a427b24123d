import { type Fill, isTradeRow, type VenueEntry } from '../domain/index.js';
import { entryKey, reversedFill } from './entry-rows.js';

/** What has to be written so that everything that was told is booked. */
export interface BookingPlan {
  readonly fresh: readonly VenueEntry[];
  readonly final: readonly Fill[];
  readonly contradictions: readonly Contradiction[];
}

/** A venue has told the same entry in two ways. */
export interface Contradiction {
  readonly kind: 'entry_differs' | 'final_after_reversal';
  readonly entry: VenueEntry;
  readonly booked: VenueEntry;
}

/** Compares what is told with what is booked, entry by entry in the order told. Pure. */
export function planBooking(
  told: readonly VenueEntry[],
  booked: readonly VenueEntry[],
): BookingPlan {
  const known = new Map(booked.map((entry) => [entryKey(entry), entry]));
  const fresh = new Map<string, VenueEntry>();
  const final = new Map<string, Fill>();
  const contradictions: Contradiction[] = [];

  for (const entry of told.flatMap((entry) => withReversedFill(entry))) {
    const key = entryKey(entry);
    const before = known.get(key);
    if (before === undefined) {
      known.set(key, entry);
      fresh.set(key, entry);
    } else if (!hasSameAmounts(before, entry)) {
      contradictions.push({ kind: 'entry_differs', entry, booked: before });
    } else if (entry.kind === 'fill' && isNewlyFinal(before, entry)) {
      const reversal = known.get(entryKey({ ...entry, kind: 'reversal' }));
      if (reversal) {
        contradictions.push({ kind: 'final_after_reversal', entry, booked: reversal });
        continue;
      }
      known.set(key, entry);
      // One that is new and final in the same page is booked as final at once.
      if (fresh.has(key)) fresh.set(key, entry);
      else final.set(key, entry);
    }
  }
  return { fresh: [...fresh.values()], final: [...final.values()], contradictions };
}

/** The fill first: a position never goes below what the venue says for the length of a page. */
export function withReversedFill(entry: VenueEntry): readonly VenueEntry[] {
  return entry.kind === 'reversal' ? [reversedFill(entry), entry] : [entry];
}

function isNewlyFinal(before: VenueEntry, told: Fill): boolean {
  return told.finality === 'final' && before.kind === 'fill' && before.finality === 'provisional';
}

/** Times may differ between a stream and a page; what moved may not. */
function hasSameAmounts(one: VenueEntry, other: VenueEntry): boolean {
  const isSame =
    one.instrument.market === other.instrument.market &&
    one.instrument.outcome === other.instrument.outcome &&
    one.quantity === other.quantity &&
    one.price === other.price &&
    one.cash === other.cash;
  if (!isTradeRow(one) || !isTradeRow(other)) return isSame;
  return isSame && one.side === other.side && one.fee === other.fee;
}
