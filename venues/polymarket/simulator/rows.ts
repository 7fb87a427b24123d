import { createHash } from 'node:crypto';
import { formatAmount } from '../../../domain/money.js';
import type {
  SimulatedOrder,
  SimulatedSetChange,
  SimulatedSettlement,
  SimulatedTrade,
  TradePart,
} from '../../simulation/index.js';
import { tokenOf } from '../prepare-order.js';
import type { SimulatedAccount } from './desk-accounts.js';
import type { Listing } from './listing.js';
import { GTD_EARLY_MS } from './place-order.js';

/** What rows are written with: names of markets and of people. */
export interface RowWriter {
  readonly listing: Listing;
  readonly accounts: readonly SimulatedAccount[];
}

const CROWD_ADDRESS = `0x${'c0'.repeat(20)}`;
const CROWD_OWNER = 'c0c0c0c0-0000-0000-0000-000000000000';

/** A row of `GET /data/orders`, and the answer to `GET /data/order/{id}`. */
export function orderRow(order: SimulatedOrder, { listing, accounts }: RowWriter) {
  const who = personOf(accounts, order.account);
  return {
    id: order.venueOrderId,
    status: statusOf(order),
    owner: who.owner,
    maker_address: who.address,
    ...namesOf(listing, order),
    side: order.side.toUpperCase(),
    original_size: formatAmount(order.quantity),
    size_matched: formatAmount(order.filledQuantity),
    price: formatAmount(order.limitPrice),
    associate_trades: [],
    created_at: Math.floor(order.createdAtMs / 1000),
    expiration: expirationOf(order),
    order_type: orderTypes[order.timeInForce] ?? 'GTC',
  };
}

/** What its owner asked for, in seconds; the venue itself ends it a minute earlier. */
function expirationOf({ expiresAtMs }: SimulatedOrder): string {
  return expiresAtMs === undefined ? '0' : ((expiresAtMs + GTD_EARLY_MS) / 1000).toString();
}

const orderTypes: Partial<Record<SimulatedOrder['timeInForce'], string>> = {
  IOC: 'FAK',
  FOK: 'FOK',
  GTC: 'GTC',
  GTD: 'GTD',
};

/** An immediate order that got a part is MATCHED like one that got all: the sizes tell. */
function statusOf(order: SimulatedOrder): string {
  if (order.state === 'working') return 'LIVE';
  if (order.state === 'filled') return 'MATCHED';
  const isImmediate = order.timeInForce === 'IOC' || order.timeInForce === 'FOK';
  return isImmediate && order.filledQuantity > 0n ? 'MATCHED' : 'CANCELED';
}

/** The user channel's `order` event. */
export function orderEvent(order: SimulatedOrder, writer: RowWriter) {
  const isOver = order.state === 'canceled' || order.state === 'expired';
  const isNew = order.filledQuantity === 0n && !isOver;
  const type = isOver ? 'CANCELLATION' : isNew ? 'PLACEMENT' : 'UPDATE';
  return {
    ...orderRow(order, writer),
    event_type: 'order',
    type,
    timestamp: order.updatedAtMs.toString(),
  };
}

/**
 * A row of `GET /data/trades` as one of its parties sees it. The venue states no fee: the party
 * knows its market's schedule.
 */
export function tradeRow(trade: SimulatedTrade, account: string, writer: RowWriter) {
  const [taker, ...makers] = trade.parts;
  if (!taker) return undefined;
  const who = personOf(writer.accounts, taker.account);
  const isMined = trade.status === 'MINED' || trade.status === 'CONFIRMED';
  return {
    id: trade.tradeId,
    taker_order_id: orderIdOf(taker),
    ...namesOf(writer.listing, { market: trade.market, outcome: taker.outcome }),
    side: taker.side.toUpperCase(),
    size: formatAmount(taker.quantity),
    fee_rate_bps: '0',
    price: formatAmount(taker.price),
    status: `TRADE_STATUS_${trade.status}`,
    match_time: Math.floor(trade.atMs / 1000).toString(),
    match_time_nano: `${trade.atMs}000000`,
    last_update: Math.floor(trade.updatedAtMs / 1000).toString(),
    bucket_index: 0,
    owner: who.owner,
    maker_address: who.address,
    transaction_hash: isMined ? `0x${trade.tradeId}` : '',
    trader_side: taker.account === account ? 'TAKER' : 'MAKER',
    maker_orders: makers.map((maker) => makerRow(maker, trade.market, writer)),
  };
}

