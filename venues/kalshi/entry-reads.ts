import type { OrderReference, Read } from '../../domain/venue.js';
import type { Fill, VenueEntry } from '../../domain/venue-entry.js';
import { entriesOfMarket } from './fill-history.js';
import { fillsOf, seconds } from './order-reads.js';
import type { KalshiReader } from './pages.js';
import { settlementsSince } from './settlements.js';
import type { FillRow } from './wire.js';
import { historicalCutoff } from './wire.js';

/** What moved the account, as entries, oldest first. */
export interface EntryReader {
  since(sinceMs: number): Promise<Read<readonly VenueEntry[]>>;
  of(reference: OrderReference): Promise<Read<readonly Fill[]>>;
}

type Failure = Read<never> & { readonly kind: 'unavailable' };

/**
 * A fill row does not say whether it added or reduced, so a market's rows are always read from its
 * first (`fill-history.ts`). What one order traded is asked urgently: somebody waits to get out. Rows
 * are kept: what has gone from the live listing to the historical one since it was read here stays
 * known, and the historical listing is read once for each market.
 */
export function createEntryReader(
  reader: KalshiReader,
  urgent: KalshiReader,
  account: string,
): EntryReader {
  const kept = new Map<string, readonly FillRow[]>();

  async function fillsOfMarket(ticker: string, from: KalshiReader): Promise<Read<readonly Fill[]>> {
    // Live before historical: a row that moves between the two reads is in the second.
    const live = await from.all(fillsOf('/portfolio/fills', { ticker }));
    if (live.kind === 'unavailable') return live;
    const before = await rowsBefore(ticker, from);
    if (before.kind === 'unavailable') return before;
    const rows = eachOnce([...live.value, ...before.value]);
    kept.set(ticker, rows);
    return { kind: 'read', value: entriesOfMarket(account, oldestFirst(rows)) };
  }

  async function rowsBefore(ticker: string, from: KalshiReader): Promise<Read<readonly FillRow[]>> {
    const known = kept.get(ticker);
    if (known) return { kind: 'read', value: known };
    return from.all(fillsOf('/historical/fills', { ticker }));
  }

  return {
    since: async (sinceMs) => {
      const tickers = await tickersSince(reader, sinceMs);
      if (tickers.kind === 'unavailable') return tickers;
      const fills = await Promise.all(tickers.value.map((ticker) => fillsOfMarket(ticker, reader)));
      const settled = await settlementsSince(reader, { account, sinceMs });
      return merged([...fills, settled], sinceMs);
    },
    of: async ({ venueOrderId, instrument }) => {
      const fills = await fillsOfMarket(instrument.market, urgent);
      if (fills.kind === 'unavailable') return fills;
      const own = fills.value.filter((fill) => fill.venueOrderId === venueOrderId);
      return { kind: 'read', value: own };
    },
  };
}

/** The markets with a fill at or after that time. */
async function tickersSince(
  reader: KalshiReader,
  sinceMs: number,
): Promise<Read<readonly string[]>> {
  const query = { min_ts: seconds(sinceMs) };
  const live = await reader.all(fillsOf('/portfolio/fills', query));
  if (live.kind === 'unavailable') return live;
  const cutoff = await reader.one(historicalCutoff, '/historical/cutoff');
  if (cutoff.kind === 'unavailable') return cutoff;
  const hasOld = sinceMs < cutoff.value.trades_created_ts;
  const old = hasOld ? await reader.all(fillsOf('/historical/fills', {})) : NOTHING;
  if (old.kind === 'unavailable') return old;
  const recent = old.value.filter(({ created_time }) => created_time >= sinceMs);
  const tickers = new Set([...live.value, ...recent].map(({ ticker }) => ticker));
  return { kind: 'read', value: [...tickers] };
}

const NOTHING: Read<readonly FillRow[]> = { kind: 'read', value: [] };

function merged(
  reads: readonly Read<readonly VenueEntry[]>[],
  sinceMs: number,
): Read<readonly VenueEntry[]> {
  const failure = reads.find((read): read is Failure => read.kind === 'unavailable');
  if (failure) return failure;
  const entries = reads.flatMap((read) => (read.kind === 'read' ? read.value : []));
  const due = entries.filter(({ atMs }) => atMs >= sinceMs);
  return { kind: 'read', value: due.sort((left, right) => left.atMs - right.atMs) };
}

function eachOnce(rows: readonly FillRow[]): readonly FillRow[] {
  const byTrade = new Map<string, FillRow>();
  for (const row of rows) if (!byTrade.has(row.trade_id)) byTrade.set(row.trade_id, row);
  return [...byTrade.values()];
}

/** The venue lists the newest first; rows of one millisecond keep its order, turned round. */
function oldestFirst(rows: readonly FillRow[]): readonly FillRow[] {
  return [...rows].reverse().sort((left, right) => left.created_time - right.created_time);
}
