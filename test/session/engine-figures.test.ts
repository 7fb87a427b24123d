import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import {
  arbitrageWorkflowId,
  type ChildOrder,
  type ChildOrderStatus,
  type Door,
  intentDigest,
  polymarketSalt,
} from '../../domain/index.js';
import { adoptShot, recordAnswer, recordOrders } from '../../store/index.js';
import { readSessionRows, type SessionRows } from '../../workers/session/session-rows.js';
import { unclean } from '../../workers/session/session-summary.js';
import { summaryTable } from '../../workers/session/summary-table.js';
import { approve, enter, NOW_MS, orderOf } from '../store/desk.js';
import {
  adoptionOf,
  intentOfShot,
  type Json,
  openEngineDesk,
  ownPair,
  project,
  recordOf,
  startEngine,
} from '../store/engine-desk.js';
import { type ReservedTrade, record, recorded, shotFor } from '../store/engine-trade.js';
import { summaryOf } from './summary-of.js';

const desk = openEngineDesk();

/** Three years after the boot: more nanoseconds than a number holds. */
const BEGAN_NS = 100_000_000_000_000_003n;

interface LegAfter {
  readonly written: 'whole' | 'part' | 'nothing';
  readonly writtenNs: bigint;
  /** Status 0: the time at which the answer was given up. */
  readonly answered?: { readonly ns: bigint; readonly status: number };
}

/** Fires for a trade that has reserved and tells the record; times are after the beginning. */
async function fired(intentId: string, yes: LegAfter, no: LegAfter): Promise<ReservedTrade> {
  const trade = await recorded(desk, intentId);
  const plain = recordOf(trade.start, trade.told);
  const legs = (plain.legs as readonly Json[]).map((leg) => ({
    ...leg,
    ...toldOf(leg.leg === 'yes' ? yes : no),
  }));
  await project(desk, trade.start, [{ ...plain, monotonicNs: `${BEGAN_NS}`, legs }]);
  return trade;
}

function toldOf({ written, writtenNs, answered }: LegAfter): Json {
  const stamp = { written, writtenNs: `${BEGAN_NS + writtenNs}` };
  if (!answered) return stamp;
  const { ns, status } = answered;
  const said = { class: status === 0 ? 'unknown' : 'no', status, refusal: 'no_match' };
  return { ...stamp, answer: { ...said, atNs: `${BEGAN_NS + ns}` } };
}

const whole = (writtenNs: bigint, answeredNs?: bigint, status = 409): LegAfter => ({
  ...{ written: 'whole', writtenNs },
  ...(answeredNs !== undefined && { answered: { ns: answeredNs, status } }),
});

/** What is there of these trades alone. */
async function rowsOf(...intentIds: readonly string[]): Promise<SessionRows> {
  const rows = await readSessionRows(desk.db);
  const workflows = new Set(intentIds.map(arbitrageWorkflowId));
  return {
    ...rows,
    trades: rows.trades.filter(({ intent }) => workflows.has(intent.workflowId)),
    orders: rows.orders.filter(({ stored }) => workflows.has(stored.order.workflowId)),
    shots: rows.shots.filter(({ workflowId }) => workflows.has(workflowId)),
  };
}

const figuresOf = ({ count, p50, p95 }: { count: number; p50: unknown; p95: unknown }) => ({
  ...{ count, p50, p95 },
});

test('the steps of shots are told in microseconds, to the nanosecond', async () => {
  await fired('yes-first', whole(40_001n, 1_040_001n), whole(65_500n, 965_500n));
  await fired('no-first', whole(91_250n), whole(30_125n));
  const part = { written: 'part', writtenNs: 7_000n } as const;
  await fired(
    'cut',
    { ...part, answered: { ns: 5_000_000_000n, status: 0 } },
    { written: 'nothing', writtenNs: 7_500n },
  );
  const { shotsUs } = summaryOf(await rowsOf('yes-first', 'no-first', 'cut'));
  if (!shotsUs) throw new Error('three shots have left');
  const { firstWritten, skew, bothWritten, answered } = shotsUs;
  expect(figuresOf(firstWritten)).toEqual({ count: 2, p50: 30.125, p95: 40.001 });
  expect(figuresOf(skew)).toEqual({ count: 2, p50: 25.499, p95: 61.125 });
  expect(figuresOf(bothWritten)).toEqual({ count: 2, p50: 65.5, p95: 91.25 });
  // What was given up after five seconds of silence is no answer.
  expect(figuresOf(answered.polymarket)).toEqual({ count: 1, p50: 1_000, p95: 1_000 });
  expect(figuresOf(answered.kalshi)).toEqual({ count: 1, p50: 900, p95: 900 });
});

