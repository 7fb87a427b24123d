import type { PlaceAnswer, Refusal } from '../../domain/index.js';

/** What an answer means for the order that it speaks of. */
type Meaning = Refusal | Extract<PlaceAnswer['kind'], 'exists' | 'unknown'>;

/** What follows from it for the leg that the order was to buy. */
export const follows: Readonly<Record<Meaning, string>> = {
  exists: 'it may be there: its leg is bought again once it is certain that it is not',
  unknown: 'nobody knows: its leg is bought again once it is certain that it is not there',
  rate: 'it was stopped at the door: its leg is bought again a little later',
  venue_state: 'the venue took nothing for now: its leg is bought again when it takes orders',
  funds: 'it is certainly not there for want of money: its leg is bought again',
  market_closed: 'it is certainly not there, its market is said to be over: its leg is tried again',
  no_match: 'it is certainly not there, nobody traded with it: its leg is bought again',
  terminal: 'it is certainly not there: its leg is bought again as another order',
};

// Written by hand from the venues' protocols, one row for each documented answer. It is not made from
// the tables that the adapters read their answers by: it is what those are held against.

/** Kalshi's order errors: the protocol's table of codes by class, then its statuses without a code. */
export const kalshiMeanings: Readonly<Record<string, Meaning>> = {
  // Exists (409): find it, never send it again.
  order_already_exists: 'exists',

  // The state of the venue: retry later.
  trading_is_paused: 'venue_state',
  trading_paused: 'venue_state',
  exchange_paused: 'venue_state',
  exchange_unavailable: 'venue_state',

  // Terminal for this order.
  available_balance_too_low: 'funds',
  insufficient_balance: 'funds',
  market_already_closed: 'market_closed',
  market_inactive: 'market_closed',
  invalid_order: 'terminal',
  invalid_order_size: 'terminal',
  order_id_and_client_order_id_mismatch: 'terminal',
  order_side_mismatch: 'terminal',
  order_ticker_mismatch: 'terminal',
  order_group_not_found: 'terminal',
  exceeded_per_market_risk_limit: 'terminal',
  exceeded_sell_position_floor: 'terminal',
  deprecated_v1_order_endpoint: 'terminal',

  // Normal outcomes: it came in, found nothing or stood in our own way, and is gone.
  fok_insufficient_volume: 'no_match',
  fill_or_kill_insufficient_resting_volume: 'no_match',
  immediate_or_cancelled: 'no_match',
  post_only_cross: 'terminal',
  self_cross_attempt: 'terminal',
  taker_cancel_for_self_trade_prevention: 'terminal',
  maker_cancel_for_self_trade_prevention: 'terminal',
  // Our own order group has triggered: nothing passes until it is reset.
  order_group_cancel: 'venue_state',
  exceeded_order_group_risk_limit: 'venue_state',

  // Safe retry: 429, refused before matching.
  too_many_requests: 'rate',
  http_429: 'rate',

  // In the venue's own envelope, with a code that is not documented.
  http_400: 'terminal',
  http_401: 'terminal',
  http_403: 'terminal',
  http_404: 'terminal',
};

/** Polymarket's order errors: the protocol's table by status, with the words of its error page. */
export const polymarketMeanings: Readonly<Record<string, Meaning>> = {
  // 400 "… Duplicated.": already accepted, read it.
  'order {id} is invalid. Duplicated.': 'exists',
  'order {id} is invalid. Duplicated. {}': 'exists',
  'order is invalid. Duplicated. {}': 'exists',
  INVALID_ORDER_DUPLICATED: 'exists',

  // 400, terminal for this order: FOK not filled, FAK without a match.
  'no orders found to match with FAK order. {}': 'no_match',
  "order couldn't be fully filled. FOK orders {}": 'no_match',
  "order couldn't be fully filled, FOK orders {}": 'no_match',
  FOK_ORDER_NOT_FILLED_ERROR: 'no_match',
  // The matching engine's own refusals, documented with a 500.
  'there are no matching orders': 'no_match',
  'FOK orders are filled or killed': 'no_match',

  // 400, terminal for this order: not enough balance / allowance.
  'not enough balance / allowance': 'funds',
  'not enough balance / allowance: {}': 'funds',
  INVALID_ORDER_NOT_ENOUGH_BALANCE: 'funds',

  // 400, terminal for this order: the market.
  'the market is not yet ready to process new orders': 'venue_state',
  MARKET_NOT_READY: 'venue_state',
  'No orderbook exists for the requested token id': 'market_closed',
  'market not found': 'market_closed',

  // 400, terminal for this order: tick, minimum, post-only, expiration, amounts.
  'order {id} is invalid. Price ({}) breaks minimum tick size rule: {}': 'terminal',
  'order is invalid. Price breaks minimum tick size rules': 'terminal',
  INVALID_ORDER_MIN_TICK_SIZE: 'terminal',
  'order {id} is invalid. Size ({}) lower than the minimum: {}': 'terminal',
  'order is invalid. Size lower than the minimum': 'terminal',
  INVALID_ORDER_MIN_SIZE: 'terminal',
  'invalid post-only order: order crosses book': 'terminal',
  'order {id} crosses the book': 'terminal',
  INVALID_POST_ONLY_ORDER_TYPE: 'terminal',
  INVALID_POST_ONLY_ORDER: 'terminal',
  'invalid expiration': 'terminal',
  INVALID_ORDER_EXPIRATION: 'terminal',
  'invalid nonce': 'terminal',
  'invalid amounts, {}': 'terminal',
  'order canceled in the CTF exchange contract': 'terminal',

  // 400, terminal for this order: who sends it, and how it is signed.
  'Invalid order payload': 'terminal',
  'invalid signature': 'terminal',
  'the order owner has to be the owner of the API KEY': 'terminal',
  'the order signer address has to be the address of the API KEY': 'terminal',
  '{} address banned': 'terminal',
  '{} address in closed only mode': 'terminal',
  order_version_mismatch: 'terminal',
  // 401: the key.
  unauthorized: 'terminal',

  // 425, 429, 503: the venue, for now.
  engine_restarting: 'venue_state',
  rate_limited: 'rate',
  'Trading is currently disabled. {}': 'venue_state',
  'Trading is currently disabled': 'venue_state',
  'Trading is currently cancel-only. {}': 'venue_state',
  post_only_mode: 'venue_state',

  // Taken in and held, or nobody says: it may trade yet.
  'order match delayed due to market conditions': 'unknown',
  ORDER_DELAYED: 'unknown',
  DELAYING_ORDER_ERROR: 'unknown',
  INVALID_ORDER_ERROR: 'unknown',
  EXECUTION_ERROR: 'unknown',
  // 500: unknown, whatever it says.
  'the trade contains rounding issues': 'unknown',
  "the price of the taker's order has a discrepancy greater than allowed with the worst maker order":
    'unknown',
  'Internal server error': 'unknown',
};
