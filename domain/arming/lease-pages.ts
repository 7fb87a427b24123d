import type { Instrument, VenueName } from '../instrument.js';

/** An order that a venue shows in a market of a lease, and that no row of ours explains. */
export interface StrayOrder {
  readonly venueOrderId: string;
  readonly instrument: Instrument;
  /** It can still trade; else it has. */
  readonly isOpen: boolean;
}

/** What one venue shows of the markets of a lease since its grant. */
export interface PagesOfVenue {
  readonly venue: VenueName;
  /** The grant, and as much before it as the clock of a venue may be off. */
  readonly fromMs: number;
  readonly strays: readonly StrayOrder[];
  /** Orders of nobody that an operator has looked at: their breaks are closed. */
  readonly resolved: number;
}

/**
 * One reading of the pages of each venue that a lease may have been spent at. Its times are Postgres',
 * which has granted the lease and knows when it expired.
 */
export type PagesRead =
  | {
      readonly kind: 'pages_read';
      /** When it began: what it did not show may have arrived since. */
      readonly askedAtMs: number;
      /** Nothing was spent of the lease from then on. */
      readonly notAfterMs: number;
      readonly latenessMs: number;
      readonly venues: readonly PagesOfVenue[];
    }
  /** One reading is of all venues or of none. */
  | { readonly kind: 'unavailable'; readonly venue: VenueName; readonly code: string };

/** What closes a lease whose journal cannot be read: nothing of it has ever arrived at a venue. */
export interface VenuePages {
  readonly kind: 'venue_pages';
  /** How late an order of it could still arrive, as the desk's terms have it. */
  readonly latenessMs: number;
  /** How often all of its venues have shown their pages, also when an order could still arrive. */
  readonly asked: number;
  /** When the readings began that count, oldest first: past the expiry and the lateness. */
  readonly missedAtMs: readonly number[];
  readonly venues: readonly {
    readonly venue: VenueName;
    readonly fromMs: number;
    /** When the last reading began. */
    readonly untilMs: number;
    /** Orders of nobody that an operator has looked at; the audit has who and why. */
    readonly ordersResolved?: number;
  }[];
}
