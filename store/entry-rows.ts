import type { Insertable, Selectable } from 'kysely';
import {
  assert,
  type Fill,
  formatAmount,
  money,
  negate,
  price,
  quantity,
  type TradeRow,
  type VenueEntry,
  ZERO_MONEY,
} from '../domain/index.js';
import type { Row } from './columns.js';
import { at, ms } from './sql-values.js';
import type { tables } from './tables.js';

type Columns = Row<(typeof tables)['venue_entries']>;
export type EntryRow = Selectable<Columns>;
export type NewEntryRow = Insertable<Columns>;

/** What makes an entry the same one, however often a venue tells it. */
export function entryKey(entry: VenueEntry): string {
  const { venue } = entry.instrument;
  return JSON.stringify([venue, entry.account, sourceOf(entry), executionOf(entry), entry.kind]);
}

/** The venue's order id or, for a settlement, its reference. */
export const sourceOf = (entry: VenueEntry): string =>
  entry.kind === 'settlement' ? entry.reference : entry.venueOrderId;

/** One reference may pay both outcomes of several markets: each is a row of its own. */
const executionOf = (entry: VenueEntry): string =>
  entry.kind === 'settlement'
    ? `${entry.instrument.market}/${entry.instrument.outcome}`
    : entry.executionId;

/** A settlement takes contracts away, as a sale does, and is final by nature. */
export function entryColumns(entry: VenueEntry): NewEntryRow {
  const isTrade = entry.kind !== 'settlement';
  return {
    venue: entry.instrument.venue,
    account: entry.account,
    source: sourceOf(entry),
    execution_id: executionOf(entry),
    kind: entry.kind,
    market: entry.instrument.market,
    outcome: entry.instrument.outcome,
    side: isTrade ? entry.side : 'sell',
    quantity: formatAmount(entry.quantity),
    price: formatAmount(entry.price),
    fee: formatAmount(isTrade ? entry.fee : ZERO_MONEY),
    cash: formatAmount(entry.cash),
    finality: entry.kind === 'fill' ? entry.finality : 'final',
    at: at(entry.atMs),
  };
}

export function entryFrom(row: EntryRow): VenueEntry {
  const { venue, market, outcome } = row;
  const common = {
    account: row.account,
    instrument: { venue, market, outcome },
    cash: money(row.cash),
    atMs: ms(row.at),
    quantity: quantity(row.quantity),
    price: price(row.price),
  };
  if (row.kind === 'settlement') return { ...common, kind: row.kind, reference: row.source };
  const trade = {
    ...common,
    venueOrderId: row.source,
    executionId: row.execution_id,
    ...(row.client_order_id !== null && { clientOrderId: row.client_order_id }),
    side: row.side,
    fee: money(row.fee),
  };
  if (row.kind === 'reversal') return { ...trade, kind: row.kind };
  return { ...trade, kind: row.kind, finality: row.finality };
}

export function tradeRowFrom(row: EntryRow): TradeRow {
  const entry = entryFrom(row);
  assert(entry.kind !== 'settlement', 'a settlement belongs to no order');
  return entry;
}

/**
 * The fill that a reversal undoes. A venue that says "this trade failed" has said that there was one,
 * also when we missed its first word.
 */
export function reversedFill(reversal: Extract<VenueEntry, { kind: 'reversal' }>): Fill {
  return {
    ...reversal,
    kind: 'fill',
    cash: negate(reversal.cash),
    finality: 'provisional',
  };
}
