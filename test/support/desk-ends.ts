import { inspect } from 'node:util';
import { expect, vi } from 'vitest';
import {
  type ArbitrageIntent,
  arbitrageWorkflowId,
  type TradeResult,
  type Wire,
} from '../../domain/index.js';
import { findIntent, listEntries, ordersOf, readControl, tradesList } from '../../store/index.js';
import {
  type LedgerCheck,
  ledgerCheck,
  type SimulatedOrder,
  type TradeStatus,
} from '../../venues/simulation/index.js';
import type { Verdict } from '../../workflows/messages.js';
import type { TestDesk } from './desk.js';
import { orderAtVenue, ordersAtVenues, tradeBecameAtMs } from './venue-truth.js';

/** Looks until it is so; a busy machine may take its time. */
export function soon<T>(look: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(look, { timeout: 30_000, interval: 10 });
}

/** The same for what may wait for a death to be noticed, and for another process. */
export function inTime<T>(look: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(look, { timeout: 90_000, interval: 50 });
}

/** A verdict that is no approval says why. */
export function mustBeApproved(verdict: Verdict): void {
  if (verdict.kind === 'denied') throw new Error(`denied: ${JSON.stringify(verdict.denial)}`);
}

/** How a trade ended: with its result, or as cancelled. */
export type Ended = { readonly kind: 'cancelled' } | TradeResult;

/** A result that is none of these says all that it is: a denial, its reason. */
export function expectEnd(result: Ended, wanted: object): void {
  expect(result, inspect(result)).toMatchObject(wanted);
}

/** Hands an intent over and waits for its end. */
export async function traded(desk: TestDesk, intent: Wire<ArbitrageIntent>): Promise<Ended> {
  const { handle } = await desk.client.arbitrage(intent);
  return endOf(handle);
}

/** A cancelled trade returns nothing; its result is in Postgres: `resultInBooks`. */
export async function endOf(handle: { result(): Promise<TradeResult> }): Promise<Ended> {
  try {
    return await handle.result();
  } catch (error) {
    const cause = error instanceof Error && 'cause' in error ? error.cause : undefined;
    if (cause instanceof Error && cause.name === 'CancelledFailure') return { kind: 'cancelled' };
    throw error;
  }
}

/** The result as it is kept for ever. */
export async function resultInBooks(
  { db }: TestDesk,
  intentId: string,
): Promise<Wire<TradeResult> | undefined> {
  return (await findIntent(db, intentId))?.result;
}

/** The venues' ledgers against our books, all trades of the desk together. */
export async function checkedBooks({ db, venues }: TestDesk): Promise<LedgerCheck> {
  const trades = await tradesList(db, 1_000);
  const stored = await Promise.all(trades.map(({ workflowId }) => ordersOf(db, workflowId)));
  const rowsOf = (venue: 'kalshi' | 'polymarket') =>
    venues[venue].ledger.lines.map(({ row }) => row);
  return ledgerCheck({
    ledgers: { kalshi: rowsOf('kalshi'), polymarket: rowsOf('polymarket') },
    entries: (await listEntries(db)).map(({ entry }) => entry),
    orders: stored.flat().map(({ order }) => order),
  });
}

/** Every order of a trade as the venues have it: see `ordersAtVenues`. */
export function atVenues({ venues }: TestDesk, intentId: string): readonly string[] {
  return ordersAtVenues(venues, arbitrageWorkflowId(intentId));
}

/** One order of a trade as its venue has it, by its purpose: `entry/yes`, `exit/no/0`. */
export function sentOrder({ venues }: TestDesk, intentId: string, what: string): SimulatedOrder {
  const order = orderAtVenue(venues, arbitrageWorkflowId(intentId), what);
  if (!order) throw new Error(`no venue has ${what} of ${intentId}`);
  return order;
}

/** When the last trade of that order reached a status at its venue. */
export function becameAtMs(desk: TestDesk, order: SimulatedOrder, status: TradeStatus): number {
  const atMs = tradeBecameAtMs(desk.venues, order, status);
  if (atMs === undefined) throw new Error(`no trade of ${order.venueOrderId} is ${status}`);
  return atMs;
}

/** All zero: nothing lost, made up or counted twice. */
export const BOOKS_AGREE: LedgerCheck = {
  missing: 0,
  extra: 0,
  duplicate: 0,
  positionDifference: '0',
};

/** What operators search this trade by, by the attributes' names. */
export async function searchedBy(
  { temporal }: TestDesk,
  workflowId: string,
): Promise<Readonly<Record<string, unknown>>> {
  const { typedSearchAttributes } = await temporal.workflow.getHandle(workflowId).describe();
  const pairs = typedSearchAttributes.getAll();
  return Object.fromEntries(pairs.map(({ key, value }) => [key.name, value]));
}

/** The pairs that are frozen now, by whomever. */
export async function frozenPairs({ db }: TestDesk): Promise<readonly string[]> {
  const { freezes } = await readControl(db);
  return freezes.flatMap(({ scope }) => (scope.kind === 'pair' ? [scope.key] : []));
}