/** The user channel's `trade` event: the same without the prefix, in milliseconds. */
export function tradeEvent(trade: SimulatedTrade, account: string, writer: RowWriter) {
  const row = tradeRow(trade, account, writer);
  return (
    row && {
      ...row,
      event_type: 'trade',
      type: 'TRADE',
      status: trade.status,
      matchtime: row.match_time,
      last_update: trade.updatedAtMs.toString(),
      timestamp: trade.updatedAtMs.toString(),
    }
  );
}

function makerRow(maker: TradePart, market: string, { listing, accounts }: RowWriter) {
  const who = personOf(accounts, maker.account);
  const { asset_id, outcome } = namesOf(listing, { market, outcome: maker.outcome });
  return {
    order_id: orderIdOf(maker),
    owner: who.owner,
    maker_address: who.address,
    matched_amount: formatAmount(maker.quantity),
    price: formatAmount(maker.price),
    fee_rate_bps: '0',
    asset_id,
    outcome,
    side: maker.side.toUpperCase(),
  };
}

/** A row of the data API's activity (v2): a redemption, outcome by outcome, a worthless one for nothing. */
export function redemptionRow(settlement: SimulatedSettlement, { listing, accounts }: RowWriter) {
  const { asset_id, outcome } = namesOf(listing, settlement);
  return {
    proxy_wallet: personOf(accounts, settlement.account).address,
    timestamp: Math.floor(settlement.atMs / 1000),
    condition_id: settlement.market,
    type: 'REDEEM' as const, // the literal, not string
    size: Number(formatAmount(settlement.quantity)),
    usdc_size: Number(formatAmount(settlement.cash)),
    transaction_hash: `0x${settlement.reference}`,
    price: Number(formatAmount(settlement.price)),
    token_id: asset_id,
    outcome_index: outcome === 'Yes' ? 0 : 1,
    outcome,
  };
}

/** A merge or split concerns both outcomes alike: the row names neither. */
export function setChangeRow(change: SimulatedSetChange, { accounts }: RowWriter) {
  const dollars = change.cash < 0n ? -BigInt(change.cash) : change.cash;
  return {
    proxy_wallet: personOf(accounts, change.account).address,
    timestamp: Math.floor(change.atMs / 1000),
    condition_id: change.market,
    type: change.how === 'merge' ? ('MERGE' as const) : ('SPLIT' as const), // literals, not strings
    size: Number(formatAmount(change.quantity)),
    usdc_size: Number(formatAmount(dollars)),
    transaction_hash: `0x${change.reference}`,
    price: 0,
    token_id: '',
    outcome_index: 999,
    outcome: '',
  };
}

function namesOf(
  listing: Listing,
  { market, outcome }: Pick<SimulatedOrder, 'market' | 'outcome'>,
): { market: string; asset_id: string; outcome: string } {
  const listed = listing.market(market);
  const asset_id = listed ? tokenOf(listed.market, { outcome }) : '';
  return { market, asset_id, outcome: outcome === 'yes' ? 'Yes' : 'No' };
}

function personOf(accounts: readonly SimulatedAccount[], account: string) {
  const known = accounts.find((candidate) => candidate.account === account);
  return known
    ? { owner: known.credentials.apiKey, address: known.credentials.address as string }
    : { owner: CROWD_OWNER, address: CROWD_ADDRESS };
}

/** Orders of the crowd have no hash of their own. */
function orderIdOf({ venueOrderId }: TradePart): string {
  if (venueOrderId.startsWith('0x')) return venueOrderId;
  return `0x${createHash('sha256').update(venueOrderId).digest('hex')}`;
}
