import { expect } from 'vitest';
import { type ChildOrder, type Outcome, toWire } from '../../domain/index.js';
import type { Connection } from '../../store/index.js';
import { approve, NOW_MS, orderOf } from './desk.js';
import {
  bodyOf,
  type Calls,
  type Json,
  ownPair,
  type ShotToTell,
  type Start,
  startEngine,
} from './engine-desk.js';

export const LEGS = ['yes', 'no'] as const;
export const RECORDED = { refusal: null, why: null };
export const STORY = [
  { atMs: NOW_MS + 123, event: 'admitted', text: '97.04 reserved' },
  { atMs: NOW_MS + 124, event: 'firing', text: '2 orders' },
];

/** A trade that was approved, and the start that owns its pair. */
export interface ReservedTrade {
  readonly start: Start;
  readonly intentId: string;
  readonly workflowId: string;
  readonly pairId: string;
}

export async function reserved(
  desk: Calls & Pick<Connection, 'db'>,
  intentId: string,
): Promise<ReservedTrade> {
  const start = await startEngine(desk);
  const { workflowId, intent } = await approve(desk.db, intentId);
  const { pairId } = intent;
  await ownPair(desk, start, pairId);
  return { start, intentId, workflowId, pairId };
}

export interface ShotChange {
  readonly pairId?: string;
  readonly mode?: string;
  readonly yes?: Partial<ChildOrder>;
  readonly no?: Partial<ChildOrder>;
  readonly venueOrderId?: string;
}

/** What the engine tells before it fires for a trade. Polymarket's order has its venue's name then. */
export function shotFor({ workflowId, pairId }: ReservedTrade, change: ShotChange = {}): Json {
  const { mode, venueOrderId = hashOf(workflowId) } = change;
  const told = (leg: Outcome) => {
    const order = orderOf(workflowId, leg, change[leg]);
    return { order: toWire(order), body: bodyOf(order), ...(leg === 'yes' && { venueOrderId }) };
  };
  const orders = LEGS.map(told);
  const about = { workflowId, pairId: change.pairId ?? pairId, ...(mode && { mode }) };
  return { ...about, orders, story: STORY };
}

export const hashOf = (workflowId: string): string => `v-yes-${workflowId.split('/')[1]}`;

export const record = async (
  desk: Calls,
  { process: name, epoch }: Start,
  shot: Json,
): Promise<Json> => desk.one('engine_record_orders', name, epoch, shot);

/** The same trade with its orders recorded, and what its journal says of it before any answer. */
export async function recorded(
  desk: Calls & Pick<Connection, 'db'>,
  intentId: string,
  change: ShotChange = {},
): Promise<ReservedTrade & { readonly told: ShotToTell }> {
  const trade = await reserved(desk, intentId);
  expect(await record(desk, trade.start, shotFor(trade, change))).toEqual(RECORDED);
  return { ...trade, told: { sequence: 1, intentId, pairId: trade.pairId } };
}
