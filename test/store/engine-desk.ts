import { createHash } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect } from 'vitest';
import {
  type Admission,
  arbitrageWorkflowId,
  type ChildOrder,
  clientOrderIdFor,
  formatAmount,
  type Instrument,
  instrumentKey,
  intentDigest,
  money,
  type Outcome,
  purposeLine,
  quantity,
  type ShotName,
  toWire,
} from '../../domain/index.js';
import { type Adoption, grantLease, withAccountLocked } from '../../store/index.js';
import { ACCOUNT, intentOf, NO, NOW_MS, openDesk, orderOf, reservationFor, YES } from './desk.js';

export const VENUE_ACCOUNTS = [`kalshi/${ACCOUNT}`, `polymarket/${ACCOUNT}`];

export type Json = Readonly<Record<string, unknown>>;

/** Plain SQL, as the engine speaks it. */
export interface Calls {
  readonly rows: (text: string, values?: readonly unknown[]) => Promise<Json[]>;
  readonly ask: (name: string, ...values: readonly unknown[]) => Promise<Json[]>;
  /** The only row of an answer. */
  readonly one: (name: string, ...values: readonly unknown[]) => Promise<Json>;
}

/** A desk, and plain connections to its database. */
export function openEngineDesk() {
  const desk = openDesk();
  let pool: pg.Pool | undefined;
  beforeAll(() => {
    pool = plainPool(desk.databaseUrl, 10);
  });
  afterAll(async () => pool?.end());
  const calls = callsOver(() => {
    if (!pool) throw new Error('the database is opened before the first test');
    return pool;
  });
  return {
    get db() {
      return desk.db;
    },
    get databaseUrl() {
      return desk.databaseUrl;
    },
    ...calls,
  };
}

export const plainPool = (connectionString: string, max: number): pg.Pool =>
  new pg.Pool({ connectionString, max, types: numbers });

export function callsOver(pool: () => pg.Pool): Calls {
  const rows: Calls['rows'] = async (text, values = []) => {
    const answer = await pool().query<Json>(text, [...values]);
    return answer.rows;
  };
  const ask: Calls['ask'] = async (name, ...values) => {
    const places = values.map((_, index) => `$${index + 1}`).join(', ');
    const given = values.map((value) => (isJson(value) ? JSON.stringify(value) : value));
    return rows(`select * from ${name}(${places})`, given);
  };
  const one: Calls['one'] = async (name, ...values) => {
    const [row = {}] = await ask(name, ...values);
    return row;
  };
  return { rows, ask, one };
}

/** Texts of accounts are an array of Postgres; everything else that is built of parts is jsonb. */
function isJson(value: unknown): boolean {
  const isTexts = Array.isArray(value) && value.every((item) => typeof item === 'string');
  return typeof value === 'object' && value !== null && !isTexts;
}

const numbers: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) =>
    oid === pg.types.builtins.INT8 && format !== 'binary'
      ? Number
      : (pg.types.getTypeParser(oid, format) as unknown),
};

export interface Start {
  readonly process: string;
  readonly host: string;
  readonly epoch: number;
  readonly journal: string;
}

let starts = 0;

/** Registers a start whose journals are above every other's, as an engine does. */
export async function startEngine(
  desk: Calls,
  {
    host = 'host-a',
    accounts = VENUE_ACCOUNTS,
  }: { readonly host?: string; readonly accounts?: readonly string[] } = {},
): Promise<Start> {
  starts += 1;
  const { engine_epoch_known: known } = await desk.one('engine_epoch_known');
  const start = {
    ...{ process: `engine-${starts}`, host },
    ...{ epoch: Number(known) + 1, journal: `folder of ${host}` },
  };
  const answer = await register(desk, start, { accounts });
  expect(answer).toMatchObject({ refusal: null });
  return start;
}

export async function register(
  desk: Calls,
  { process: name, host, epoch, journal }: Start,
  change: { readonly accounts?: readonly string[]; readonly mode?: string } = {},
): Promise<Json> {
  const { accounts = VENUE_ACCOUNTS, mode = 'simulated' } = change;
  return desk.one('engine_register', name, host, 7, mode, epoch, accounts, journal, 'build-1');
}

/** Claims a pair and tells its number, so that its bit may be set. */
export async function ownPair(
  desk: Calls,
  { process: name, epoch }: Start,
  pairId: string,
): Promise<void> {
  const [before] = await desk.rows(`select epoch from owners where kind = 'pair' and key = $1`, [
    pairId,
  ]);
  const seen = before?.epoch ?? 0;
  const claimed = await desk.one('engine_claim_owner', name, epoch, pairId, seen);
  expect(claimed).toMatchObject({ refusal: null, held_by: name });
}

/** A start with 1000 dollars of a pair that it owns. */
export async function lentStart(
  desk: Calls & Pick<ReturnType<typeof openEngineDesk>, 'db'>,
  pairId: string,
): Promise<Start> {
  const start = await startEngine(desk);
  await ownPair(desk, start, pairId);
  const leg = (instrument: Instrument) => ({
    ...{ instrument, contracts: quantity('1000'), cash: money('800'), exitCash: money('50') },
  });
  const lease = {
    ...{ leaseId: `lease-${pairId}`, account: ACCOUNT, pairId, exposure: money('1000') },
    ...{ legs: [leg(YES), leg(NO)], termMs: 3_600_000, lastsMs: 3_600_000 },
  };
  await withAccountLocked(desk.db, ACCOUNT, (tx) => grantLease(tx, lease));
  return start;
}