test('the screen has them, where anything was fired', async () => {
  await fired('shown', whole(40_001n, 1_040_001n), whole(65_500n, 965_500n));
  await refused('beside');
  const screenOf = async (...ids: readonly string[]) =>
    stripVTControlCharacters(summaryTable(summaryOf(await rowsOf(...ids))));
  const screen = await screenOf('shown', 'beside');
  expect(screen).toContain('engine 1; 1 given up before a byte left');
  expect(screen).toContain('workflow 1, fire_first 0, armed 0');
  expect(screen).toMatch(/leg skew\W+p50 25.5 µs, p95 25.5 µs, p99 25.5 µs \(1\)/);
  expect(screen).toContain('polymarket p50 1000 µs, p95 1000 µs, p99 1000 µs (1)');
  for (const line of screen.split('\n').slice(0, -1)) expect(line.length).toBeLessThanOrEqual(100);
  const without = await screenOf('beside');
  expect(without).toContain('engine 0; 1 given up before a byte left');
  expect(without).not.toContain('µs');
  expect(summaryOf(await rowsOf('beside'))).not.toHaveProperty('shotsUs');
});

test('a shot that the gate refused has no times, and nobody has fired its trade', async () => {
  await refused('frozen');
  const rows = await rowsOf('frozen');
  const { trades, firedBy, doors, shotsUs } = summaryOf(rows);
  expect(trades.fired).toBe(1);
  expect(firedBy).toEqual({ engine: 0, nobody: 1 });
  expect(doors).toEqual({ workflow: 0, fire_first: 0, armed: 0 });
  expect(shotsUs).toBeUndefined();
});

test('doors are counted by leases and intents of shots', async () => {
  await fired('reserved', whole(1n), whole(2n));
  await enter(desk.db, 'denied');
  const first = [await adopted('armed'), await adopted('armed'), await adopted('fire_first')];
  const { doors, firedBy, trades } = summaryOf(await rowsOf('reserved', 'denied', ...first));
  expect(doors).toEqual({ armed: 2, fire_first: 1, workflow: 1 });
  expect(firedBy).toEqual({ engine: 4, nobody: 0 });
  expect(trades).toMatchObject({ asked: 5, fired: 4 });
});

/** A trade that was fired from a lease before it was one. */
async function adopted(door: Door): Promise<string> {
  const start = await startEngine(desk);
  const pairId = `pair-${door}-${start.epoch}`;
  await project(desk, start, [recordOf(start, { sequence: 1, pairId, leaseEpoch: 1 })]);
  const { intent: armed, ...adoption } = adoptionOf(start, pairId, 1);
  const intent = { ...armed.intent, door };
  const entered = { ...armed, intent, digest: intentDigest(intent) };
  expect(await adoptShot(desk.db, { ...adoption, intent: entered })).toMatchObject({
    kind: 'adopted',
  });
  return intentOfShot(start.epoch, 1);
}

/** A trade whose orders were recorded, and whose shot the gate has refused. */
async function refused(intentId: string): Promise<void> {
  const { start, told } = await recorded(desk, intentId);
  await project(desk, start, [recordOf(start, { ...told, refused: 'FROZEN' })]);
}

async function sent(...orders: readonly ChildOrder[]): Promise<readonly ChildOrder[]> {
  const recording = orders.map((order) => ({ order, mode: 'simulated', body: '{}' }) as const);
  await recordOrders(desk.db, recording);
  return orders;
}

const entriesOf = (intentId: string): readonly ChildOrder[] =>
  (['yes', 'no'] as const).map((leg) => orderOf(arbitrageWorkflowId(intentId), leg));

