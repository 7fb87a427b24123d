import type { RefusalCode } from '../../simulation/index.js';

/** An error as the venue words it: a status and the nested envelope that was seen on its wire. */
export interface VenueError {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

export const venueError = (status: number, code: string, message: string): VenueError => ({
  status,
  code,
  message,
});

export const errorBody = ({ code, message }: VenueError) => ({ error: { code, message } });

/** 429 has a body of its own (reference/venues.md 1.5). */
export const tooManyRequests = { error: 'too many requests' };

/** What the exchange refuses, in the venue's words and with its status. */
const refusals = {
  account_unknown: [401, 'authentication_error'],
  market_unknown: [404, 'market_not_found'],
  market_closed: [400, 'market_already_closed'],
  bad_tick: [400, 'invalid_order'],
  bad_quantity: [400, 'invalid_order_size'],
  below_minimum: [400, 'invalid_order_size'],
  duplicate: [409, 'order_already_exists'],
  insufficient_funds: [400, 'available_balance_too_low'],
  insufficient_shares: [400, 'exceeded_sell_position_floor'],
  reduce_only: [400, 'exceeded_sell_position_floor'],
  post_only_cross: [400, 'post_only_cross'],
  group_unknown: [404, 'order_group_not_found'],
  group_triggered: [400, 'exceeded_order_group_risk_limit'],
  no_match: [409, 'fok_insufficient_volume'],
  rejected: [409, 'trading_is_paused'],
} as const satisfies Record<RefusalCode, readonly [status: number, code: string]>;

export function refusalError(code: RefusalCode, reason: string): VenueError {
  const [status, wireCode] = refusals[code];
  // The venue does not echo the order that is there already.
  return venueError(status, wireCode, code === 'duplicate' ? 'order already exists' : reason);
}
