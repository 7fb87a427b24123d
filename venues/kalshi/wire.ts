import { z } from 'zod';
import type { Money, Price, Quantity } from '../../domain/money.js';
import { parseAmount } from '../../domain/money.js';

// What Kalshi documents of the answers that we read (reference/venues.md 1.3–1.10). Fields that we do
// not read are not named: an answer may grow. A field that we do read must be there and must fit.

/** A decimal string as a brand of ours. What does not fit nine decimals is refused, never rounded. */
const decimal = <A extends bigint>() =>
  z.string().transform((text, context): A => {
    const amount = parseAmount(text);
    if (amount !== undefined) return amount as A; // the caller says which unit the field has
    context.addIssue({ code: 'custom', message: `"${text}" is not a decimal that fits` });
    return z.NEVER;
  });

const price = decimal<Price>();
const count = decimal<Quantity>();
const dollars = decimal<Money>();
const bookSide = z.enum(['bid', 'ask']);
const milliseconds = z.number().int().nonnegative();

/** RFC 3339, of any precision, as epoch milliseconds. */
const time = z.string().transform((text, context) => {
  const ms = Date.parse(text);
  if (Number.isFinite(ms)) return ms;
  context.addIssue({ code: 'custom', message: `"${text}" is not a time` });
  return z.NEVER;
});

const cursor = z.string().optional();

export const createdOrder = z.object({
  order_id: z.string().min(1),
  client_order_id: z.string().optional(),
  fill_count: count,
  remaining_count: count,
  ts_ms: milliseconds,
});

export const canceledOrder = z.object({ order_id: z.string().min(1), reduced_by: count });

export const createdGroup = z.object({ order_group_id: z.string().min(1) });
/** One group; its orders by the venue's ids. */
export const orderGroupAnswer = z.object({ orders: z.array(z.string().min(1)).nullish() });
export const orderGroupsAnswer = z.object({
  order_groups: z.array(z.object({ id: z.string().min(1) })).nullish(),
});

export const orderRow = z.object({
  order_id: z.string().min(1),
  client_order_id: z.string().optional(),
  ticker: z.string().min(1),
  book_side: bookSide,
  status: z.enum(['resting', 'canceled', 'executed']),
  yes_price_dollars: price,
  fill_count_fp: count,
  initial_count_fp: count,
  created_time: time,
});
export type OrderRow = z.infer<typeof orderRow>;

export const oneOrder = z.object({ order: orderRow });
export const orderPage = z.object({ orders: z.array(orderRow), cursor });

export const fillRow = z.object({
  trade_id: z.string().min(1),
  order_id: z.string().min(1),
  ticker: z.string().min(1),
  book_side: bookSide,
  count_fp: count,
  yes_price_dollars: price,
  fee_cost: dollars,
  created_time: time,
});
export type FillRow = z.infer<typeof fillRow>;

export const fillPage = z.object({ fills: z.array(fillRow), cursor });

export const settlementRow = z.object({
  ticker: z.string().min(1),
  /** `void`: told by older clients of the venue; newer ones know it as a scalar. */
  market_result: z.enum(['yes', 'no', 'scalar', 'void']),
  yes_count_fp: count,
  no_count_fp: count,
  /** Cents. */
  revenue: z.number().int(),
  fee_cost: dollars,
  /** What one YES pays, in cents. */
  value: z.number().int().nullish(),
  settled_time: time,
});
export type SettlementRow = z.infer<typeof settlementRow>;

export const settlementPage = z.object({ settlements: z.array(settlementRow), cursor });

export const positionPage = z.object({
  market_positions: z.array(z.object({ ticker: z.string().min(1), position_fp: count })),
  cursor,
});

/** `balance` is whole cents; `balance_dollars` is exact and came later. */
export const balanceAnswer = z.object({
  balance: z.number().int(),
  balance_dollars: dollars.optional(),
});

const level = z.tuple([price, count]);
const levels = z.array(level);

/** Bids only, best last, on both sides: a bid for NO at p is an offer of YES at 1 − p. */
export const orderbookAnswer = z.object({
  orderbook_fp: z.object({ yes_dollars: levels, no_dollars: levels }),
});

export const userDataTimestamp = z.object({ as_of_time: time });
export const historicalCutoff = z.object({ trades_created_ts: time, orders_updated_ts: time });

/** Everything that a WebSocket says; `msg` is read by its `type`. */
export const frame = z.object({
  type: z.string(),
  id: z.number().int().optional(),
  sid: z.number().int().optional(),
  seq: z.number().int().optional(),
  msg: z.unknown().optional(),
});
export type Frame = z.infer<typeof frame>;

export const subscribed = z.object({ channel: z.string(), sid: z.number().int() });

/** An `error` frame: 16 is a market that the venue does not know. */
export const commandError = z.object({ code: z.number().int() });

export const orderbookSnapshot = z.object({
  market_ticker: z.string().min(1),
  yes_dollars_fp: levels.default([]),
  no_dollars_fp: levels.default([]),
});

export const orderbookDelta = z.object({
  market_ticker: z.string().min(1),
  side: z.enum(['yes', 'no']),
  price_dollars: price,
  delta_fp: count,
});

export const fillMessage = z.object({
  trade_id: z.string().min(1),
  order_id: z.string().min(1),
  client_order_id: z.string().optional(),
  market_ticker: z.string().min(1),
  book_side: bookSide,
  yes_price_dollars: price,
  count_fp: count,
  fee_cost: dollars,
  post_position_fp: count,
  ts_ms: milliseconds,
});

export const userOrderMessage = z.object({
  order_id: z.string().min(1),
  client_order_id: z.string().optional(),
  ticker: z.string().min(1),
  status: z.enum(['resting', 'canceled', 'executed']),
  book_side: bookSide,
  yes_price_dollars: price,
  fill_count_fp: count,
  initial_count_fp: count.optional(),
  created_ts_ms: milliseconds,
});

/** The three forms in which an error was seen: nested, flat, and a bare text (429). */
const coded = z.object({ code: z.string().min(1), message: z.string().nullish() });
export const errorBody = z.union([
  z.object({ error: coded }).transform(({ error }) => error),
  coded,
  z.object({ error: z.string() }).transform(({ error }) => ({ code: error, message: error })),
]);

/** `GET /markets/{ticker}`: the rules in two parts, the second of which may be empty. */
export const marketRulesAnswer = z.object({
  market: z.object({ rules_primary: z.string().min(1), rules_secondary: z.string().optional() }),
});