/** The ledgers of two venues that took these orders in. */
function ledgersOf(orders: readonly ChildOrder[]) {
  const lineOf = ({ clientOrderId, instrument: { market, venue } }: ChildOrder) => {
    const isKalshi = venue === 'kalshi';
    const clientKey = isKalshi ? clientOrderId : `${polymarketSalt(clientOrderId)}`;
    const order = { clientKey, market, venueOrderId: `theirs-${clientOrderId}` };
    return { sequence: 0, hasMore: false, row: { kind: 'order', atMs: 0, order } } as never; // only these are read
  };
  const at = (venue: string) => orders.filter(({ instrument }) => instrument.venue === venue);
  return { kalshi: at('kalshi').map(lineOf), polymarket: at('polymarket').map(lineOf) };
}

async function checked(intentIds: readonly string[], orders: readonly ChildOrder[]) {
  const summary = summaryOf(await rowsOf(...intentIds), ledgersOf(orders));
  const findings = unclean(summary).filter((finding) => /slot|written legs/.test(finding));
  return { journalCheck: summary.journalCheck, findings };
}

const HEALTHY = { journalCheck: 0, findings: [] };

test('a journal that tells of every entry is healthy beside exits, which trading workers send', async () => {
  const { workflowId } = await fired('told', whole(1n), whole(2n));
  const purpose = { kind: 'exit', leg: 'yes', rung: 0, attempt: 0 } as const;
  const exits = await sent(orderOf(workflowId, 'yes', { purpose, side: 'sell' }));
  const orders = [...entriesOf('told'), ...exits];
  expect(await checked(['told'], orders)).toEqual(HEALTHY);
});

test('an entry at its venue that no slot tells of is a fault', async () => {
  const start = await startEngine(desk);
  const { workflowId, intent } = await approve(desk.db, 'lost', { engineHost: start.host });
  const trade = { start, intentId: 'lost', workflowId, pairId: intent.pairId };
  await ownPair(desk, start, trade.pairId);
  await record(desk, start, shotFor(trade));
  expect(await checked(['lost'], [])).toEqual(HEALTHY);
  const [yes, no] = entriesOf('lost');
  if (!yes || !no) throw new Error('a trade has two entries');
  expect(await checked(['lost'], [yes, no])).toEqual({
    journalCheck: 2,
    findings: [
      `2 orders that no journal's slot tells of: kalshi/theirs-${no.clientOrderId}, polymarket/theirs-${yes.clientOrderId}`,
    ],
  });
});

test('so is one that was recorded and that no engine was asked for, and one without a row', async () => {
  const { workflowId } = await approve(desk.db, 'unasked');
  const unasked = await sent(orderOf(workflowId, 'yes'));
  expect(await checked(['unasked'], unasked)).toMatchObject({ journalCheck: 1 });
  const stranger = orderOf(arbitrageWorkflowId('nobodys'), 'no');
  expect(await checked([], [stranger])).toMatchObject({ journalCheck: 1 });
});

/** A trade whose first leg was half written and never heard of. */
async function silent(intentId: string) {
  const nothing = { written: 'nothing', writtenNs: 2n } as const;
  await fired(intentId, { written: 'part', writtenNs: 1n }, nothing);
  const [yes] = entriesOf(intentId);
  if (!yes) throw new Error('a trade has two entries');
  const { clientOrderId } = yes;
  const became = async (status: ChildOrderStatus) => {
    await recordAnswer(desk.db, {
      ...{ clientOrderId, event: 'found', status, detail: {}, atMs: NOW_MS },
    });
    return checked([intentId], []);
  };
  const findings = [`1 written legs that came to nothing known: polymarket/${clientOrderId}`];
  return { yes, became, fault: { journalCheck: 1, findings } };
}

test('a written leg that no venue has is a fault until evidence has ended it', async () => {
  const { yes, became, fault } = await silent('silent');
  expect(await checked(['silent'], [])).toEqual(fault);
  expect(await checked(['silent'], [yes])).toEqual(HEALTHY);
  expect(await became('unknown')).toEqual(fault);
  expect(await became('absent')).toEqual(HEALTHY);
});

test('that no byte has left is no end of a written leg: its journal says otherwise', async () => {
  const { became, fault } = await silent('contradicted');
  expect(await became('denied')).toEqual(fault);
});
