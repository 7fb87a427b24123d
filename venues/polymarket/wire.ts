import { z } from 'zod';
import { type Money, type Price, parseAmount, type Quantity } from '../../domain/money.js';

// What the venue's CLOB and data API say, as far as it is documented (reference/venues.md 2.5–2.10)
// and used here. Unknown fields are tolerated; a known field that cannot be read is refused.

const amount = z.string().transform((text, context) => {
  const parsed = parseAmount(text);
  if (parsed !== undefined) return parsed;
  context.addIssue({ code: 'custom', message: `"${text}" is not a decimal` });
  return z.NEVER;
});
const price = amount.transform((counts) => counts as Price); // the field says which unit it is
const quantity = amount.transform((counts) => counts as Quantity); // as above
/** Absent decimals come as "". */
const optionalAmount = z.union([z.literal('').transform(() => undefined), amount]).optional();
/** Amounts in the contracts' unit, 10⁻⁶, as whole-number strings. */
const micros = z
  .string()
  .regex(/^\d{1,30}$/)
  .transform((text) => BigInt(text) * 1000n);
/** A JSON number that is a rate or a price step; its shortest form is its exact decimal meaning. */
const numberAsDecimal = z.union([z.number(), z.string()]).transform((value, context) => {
  const parsed = parseAmount(String(value));
  if (parsed !== undefined) return parsed;
  context.addIssue({ code: 'custom', message: `${value} is not a decimal` });
  return z.NEVER;
});
/** Seconds or milliseconds, as a string or a number: the venue's examples show all of them. */
const time = z.union([z.string().regex(/^\d{1,16}$/), z.number()]).transform((value) => {
  const stamp = Number(value);
  return stamp < 100_000_000_000 ? stamp * 1000 : stamp;
});
const side = z.enum(['BUY', 'SELL']);

/** The answer to `POST /order` with status 200. */
export const placedShape = z.object({
  success: z.boolean(),
  errorMsg: z.string().nullish(),
  orderID: z.string().nullish(),
  status: z.string().nullish(),
  makingAmount: optionalAmount.nullable(),
  takingAmount: optionalAmount.nullable(),
});

/** Every error body; `post_only_mode` may come beside or instead of the text. */
export const errorShape = z.object({
  error: z.string().optional(),
  error_msg: z.string().optional(),
  errorMsg: z.string().optional(),
  code: z.string().optional(),
  post_only_mode: z.unknown().optional(),
});

/** The answer to `DELETE /order`, `DELETE /orders` and `DELETE /cancel-all`. */
export const canceledShape = z.object({
  canceled: z.array(z.string()).default([]),
  not_canceled: z.record(z.string(), z.string()).nullish(),
});

/** A row of `GET /data/orders` and the answer to `GET /data/order/{id}`. */
export const orderShape = z.object({
  id: z.string(),
  status: z.string(),
  market: z.string(),
  asset_id: z.string(),
  side,
  original_size: quantity,
  size_matched: quantity,
  price,
  created_at: time,
  order_type: z.string().optional(),
});
export type WireOrder = z.infer<typeof orderShape>;

const makerOrderShape = z.object({
  order_id: z.string(),
  owner: z.string().optional(),
  maker_address: z.string().optional(),
  matched_amount: quantity,
  price,
  asset_id: z.string(),
  side: side.optional(),
});
export type WireMakerOrder = z.infer<typeof makerOrderShape>;

/** A row of `GET /data/trades`, and the user channel's `trade` event. */
export const tradeShape = z.object({
  id: z.string(),
  taker_order_id: z.string(),
  market: z.string(),
  asset_id: z.string(),
  side,
  size: quantity,
  price,
  status: z.string(),
  match_time: time.optional(),
  matchtime: time.optional(),
  match_time_nano: z
    .string()
    .regex(/^\d{1,20}$/)
    .optional(),
  last_update: time.optional(),
  owner: z.string().optional(),
  maker_address: z.string().optional(),
  trader_side: z.string().optional(),
  maker_orders: z.array(makerOrderShape).default([]),
});
export type WireTrade = z.infer<typeof tradeShape>;

/** Cursor pages of the CLOB: start at "MA==", done at "LTE=". */
export const FIRST_CURSOR = 'MA==';
export const LAST_CURSOR = 'LTE=';
export const pageOf = <Row extends z.ZodType>(row: Row) =>
  z.object({ data: z.array(row), next_cursor: z.string() });

