import { formatAmount, ONE } from '../../../domain/money.js';
import type {
  Delivery,
  PlaceRequest,
  PlaceResult,
  SimulatedExchange,
  SimulatedOrder,
} from '../../simulation/index.js';
import { parsed } from '../answers.js';
import type { ExchangeContracts, Hex } from '../contracts.js';
import { type OrderFields, orderHash, signerOf } from '../signing.js';
import type { SimulatedAccount } from './desk-accounts.js';
import type { ListedToken, Listing } from './listing.js';
import { tickOf } from './listing.js';
import { termsOf, timesInForce } from './order-terms.js';
import { type SentOrder, sentOrderShape } from './sent-order.js';

/** An answer of the venue, and how it reaches the client. */
export interface VenueAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly delivery: Delivery;
}

export interface OrderDesk {
  readonly exchange: SimulatedExchange;
  readonly listing: Listing;
  readonly contracts: ExchangeContracts;
}

/** A resting order until a time of day must live this long (venues.md 2.6). */
const GTD_LEAST_S = 180;
/** Such an order goes a minute before its time. */
export const GTD_EARLY_MS = 60_000;

/** `POST /order`: checked in the venue's order, then matched. */
export async function placeOrder(
  desk: OrderDesk,
  { account, credentials }: SimulatedAccount,
  body: string,
): Promise<VenueAnswer> {
  const read = sentOrderShape.safeParse(parsed(body));
  if (!read.success) return refused(400, 'Invalid order payload');
  const sent = read.data;
  const { order } = sent;
  const isOwn = (address: string) => address === credentials.address;
  if (sent.owner !== credentials.apiKey || !isOwn(order.maker)) {
    return refused(400, 'the order owner has to be the owner of the API KEY');
  }
  if (!isOwn(order.signer)) {
    return refused(400, 'the order signer address has to be the address of the API KEY');
  }
  const token = desk.listing.token(order.tokenId);
  if (!token) return refused(404, 'No orderbook exists for the requested token id');
  const formal = formalError(sent, desk.exchange.now());
  if (formal) return refused(400, formal);
  const signed = await signedId(desk, sent, token);
  if (signed.kind === 'refused') return refused(400, signed.error);
  const terms = termsOf(sent, token.market, signed.id);
  if (terms.kind === 'refused') return refused(400, terms.error);
  const request: PlaceRequest = {
    account,
    market: token.market.market,
    outcome: token.outcome,
    side: order.side === 'BUY' ? 'buy' : 'sell',
    ...terms.terms,
    timeInForce: timesInForce[sent.orderType],
    ...(sent.orderType === 'GTD'
      ? { expiresAtMs: Number(order.expiration) * 1000 - GTD_EARLY_MS }
      : {}),
    venueOrderId: signed.id,
    clientKey: order.salt.toString(),
    isReduceOnly: false,
    isPostOnly: sent.postOnly ?? false,
  };
  return answerOf(desk.exchange.place(request), request, token);
}

/** What is wrong with the unsigned part of an order. */
function formalError({ order, orderType, postOnly }: SentOrder, nowMs: number): string | undefined {
  const isImmediate = orderType === 'FAK' || orderType === 'FOK';
  if (postOnly && isImmediate) return 'INVALID_POST_ONLY_ORDER_TYPE';
  const expiration = Number(order.expiration);
  if (orderType !== 'GTD') return expiration === 0 ? undefined : 'invalid expiration';
  return expiration < nowMs / 1000 + GTD_LEAST_S ? 'invalid expiration' : undefined;
}

type SignedId =
  | { readonly kind: 'signed'; readonly id: Hex }
  | { readonly kind: 'refused'; readonly error: string };

/** The order's hash, if its maker signed it for this market's contract and domain version. */
async function signedId(
  { contracts }: OrderDesk,
  { order }: SentOrder,
  { market }: ListedToken,
): Promise<SignedId> {
  const { tokens } = market;
  if (!tokens) return { kind: 'refused', error: 'Invalid order payload' };
  const fields: OrderFields = {
    ...order,
    salt: BigInt(order.salt),
    timestampMs: Number(order.timestamp),
  };
  const isSignedFor = async (domainVersion: '2' | '3') => {
    const id = orderHash(fields, { contracts, tokens: { ...tokens, domainVersion } });
    return { id, isOurs: (await signerOf(id, order.signature)) === fields.signer };
  };
  const { id, isOurs } = await isSignedFor(tokens.domainVersion);
  if (isOurs) return { kind: 'signed', id };
  const other = await isSignedFor(tokens.domainVersion === '2' ? '3' : '2');
  const error = other.isOurs ? 'order_version_mismatch' : 'invalid signature';
  return { kind: 'refused', error };
}

