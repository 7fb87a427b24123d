import type { Insertable, Selectable } from 'kysely';
import {
  assert,
  type Fill,
  formatAmount,
  isTradeRow,
  money,
  negate,
  price,
  quantity,
  type Side,
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

/** The venue's order id or, of what has none, the venue's reference. */
export const sourceOf = (entry: VenueEntry): string =>
  isTradeRow(entry) ? entry.venueOrderId : entry.reference;

/** One reference may pay both outcomes of several markets: each is a row of its own. */
const executionOf = (entry: VenueEntry): string =>
  isTradeRow(entry) ? entry.executionId : `${entry.instrument.market}/${entry.instrument.outcome}`;

/** What has no order is final by nature: contracts come by a split and go, as by a sale, else. */
export function entryColumns(entry: VenueEntry): NewEntryRow {
  return {
    venue: entry.instrument.venue,
    account: entry.account,
    source: sourceOf(entry),
    execution_id: executionOf(entry),
    kind: entry.kind,
    market: entry.instrument.market,
    outcome: entry.instrument.outcome,
    side: sideOf(entry),
    quantity: formatAmount(entry.quantity),
    price: formatAmount(entry.price),
    fee: formatAmount(isTradeRow(entry) ? entry.fee : ZERO_MONEY),
    cash: formatAmount(entry.cash),
    finality: entry.kind === 'fill' ? entry.finality : 'final',
    at: at(entry.atMs),
  };
}

function sideOf(entry: VenueEntry): Side {
  if (isTradeRow(entry)) return entry.side;
  return entry.kind === 'split' ? 'buy' : 'sell';
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
  if (row.kind === 'settlement' || row.kind === 'merge' || row.kind === 'split') {
    return { ...common, kind: row.kind, reference: row.source };
  }
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
  assert(isTradeRow(entry), `a ${entry.kind} belongs to no order`);
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
