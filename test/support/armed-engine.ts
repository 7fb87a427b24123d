import { createHash } from 'node:crypto';
import type pg from 'pg';
import { entryOrders } from '../../activities/entry-orders.js';
import { startAdoption } from '../../client/index.js';
import {
  type ArbitrageIntent,
  approvedBy,
  arbitrageWorkflowId,
  type ChildOrder,
  formatAmount,
  fromWire,
  notional,
  type Outcome,
  type Pair,
  type PlaceAnswer,
  price,
  type Reservation,
  reservationFor,
  type ShotName,
  toWire,
  type Venue,
  type Wire,
  ZERO_MONEY,
} from '../../domain/index.js';
import { orderGroupOf } from '../../store/order-groups.js';
import { openVenues } from '../../workers/venue-access.js';
import {
  type Calls,
  callsOver,
  type Json,
  ownPair,
  plainPool,
  project,
  type Start,
  startEngine,
} from '../store/engine-desk.js';
import type { TestDesk } from './desk.js';
import { intentOf } from './desk-intent.js';

/**
 * What becomes of a leg: its answer is told, its answer is lost, the venue has refused it (it is not
 * placed), or the wire has taken nothing of it.
 */
export type LegFate = 'answered' | 'silent' | 'refused' | 'unwritten';

export interface Fates {
  readonly yes?: LegFate;
  readonly no?: LegFate;
  /** Why nothing of it has left. */
  readonly refused?: string;
}

/** A shot that has left. Neither Postgres nor a workflow knows of it. */
export interface ArmedShot {
  readonly workflowId: string;
  readonly intent: Wire<ArbitrageIntent>;
  readonly shot: ShotName;
  /** As the engine does after its section. */
  readonly tell: () => Promise<void>;
  /** As the engine does beside it. */
  readonly start: () => Promise<'runs' | 'ended'>;
}

/** Fires from a lease as an engine would: real orders at both venues, and a record of a journal. */
export class ArmedEngine {
  readonly #desk: TestDesk;
  readonly #pool: pg.Pool;
  readonly #calls: Calls;
  readonly #start: Start;
  readonly #venues: readonly Venue[];
  #sequence = 0;

  private constructor(desk: TestDesk, of: { pool: pg.Pool; calls: Calls; start: Start }) {
    this.#desk = desk;
    this.#pool = of.pool;
    this.#calls = of.calls;
    this.#start = of.start;
    this.#venues = openVenues(desk.config);
  }

  static async open(desk: TestDesk, pairIds: readonly string[]): Promise<ArmedEngine> {
    const pool = plainPool(desk.config.databaseUrl, 1);
    const calls = callsOver(() => pool);
    const start = await startEngine(calls, { host: 'host-armed' });
    for (const pairId of pairIds) await ownPair(calls, start, pairId);
    return new ArmedEngine(desk, { pool, calls, start });
  }

