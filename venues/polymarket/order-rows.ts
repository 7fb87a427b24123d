import type { VenueOrder } from '../../domain/venue.js';
import { type ClobMarket, instrumentOf } from './market-directory.js';
import { statusOf } from './trade-rows.js';
import type { WireOrder, WireOrderEvent } from './wire.js';

/** An order as the venue lists it; `undefined` where its token is not one of the market's. */
export function venueOrderOf(row: WireOrder, market: ClobMarket): VenueOrder | undefined {
  const instrument = instrumentOf(market, row.asset_id);
  if (!instrument) return undefined;
  return {
    venueOrderId: row.id,
    instrument,
    side: row.side === 'BUY' ? 'buy' : 'sell',
    limitPrice: row.price,
    quantity: row.original_size, // of an order that fixes collateral: the shares that it claims
    state: stateOf(row),
    cumulativeQuantity: row.size_matched,
    createdAtMs: row.created_at,
  };
}

/** The same from the user channel, where a cancellation is a type and a kill is a sentence. */
export function venueOrderOfEvent(
  event: WireOrderEvent,
  market: ClobMarket,
): VenueOrder | undefined {
  const status = event.type === 'CANCELLATION' ? 'CANCELED' : (event.status ?? 'LIVE');
  const created_at = event.created_at ?? event.timestamp ?? 0;
  return venueOrderOf({ ...event, status, created_at }, market);
}

/**
 * LIVE, MATCHED, CANCELED, CANCELED_MARKET_RESOLVED, INVALID (venues.md 2.6), and on the user
 * channel DELAYED, UNMATCHED and "CANCELED_order couldn't be fully filled…".
 */
function stateOf(row: WireOrder): VenueOrder['state'] {
  const status = statusOf(row);
  if (status.startsWith('CANCELED') || status.startsWith('CANCELLED')) return 'canceled';
  // INVALID is the venue's own cancel: what was traded before stays traded.
  if (status === 'INVALID') return row.size_matched > 0n ? 'canceled' : 'rejected';
  if (status !== 'MATCHED') return 'working';
  // MATCHED says that the order matched, not that all of it did.
  if (row.size_matched >= row.original_size) return 'filled';
  return row.order_type === 'FAK' || row.order_type === 'FOK' ? 'canceled' : 'working';
}