export const marketOf = (market: number, pairId: string, change: Json = {}): Json => ({
  ...{ market, pairId, account: ACCOUNT },
  instruments: [instrumentKey(YES), instrumentKey(NO)],
  ...change,
});

export const heartbeat = async (
  desk: Calls,
  { process: name, epoch }: Start,
  acknowledged = 0,
): Promise<Json> => desk.one('engine_heartbeat', name, epoch, acknowledged);

/** Whether the bit of a market is set in the words of a heartbeat. */
export function isOpen({ open_words: words }: Json, market: number): boolean {
  const word = (words as readonly (number | string)[])[market >> 6] ?? 0; // int8s, as the driver reads them
  return ((BigInt(word) >> BigInt(market & 63)) & 1n) === 1n;
}

export interface LegTold {
  readonly written?: 'whole' | 'part' | 'nothing';
  readonly answer?: Json;
}

export interface ShotToTell {
  readonly sequence: number;
  readonly pairId?: string;
  readonly intentId?: string;
  readonly leaseEpoch?: number | null;
  readonly worst?: string;
  readonly refused?: string;
  readonly yes?: LegTold;
  readonly no?: LegTold;
}

export const DECIDED_NS = BigInt(NOW_MS) * 1_000_000n;
export const ACCEPTED = { class: 'yes', status: 201, venueOrderId: 'v', atNs: 3_000_000 };

/** One record of a journal, as the engine tells it. */
export function recordOf({ host, epoch }: Start, told: ShotToTell): Json {
  const { sequence, pairId = 'rain', intentId = intentOfShot(epoch, sequence) } = told;
  const { leaseEpoch = null } = told;
  return {
    ...{ host, epoch, thread: 0, sequence, intentId },
    ...{ pairId, account: ACCOUNT, leaseEpoch },
    ...(leaseEpoch !== null && { intent: toWire(armedIntent(intentId, { host, pairId })) }),
    ...{ worst: told.worst ?? '97.04', edge: '0.02', refused: told.refused ?? null },
    ...{ decidedNs: `${DECIDED_NS}`, notAfterNs: `${DECIDED_NS + 1_000_000_000n}` },
    monotonicNs: 1_000_000,
    legs: [legOf(intentId, 'yes', told.yes), legOf(intentId, 'no', told.no)],
  };
}

/** What a shot from a lease was fired for. */
export const armedIntent = (intentId: string, of: { host: string; pairId: string }) =>
  intentOf(intentId, { door: 'armed', ...of });

export const intentOfShot = (epoch: number, sequence: number): string =>
  `shot.${epoch}.${sequence}`;

export const shotOf = ({ host, epoch }: Start, sequence: number): ShotName => ({
  ...{ host, epoch, thread: 0, sequence },
});

/** The order that a leg is to everybody else. */
export function orderOfLeg(intentId: string, leg: Outcome): ChildOrder {
  return orderOf(`arbitrage/${intentId}`, leg);
}

function legOf(intentId: string, leg: Outcome, told: LegTold = {}): Json {
  const order = orderOfLeg(intentId, leg);
  const body = bodyOf(order);
  const { written, answer } = told;
  return {
    ...{ leg, venue: order.instrument.venue, market: order.instrument.market },
    clientOrderId: clientOrderIdFor(order.workflowId, order.purpose),
    limitPrice: formatAmount(order.limitPrice),
    legalMaximum: formatAmount(order.legalMaximum),
    fixed: { kind: 'contracts', contracts: '100' },
    createdAtMs: order.createdAtMs,
    ...{ body, requestSha256: createHash('sha256').update(body).digest('hex') },
    top: { bid: '0.5', ask: '0.52' },
    ...(written && { written, writtenNs: 2_000_000 }),
    ...(answer && { answer: { ...answer, ...nameOf(answer, leg, intentId) } }),
  };
}

/** Venue order ids are the venue's own: no two orders have the same. */
const nameOf = (answer: Json, leg: Outcome, intentId: string): Json =>
  answer.venueOrderId === undefined ? {} : { venueOrderId: `v-${leg}-${intentId}` };

export const bodyOf = (order: ChildOrder): string =>
  JSON.stringify({ client_order_id: order.clientOrderId, what: purposeLine(order.purpose) });

/** Tells records to Postgres; each must be safe there. */
export async function project(
  desk: Calls,
  { process: name, epoch }: Start,
  records: readonly Json[],
): Promise<void> {
  const answers = await desk.ask('engine_project', name, epoch, records);
  expect(answers.map(({ refusal, why }) => ({ refusal, why }))).toEqual(
    records.map(() => ({ refusal: null, why: null })),
  );
}

/** The trade that a shot of these records is. */
export function adoptionOf(start: Start, pairId: string, sequence: number): Adoption {
  const intentId = intentOfShot(start.epoch, sequence);
  const workflowId = arbitrageWorkflowId(intentId);
  const intent = toWire(armedIntent(intentId, { host: start.host, pairId }));
  const entries = { yesOrder: orderOfLeg(intentId, 'yes'), noOrder: orderOfLeg(intentId, 'no') };
  const admission = { kind: 'approved', entries, atMs: NOW_MS } as Admission; // what is not given is not read
  return {
    shot: shotOf(start, sequence),
    intent: { intent, digest: intentDigest(intent), workflowId, mode: 'simulated', atMs: NOW_MS },
    admission: toWire(admission),
    reservation: reservationFor(workflowId, pairId, money('97.04')),
    atMs: NOW_MS,
  };
}