  async fire(intentId: string, pairId: string, fates: Fates = {}): Promise<ArmedShot> {
    const { host, epoch } = this.#start;
    const { temporal, config, place, pairs } = this.#desk;
    const intent = intentOf(intentId, pairId, { door: 'armed', host });
    this.#sequence += 1;
    const shot = { host, epoch, thread: 0, sequence: this.#sequence };
    const made = await this.#made(fromWire<ArbitrageIntent>(intent), pairs.pair(pairId));
    const legs = await Promise.all(
      (['yes', 'no'] as const).map(async (leg) => this.#sent(made, leg, fates)),
    );
    const record = { ...shot, ...recordOf(intent, made, fates), legs };
    return {
      ...{ workflowId: arbitrageWorkflowId(intentId), intent, shot },
      tell: async () => project(this.#calls, this.#start, [record]),
      start: async () =>
        startAdoption(temporal, { mode: config.mode, desk: place.desk }, { intent, shot }),
    };
  }

  async close(): Promise<void> {
    await Promise.all([this.#pool.end(), ...this.#venues.map((venue) => venue.close())]);
  }

  async #made(intent: ArbitrageIntent, pair: Pair): Promise<Made> {
    const { account, pairId, contractsMax: contracts, limitPrice } = intent;
    const group = await orderGroupOf(this.#desk.db, { account, pairId });
    const cost = (leg: Outcome) => notional(limitPrice[leg], contracts, 'ceil');
    const entries = entryOrders({
      ...{ intent, workflowId: arbitrageWorkflowId(intent.intentId), pair, nowMs: Date.now() },
      priced: {
        ...{ kind: 'opportunity', type: intent.type, contracts, limitPrice },
        ...{
          edge: price('0.09'),
          net: ZERO_MONEY,
          expectedCost: { yes: cost('yes'), no: cost('no') },
        },
        fees: { yes: ZERO_MONEY, no: ZERO_MONEY },
      },
      orderGroupId: group?.groupId,
    });
    if (entries.kind === 'denied') throw new Error(entries.denial.code);
    const { yesOrder, noOrder } = entries.orders;
    const { policy } = this.#desk.place;
    const reservation = reservationFor({ intent, pair, entries: entries.orders, policy });
    return { pair, reservation, orders: { yes: yesOrder, no: noOrder } };
  }

  async #sent({ pair, reservation, orders }: Made, leg: Outcome, fates: Fates): Promise<Json> {
    const order = orders[leg];
    const { venue: name } = order.instrument;
    const venue = this.#venues.find((one) => one.name === name);
    const approved = approvedBy(reservation, order);
    if (!venue || !approved) throw new Error(`${order.clientOrderId} cannot be sent`);
    const prepared = await venue.prepare(approved, pair[name]);
    const fate = fates.refused === undefined ? (fates[leg] ?? 'answered') : 'unwritten';
    const isPlaced = fate === 'answered' || fate === 'silent';
    const answer = isPlaced ? await venue.place(prepared, ANSWER_MS) : undefined;
    const { body, venueOrderId } = prepared;
    return legOf(order, { body, venueOrderId, fate, answer });
  }
}

const ANSWER_MS = 1_000;

interface Made {
  readonly pair: Pair;
  readonly reservation: Reservation;
  readonly orders: Readonly<Record<Outcome, ChildOrder>>;
}

function recordOf(intent: Wire<ArbitrageIntent>, { reservation }: Made, { refused }: Fates): Json {
  const { intentId, pairId, account, notAfterMs } = intent;
  return {
    ...{ intentId, pairId, account, leaseEpoch: 1, intent },
    ...{ worst: formatAmount(reservation.exposure), edge: '0.09', refused: refused ?? null },
    ...{
      decidedNs: `${Date.now()}000000`,
      notAfterNs: `${notAfterMs}000000`,
      monotonicNs: 1_000_000,
    },
  };
}

interface Told {
  readonly body: string;
  readonly venueOrderId: string | undefined;
  readonly fate: LegFate;
  readonly answer: PlaceAnswer | undefined;
}

function legOf(order: ChildOrder, { body, venueOrderId, fate, answer }: Told): Json {
  const { clientOrderId, instrument, limitPrice, legalMaximum, fixed, createdAtMs } = order;
  const written = fate === 'unwritten' ? 'nothing' : 'whole';
  const said = answerOf(fate, answer);
  return {
    ...{ leg: instrument.outcome, venue: instrument.venue, market: instrument.market },
    ...{ clientOrderId, createdAtMs, body, fixed: toWire(fixed) },
    ...{ limitPrice: formatAmount(limitPrice), legalMaximum: formatAmount(legalMaximum) },
    requestSha256: createHash('sha256').update(body).digest('hex'),
    ...(order.orderGroupId !== undefined && { orderGroupId: order.orderGroupId }),
    ...(venueOrderId !== undefined && { venueOrderId }),
    ...{ written, writtenNs: 2_000_000 },
    ...(said && { answer: { ...said, atNs: 3_000_000 } }),
  };
}

function answerOf(fate: LegFate, answer: PlaceAnswer | undefined): Json | undefined {
  if (fate === 'refused')
    return { class: 'no', status: 409, refusal: 'no_match', code: 'STAND_IN' };
  if (fate !== 'answered' || !answer) return undefined;
  if (answer.kind !== 'accepted') return { class: 'unknown', status: 0, code: 'STAND_IN' };
  const { venueOrderId, state, cumulativeQuantity } = answer;
  return {
    class: 'yes',
    status: 201,
    venueOrderId,
    state,
    ...{ cumulativeQuantity: formatAmount(cumulativeQuantity) },
  };
}
