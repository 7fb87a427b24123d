import { assert } from '../../domain/assert.js';
import type { ChildOrder, TimeInForce } from '../../domain/child-order.js';
import { polymarketSalt } from '../../domain/ids.js';
import type { Instrument, Market, PolymarketTokens } from '../../domain/instrument.js';
import { polymarketAmounts } from '../../domain/order-sizing.js';
import { tickAt } from '../../domain/price-grid.js';
import type { PreparedOrder } from '../../domain/venue.js';
import type { ExchangeContracts, Hex } from './contracts.js';
import type { PolymarketCredentials } from './credentials.js';
import { type OrderFields, orderHash, signOrderHash, ZERO_BYTES32 } from './signing.js';

/** Who signs, and which chain and contracts the orders are for. */
export interface Signer {
  readonly credentials: PolymarketCredentials;
  readonly contracts: ExchangeContracts;
}

const orderTypes: Partial<Record<TimeInForce, string>> = { IOC: 'FAK', FOK: 'FOK', GTC: 'GTC' };

/**
 * The exact bytes of `POST /order` and the order's hash, which is its id at the venue. Everything
 * in them follows from the order, so the same order makes the same bytes in every process.
 */
export async function preparedOrder(
  order: ChildOrder,
  market: Market,
  { credentials, contracts }: Signer,
): Promise<PreparedOrder> {
  const tokens = tokensOf(market);
  const fields = orderFields(order, market, credentials.address);
  const hash = orderHash(fields, { contracts, tokens });
  const signature = await signOrderHash(hash, credentials.privateKey);
  const body = bodyOf(fields, signature, { owner: credentials.apiKey, orderType: typeOf(order) });
  return { order, venueOrderId: hash, body };
}

/** The token of an outcome. A market without tokens cannot be named to this venue. */
export function tokenOf(market: Market, { outcome }: Pick<Instrument, 'outcome'>): string {
  const tokens = tokensOf(market);
  return outcome === 'yes' ? tokens.yesToken : tokens.noToken;
}

function tokensOf(market: Market): PolymarketTokens {
  assert(market.tokens !== undefined, `${market.market} names its outcome tokens`);
  return market.tokens;
}

function orderFields(order: ChildOrder, market: Market, address: Hex): OrderFields {
  const { fixed, side, limitPrice } = order;
  const tick = tickAt(market, limitPrice);
  const amounts = polymarketAmounts({ fixed, side, limitPrice, tick });
  assert(amounts !== undefined, `${order.clientOrderId} was sized in amounts that can be signed`);
  return {
    salt: BigInt(polymarketSalt(order.clientOrderId)),
    maker: address,
    signer: address,
    tokenId: tokenOf(market, order.instrument),
    ...amounts,
    side: side === 'buy' ? 'BUY' : 'SELL',
    signatureType: 0,
    timestampMs: order.createdAtMs,
  };
}

function typeOf(order: ChildOrder): string {
  const orderType = orderTypes[order.timeInForce];
  assert(orderType !== undefined, `${order.timeInForce} orders are not sent to this venue`);
  return orderType;
}

function bodyOf(
  fields: OrderFields,
  signature: Hex,
  { owner, orderType }: { readonly owner: string; readonly orderType: string },
): string {
  const order = {
    salt: Number(fields.salt), // at most 53 bits, so exact
    maker: fields.maker,
    signer: fields.signer,
    tokenId: fields.tokenId,
    makerAmount: fields.makerAmount.toString(),
    takerAmount: fields.takerAmount.toString(),
    side: fields.side,
    signatureType: fields.signatureType,
    timestamp: fields.timestampMs.toString(),
    expiration: '0', // not signed; an order that rests here is canceled by us, never by time
    metadata: ZERO_BYTES32,
    builder: ZERO_BYTES32,
    signature,
  };
  return JSON.stringify({ order, owner, orderType, deferExec: false, postOnly: false });
}