/** `GET /balance-allowance`: the chain's balance, without what resting orders hold. */
export const balanceShape = z.object({
  balance: micros.transform((counts) => counts as Money), // shares are re-branded by their reader
});

/** `GET /clob-markets/{condition}`: the two tokens (YES first) and the taker's fee. */
export const clobMarketShape = z.object({
  c: z.string().optional(),
  t: z.tuple([z.object({ t: z.string() }), z.object({ t: z.string() })]),
  mts: numberAsDecimal,
  mos: numberAsDecimal.optional(),
  nr: z.boolean().optional(),
  fd: z.object({ r: numberAsDecimal.optional(), e: z.number().optional() }).optional(),
});

const levelShape = z.object({ price: z.string(), size: z.string() });

/** A full book: `GET /book`, and the market channel's `book` event. `hash` covers the rest of it. */
export const bookShape = z.looseObject({
  market: z.string(),
  asset_id: z.string(),
  timestamp: z.string(),
  hash: z.string().optional(),
  bids: z.array(levelShape),
  asks: z.array(levelShape),
});
export type WireBook = z.infer<typeof bookShape>;

/** Sizes are absolute; "0" takes the level away. */
export const priceChangeShape = z.object({
  event_type: z.literal('price_change'),
  market: z.string(),
  timestamp: z.string(),
  price_changes: z.array(
    z.object({
      asset_id: z.string(),
      price: z.string(),
      size: z.string(),
      side,
      hash: z.string().optional(),
    }),
  ),
});
export type WirePriceChange = z.infer<typeof priceChangeShape>;

export const tickSizeChangeShape = z.object({
  event_type: z.literal('tick_size_change'),
  asset_id: z.string(),
  market: z.string(),
  new_tick_size: price,
});

export type WireTickChange = z.infer<typeof tickSizeChangeShape>;

/** The user channel's `order` event. */
export const orderEventShape = z.object({
  event_type: z.literal('order'),
  type: z.enum(['PLACEMENT', 'UPDATE', 'CANCELLATION']),
  id: z.string(),
  market: z.string(),
  asset_id: z.string(),
  side,
  original_size: quantity,
  size_matched: quantity,
  price,
  status: z.string().optional(),
  order_type: z.string().optional(),
  created_at: time.optional(),
  timestamp: time.optional(),
});
export type WireOrderEvent = z.infer<typeof orderEventShape>;

const streamEventShape = z.looseObject({ event_type: z.string() });
export type StreamEvent = z.infer<typeof streamEventShape>;

/** One event or a list of them; anything else on the socket is text such as "PONG". */
export const eventsShape = z.union([
  z.array(streamEventShape),
  streamEventShape.transform((event) => [event]),
]);

/**
 * A row of the data API's `GET /v2/activity` that moves shares without an order. A redemption names
 * its outcome's token; a merge or split concerns both outcomes and names none.
 */
export const activityShape = z.object({
  type: z.enum(['REDEEM', 'MERGE', 'SPLIT']),
  timestamp: time,
  condition_id: z.string(),
  token_id: z.string().nullish(),
  size: numberAsDecimal,
  usdc_size: numberAsDecimal,
  transaction_hash: z.string(),
});
export type WireActivity = z.infer<typeof activityShape>;

/**
 * A row of the data API's `GET /v2/positions`. The size is the CLOB's to say; of a resolved market
 * the row says what each share is worth.
 */
export const positionShape = z.object({
  token_id: z.string(),
  condition_id: z.string(),
  redeemable: z.boolean().nullish(),
  current_price: numberAsDecimal.nullish(),
});
export type WirePosition = z.infer<typeof positionShape>;

/** Pages of the data API: `next_cursor` is null on the last one. */
export const dataPageOf = <Row extends z.ZodType>(row: Row) =>
  z.object({
    data: z.array(row),
    pagination: z.object({ next_cursor: z.string().nullish() }).optional(),
  });

/** The market channel's word that a market is over (`custom_feature_enabled`). */
export const marketResolvedShape = z.object({
  event_type: z.literal('market_resolved'),
  market: z.string(),
});

/** `GET /markets/{condition_id}`: what decides the market is its description. */
export const marketRulesShape = z.object({ description: z.string().min(1) });
