import type { Refusal } from '../../domain/venue.js';

/** What an answer of the venue means for the order that it speaks of. */
export interface Verdict {
  readonly class: Refusal | 'exists' | 'unknown';
  readonly code: string;
}

/** One documented answer. `{id}` must be the order's own hash, `{}` may be anything. */
export interface DocumentedAnswer extends Verdict {
  /** HTTP statuses that it comes with; the older form is a 200 with `errorMsg`. */
  readonly status: readonly number[];
  /** `undefined`: the status alone is documented to say so. */
  readonly text?: string;
}

/**
 * The venue's documented answers to a placement and what each proves. Sources: the venue's error
 * code page, reference/venues.md 2.6 and 2.7, DESIGN §9; UPPER_CASE texts are the older names.
 */
export const documentedAnswers: readonly DocumentedAnswer[] = [
  // It is there already: find it and adopt it.
  row('exists', 'duplicated', 'order {id} is invalid. Duplicated.'),
  row('exists', 'duplicated', 'order {id} is invalid. Duplicated. {}'),
  row('exists', 'duplicated', 'order is invalid. Duplicated. {}'),
  row('exists', 'duplicated', 'INVALID_ORDER_DUPLICATED'),

  // Nothing to trade against. The two 500s are the matching engine's documented refusals.
  row('no_match', 'fak_no_match', 'no orders found to match with FAK order. {}'),
  row('no_match', 'fok_not_filled', "order couldn't be fully filled. FOK orders {}"),
  row('no_match', 'fok_not_filled', "order couldn't be fully filled, FOK orders {}"),
  row('no_match', 'fok_not_filled', 'FOK_ORDER_NOT_FILLED_ERROR'),
  { status: [500], class: 'no_match', code: 'no_match', text: 'there are no matching orders' },
  {
    status: [500],
    class: 'no_match',
    code: 'fok_not_filled',
    text: 'FOK orders are filled or killed',
  },

  // Money or shares that are not there (yet).
  row('funds', 'not_enough_balance', 'not enough balance / allowance'),
  row('funds', 'not_enough_balance', 'not enough balance / allowance: {}'),
  row('funds', 'not_enough_balance', 'INVALID_ORDER_NOT_ENOUGH_BALANCE'),

  // The venue itself, for now.
  row('venue_state', 'market_not_ready', 'the market is not yet ready to process new orders'),
  row('venue_state', 'market_not_ready', 'MARKET_NOT_READY'),
  { status: [425], class: 'venue_state', code: 'engine_restarting' },
  state503('trading_disabled', 'Trading is currently disabled. {}'),
  state503('trading_disabled', 'Trading is currently disabled'),
  state503('cancel_only', 'Trading is currently cancel-only. {}'),
  state503('post_only_mode', 'post_only_mode'),
  { status: [429], class: 'rate', code: 'rate_limited' },

  // The market is over.
  {
    status: [400, 404],
    class: 'market_closed',
    code: 'no_orderbook',
    text: 'No orderbook exists for the requested token id',
  },
  { status: [400, 404], class: 'market_closed', code: 'no_market', text: 'market not found' },

  // This order, as it is, never.
  row(
    'terminal',
    'bad_tick',
    'order {id} is invalid. Price ({}) breaks minimum tick size rule: {}',
  ),
  row('terminal', 'bad_tick', 'order is invalid. Price breaks minimum tick size rules'),
  row('terminal', 'bad_tick', 'INVALID_ORDER_MIN_TICK_SIZE'),
  row('terminal', 'below_minimum', 'order {id} is invalid. Size ({}) lower than the minimum: {}'),
  row('terminal', 'below_minimum', 'order is invalid. Size lower than the minimum'),
  row('terminal', 'below_minimum', 'INVALID_ORDER_MIN_SIZE'),
  row('terminal', 'post_only_cross', 'invalid post-only order: order crosses book'),
  row('terminal', 'post_only_cross', 'order {id} crosses the book'),
  row('terminal', 'post_only_type', 'INVALID_POST_ONLY_ORDER_TYPE'),
  row('terminal', 'post_only_cross', 'INVALID_POST_ONLY_ORDER'),
  row('terminal', 'bad_expiration', 'invalid expiration'),
  row('terminal', 'bad_expiration', 'INVALID_ORDER_EXPIRATION'),
  row('terminal', 'bad_nonce', 'invalid nonce'),
  row('terminal', 'bad_amounts', 'invalid amounts, {}'),
  row('terminal', 'canceled_on_chain', 'order canceled in the CTF exchange contract'),
  row('terminal', 'bad_payload', 'Invalid order payload'),
  row('terminal', 'bad_signature', 'invalid signature'),
  row('terminal', 'owner_mismatch', 'the order owner has to be the owner of the API KEY'),
  row(
    'terminal',
    'signer_mismatch',
    'the order signer address has to be the address of the API KEY',
  ),
  row('terminal', 'address_banned', '{} address banned'),
  row('terminal', 'closed_only', '{} address in closed only mode'),
  row('terminal', 'version_mismatch', 'order_version_mismatch'),
  { status: [401], class: 'terminal', code: 'unauthorized' },

  // Documented, and still no proof of anything.
  row('unknown', 'delayed', 'order match delayed due to market conditions'),
  row('unknown', 'delayed', 'ORDER_DELAYED'),
  row('unknown', 'delayed', 'DELAYING_ORDER_ERROR'),
  row('unknown', 'insert_error', 'INVALID_ORDER_ERROR'),
  row('unknown', 'execution_error', 'EXECUTION_ERROR'),
  { status: [500], class: 'unknown', code: 'rounding', text: 'the trade contains rounding issues' },
  {
    status: [500],
    class: 'unknown',
    code: 'price_discrepancy',
    text: "the price of the taker's order has a discrepancy greater than allowed with the worst maker order",
  },
  { status: [500], class: 'unknown', code: 'server_error', text: 'Internal server error' },
];

/** The verdict on an answer; what is not documented is unknown (`unlisted_…`). */
export function documented(status: number, text: string, venueOrderId: string): Verdict {
  const isSaid = (answer: DocumentedAnswer) =>
    answer.status.includes(status) &&
    (answer.text === undefined || patternOf(answer.text, venueOrderId).test(text));
  return documentedAnswers.find(isSaid) ?? { class: 'unknown', code: `unlisted_${status}` };
}

/** `{id}` and `{}` of a documented text as a pattern; the venue's letter case is not relied upon. */
function patternOf(text: string, venueOrderId: string): RegExp {
  const literal = (part: string) => part.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  const id = literal(venueOrderId);
  const parts = text.split('{}').map((part) => part.split('{id}').map(literal).join(id));
  return new RegExp(`^${parts.join('[^]*')}$`, 'i');
}

function row(verdict: Verdict['class'], code: string, text: string): DocumentedAnswer {
  return { status: [400, 200], class: verdict, code, text };
}

function state503(code: string, text: string): DocumentedAnswer {
  return { status: [503], class: 'venue_state', code, text };
}
