import {
  clientOrderIdOf,
  formatAmount,
  polymarketSalt,
  type VenueName,
} from '../../domain/index.js';
import type { SimulatedOrder, TradeStatus } from '../../venues/simulation/index.js';
import { ACCOUNT, type DeskVenues } from './desk-venues.js';

const RUNGS_MAX = 30;
const ATTEMPTS_MAX = 30;
const venueNames = ['kalshi', 'polymarket'] as const satisfies readonly VenueName[];

/**
 * Every order that a venue took in for this trade, as its ledger has it, in the order of their
 * purposes: "entry/no kalshi buys no @ 0.48: 10", "exit/yes/0 polymarket sells yes @ 0.38: 10
 * CONFIRMED". Refused orders leave nothing at a venue.
 */
export function ordersAtVenues(venues: DeskVenues, workflowId: string): readonly string[] {
  const named = namesOf(workflowId);
  return venueNames
    .flatMap((venue) =>
      venues[venue].exchange.orders({ account: ACCOUNT }).flatMap((order) => {
        const what = named.get(order.clientKey);
        return what === undefined ? [] : [`${what} ${lineOf(venues, venue, order)}`];
      }),
    )
    .toSorted();
}

export function orderAtVenue(
  venues: DeskVenues,
  workflowId: string,
  what: string,
): SimulatedOrder | undefined {
  const named = namesOf(workflowId);
  return venueNames
    .flatMap((venue) => venues[venue].exchange.orders({ account: ACCOUNT }))
    .findLast(({ clientKey }) => named.get(clientKey) === what);
}

export function tradeBecameAtMs(
  venues: DeskVenues,
  { venueOrderId }: SimulatedOrder,
  status: TradeStatus,
): number | undefined {
  const rows = venueNames.flatMap((venue) => venues[venue].ledger.lines.map(({ row }) => row));
  const ids = rows.flatMap((row) =>
    row.kind === 'trade' && row.trade.parts.some((part) => part.venueOrderId === venueOrderId)
      ? [row.trade.tradeId]
      : [],
  );
  return rows.findLast(
    (row) => row.kind === 'trade_status' && row.status === status && ids.includes(row.tradeId),
  )?.atMs;
}

function lineOf(venues: DeskVenues, venue: VenueName, order: SimulatedOrder): string {
  const { side, outcome, limitPrice, filledQuantity, venueOrderId, isReduceOnly } = order;
  const trades = venues[venue].exchange.trades({ account: ACCOUNT, venueOrderId });
  const statuses = venue === 'polymarket' ? trades.map(({ status }) => ` ${status}`) : [];
  const how = isReduceOnly ? 'reduces, ' : '';
  const what = `${how}${side}s ${outcome} @ ${formatAmount(limitPrice)}`;
  return `${venue} ${what}: ${formatAmount(filledQuantity)}${statuses.join('')}`;
}

const known = new Map<string, ReadonlyMap<string, string>>();

/** Reckoned once: whoever waits for an order looks many times, beside the venue that it waits for. */
function namesOf(workflowId: string): ReadonlyMap<string, string> {
  const names = known.get(workflowId) ?? allNamesOf(workflowId);
  known.set(workflowId, names);
  return names;
}

/** Both venues' keys of every order that the trade can have sent. */
function allNamesOf(workflowId: string): ReadonlyMap<string, string> {
  const exits = Array.from({ length: RUNGS_MAX }, (_, rung) => [
    `exit/yes/${rung}`,
    `exit/no/${rung}`,
  ]).flat();
  const attempts = Array.from({ length: ATTEMPTS_MAX }, (_, attempt) => attempt);
  return new Map(
    ['entry/yes', 'entry/no', ...exits].flatMap((what) =>
      attempts.flatMap((attempt) => {
        const id = clientOrderIdOf(workflowId, what, attempt);
        return [id, polymarketSalt(id).toString()].map((key) => [key, what] as const);
      }),
    ),
  );
}