function answerOf(result: PlaceResult, request: PlaceRequest, token: ListedToken): VenueAnswer {
  if (result.kind === 'refused') return refusalOf(result.code, request, token);
  const { order, trades, delivery } = result;
  const body = {
    success: true,
    errorMsg: '',
    orderID: order.venueOrderId,
    ...progressOf(order),
    transactionsHashes: trades.map(({ tradeId }) => `0x${tradeId}`),
    tradeIDs: trades.map(({ tradeId }) => tradeId),
  };
  return { status: 200, body, delivery };
}

/** A match that is held back is `delayed`: whether and what it will trade is not said. */
function progressOf(order: SimulatedOrder) {
  const [dollars, shares] = [
    formatAmount(order.filledNotional),
    formatAmount(order.filledQuantity),
  ];
  const [makingAmount, takingAmount] = order.side === 'buy' ? [dollars, shares] : [shares, dollars];
  if (order.executesAtMs !== undefined)
    return {
      status: order.late?.isShownLive ? 'live' : 'delayed',
      makingAmount: '',
      takingAmount: '',
    };
  if (order.filledQuantity > 0n) return { status: 'matched', makingAmount, takingAmount };
  const status = order.state === 'working' ? 'live' : 'unmatched';
  return { status, makingAmount: '', takingAmount: '' };
}

type RefusedCode = Extract<PlaceResult, { kind: 'refused' }>['code'];

function refusalOf(code: RefusedCode, request: PlaceRequest, { market }: ListedToken): VenueAnswer {
  const id = request.venueOrderId;
  switch (code) {
    case 'account_unknown':
      return refused(401, 'Unauthorized/Invalid api key');
    case 'market_unknown':
    case 'market_closed':
      return refused(404, 'No orderbook exists for the requested token id');
    case 'duplicate':
      return refused(400, `order ${id} is invalid. Duplicated.`);
    case 'insufficient_funds':
    case 'insufficient_shares':
      return refused(400, 'not enough balance / allowance');
    case 'bad_tick': {
      const [price, tick] = [formatAmount(request.limitPrice), formatAmount(tickOf(market))];
      return refused(
        400,
        `order ${id} is invalid. Price (${price}) breaks minimum tick size rule: ${tick}`,
      );
    }
    case 'below_minimum': {
      const [size, least] = [formatAmount(sizeOf(request)), formatAmount(market.minimumQuantity)];
      return refused(
        400,
        `order ${id} is invalid. Size (${size}) lower than the minimum: ${least}`,
      );
    }
    case 'post_only_cross':
      return refused(400, 'invalid post-only order: order crosses book');
    case 'no_match':
      return refused(400, request.timeInForce === 'FOK' ? FOK_KILLED : FAK_UNMATCHED);
    case 'rejected':
      return refused(503, CANCEL_ONLY);
    case 'bad_quantity':
    case 'reduce_only':
    case 'group_unknown':
    case 'group_triggered':
      return refused(400, 'Invalid order payload');
  }
}

const FAK_UNMATCHED =
  'no orders found to match with FAK order. FAK orders are partially filled or killed if no match is found.';
const FOK_KILLED = "order couldn't be fully filled. FOK orders are fully filled or killed.";
const CANCEL_ONLY =
  'Trading is currently cancel-only. New orders are not accepted, but cancels are allowed.';

/** Shares asked for, at the limit. */
function sizeOf({ fixed, limitPrice }: PlaceRequest): bigint {
  return fixed.kind === 'contracts' ? fixed.contracts : (fixed.collateral * ONE) / limitPrice;
}

const refused = (status: number, error: string): VenueAnswer => ({
  status,
  body: { error },
  delivery: { kind: 'prompt' },
});
