import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { pino } from 'pino';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  instrumentKey,
  money,
  price,
  quantity,
  type ResultKind,
  type VenueEntry,
} from '../../domain/index.js';
import {
  appendStory,
  bookEntries,
  closeCase,
  closeTrade,
  type FiredCount,
  firedCount,
  leftBehind,
  openBreak,
  openCase,
  ownerlessPositions,
  recordAnswer,
  recordOrders,
  takeCase,
  unresolvedCount,
} from '../../store/index.js';
import { finalBooks } from '../../workers/session/final-books.js';
import { leastByEachDoor } from '../../workers/session/fired-by.js';
import { percentiles } from '../../workers/session/percentiles.js';
import { resultDifferences } from '../../workers/session/result-differences.js';
import { phaseEnd } from '../../workers/session/session-progress.js';
import { readSessionRows } from '../../workers/session/session-rows.js';
import { type SessionSummary, unclean } from '../../workers/session/session-summary.js';
import { sortedJson } from '../../workers/session/sorted-json.js';
import { summaryTable } from '../../workers/session/summary-table.js';
import { writeReport } from '../../workers/session/write-report.js';
import {
  ACCOUNT,
  approve,
  enter,
  fillOf,
  NOW_MS,
  openDesk,
  orderOf,
  resultOf,
  reversalOf,
  YES,
} from '../store/desk.js';
import { NOTHING_LEFT, summaryOf } from './summary-of.js';

const books = openDesk();

interface Trade {
  readonly id: string;
  readonly ends?: ResultKind;
  readonly net?: string;
  /** Events of the two entries; none: nothing was ever recorded for sending. */
  readonly heard?: Readonly<Record<'yes' | 'no', readonly (readonly [string, string, number])[]>>;
}

/** One trade as the activities leave it in Postgres; times are milliseconds after its arrival. */
async function played({ id, ends, net = '0', heard }: Trade): Promise<void> {
  const { intent, workflowId } = await enter(books.db, id);
  const legs = (['yes', 'no'] as const).map((leg) => orderOf(workflowId, leg));
  if (heard) {
    const record = { mode: 'simulated', body: '{"signed":"bytes"}' } as const;
    await recordOrders(
      books.db,
      legs.map((order) => ({ ...record, order })),
    );
  }
  for (const order of heard ? legs : []) {
    const leg = order.purpose.leg;
    for (const [event, status, afterMs] of heard?.[leg] ?? []) {
      await recordAnswer(books.db, {
        ...{ clientOrderId: order.clientOrderId, event, detail: {}, atMs: NOW_MS + afterMs },
        status: status as 'filled', // written as the table's words
      });
    }
  }
  if (!ends) return;
  const result = resultOf(ends, {
    ...{ net: money(net), fees: money('0.02'), exposureContractSeconds: quantity('1.5') },
    ...(ends === 'denied' && { denial: { code: 'PAIR_UNKNOWN', pairId: 'x' } as const }),
  });
  await closeTrade(books.db, {
    ...{ intent, workflowId, result, isError: false, holdForMs: 0, atMs: NOW_MS + 2_000 },
  });
}

beforeAll(async () => {
  await played({
    ...{ id: 'both', ends: 'matched', net: '1.2' },
    heard: { yes: [['accepted', 'filled', 40]], no: [['accepted', 'filled', 25]] },
  });
  await played({
    ...{ id: 'doubt', ends: 'exited', net: '-0.3' },
    heard: {
      yes: [['accepted', 'filled', 30]],
      no: [
        ['silence', 'unknown', 3_000],
        ['found', 'canceled', 3_400],
      ],
    },
  });
  await played({
    ...{ id: 'lost', ends: 'missed' },
    heard: {
      yes: [
        ['reported', 'canceled', 90],
        ['silence', 'canceled', 3_000],
      ],
      no: [['rejected', 'rejected', 20]],
    },
  });
  await played({ id: 'refused', ends: 'denied' });
  await played({
    id: 'running',
    heard: { yes: [['accepted', 'working', 10]], no: [['silence', 'unknown', 20]] },
  });
  await bookEntries(books.db, [fillOf({ venueOrderId: 'v1', executionId: 'e1' })]);
  const line = { event: 'verdict', text: 'approved after 12.5 ms', detail: { tookMs: 12.5 } };
  await appendStory(books.db, { ...line, workflowId: 'arbitrage/both', atMs: NOW_MS });
});

async function summed(): Promise<SessionSummary> {
  return summaryOf(await readSessionRows(books.db));
}

describe('what a session was', () => {
  test('every kind of result is counted, and those that did not happen are zero', async () => {
    const { results, trades, denials, doors } = await summed();
    expect(results).toEqual({ denied: 1, exited: 1, matched: 1, missed: 1, residual: 0 });
    expect(trades).toEqual({ asked: 5, fired: 4, open: 1, dryRuns: 0 });
    expect(denials).toEqual({ PAIR_UNKNOWN: 1 });
    expect(doors).toEqual({ armed: 0, fire_first: 0, workflow: 4 });
  });

  test('an order whose own answer never came was unknown, whoever ended the doubt', async () => {
    const { unknowns, orders } = await summed();
    expect(unknowns).toEqual({ seen: 3, left: 2 });
    expect(orders).toMatchObject({ filled: 3, canceled: 2, rejected: 1, working: 1, unknown: 1 });
  });

  test('money is the sum of the results, to the last digit', async () => {
    const { netPnl, fees, exposureSeconds } = await summed();
    expect({ netPnl, fees, exposureSeconds }).toEqual({
      ...{ netPnl: '0.9', fees: '0.08', exposureSeconds: '6' },
    });
  });

  test('latencies are of fired trades; a leg in doubt is known when the doubt ends', async () => {
    const { latenciesMs } = await summed();
    expect(latenciesMs.verdict).toEqual({
      ...{ count: 1, p50: 12.5, p90: 12.5, p95: 12.5, p99: 12.5 },
    });
    expect(latenciesMs.trade).toMatchObject({ count: 3, p50: 2_000 });
  });

  test('it is not clean while anything is open or the ledgers disagree', async () => {
    const summary = await summed();
    expect(unclean(summary)).toEqual([
      ...['1 trades open', '2 orders uncertain', '1 entries of ours in no ledger'],
      '15.2 difference of positions and cash',
      '2 results that their rows do not add up to: both (net 1.2, rows 0), doubt (net -0.3, rows 0)',
    ]);
    const clean: SessionSummary = {
      ...summary,
      trades: { ...summary.trades, open: 0 },
      unknowns: { seen: 3, left: 0 },
      ledgerCheck: { missing: 0, extra: 0, duplicate: 0, positionDifference: '0' },
      resultDifferences: [],
    };
    expect(unclean(clean)).toEqual([]);
    expect(unclean({ ...clean, openBreaks: 1 })).toEqual(['1 breaks open']);
    const left = { ...NOTHING_LEFT, reservations: 1, holds: 2, openOrders: ['kalshi/o'] };
    const ownerless = ['main/kalshi/m/yes 3'];
    expect(unclean({ ...clean, left: { ...left, ownerless } })).toEqual([
      ...['1 reservations left', '2 holds left', '1 orders left at a venue: kalshi/o'],
      '1 positions without an owner: main/kalshi/m/yes 3',
    ]);
    expect(
      unclean({ ...clean, left: { ...NOTHING_LEFT, unread: ['kalshi pages (5xx)'] } }),
    ).toEqual(['1 readings that a venue refused to the end: kalshi pages (5xx)']);
    const needlessFreezes = ['custody/3', 'unknown/o'];
    expect(unclean({ ...clean, left: { ...NOTHING_LEFT, needlessFreezes } })).toEqual([
      '2 freezes whose reason is over: custody/3, unknown/o',
    ]);
    expect(unclean({ ...clean, unheard: ['kalshi/o/1'] })).toEqual([
      '1 trade rows that nobody heard of in time: kalshi/o/1',
    ]);
    for (const figure of ['missing', 'extra', 'duplicate'] as const) {
      const check = { ...clean.ledgerCheck, [figure]: 1 };
      expect(unclean({ ...clean, ledgerCheck: check })).toHaveLength(1);
    }
  });

  test('a door by which too little was fired is not clean, once every door has had its turn', async () => {
    const summary = await summed();
    const doors = { workflow: 40, fire_first: 0, armed: 20 };
    const idleOf = (fired: number, found: SessionSummary['doors']) =>
      unclean({ ...summary, doors: found, trades: { ...summary.trades, fired } }).filter(
        (finding) => finding.includes('door'),
      );
    expect(idleOf(60, doors)).toEqual(['1 doors by which too little was fired: fire_first 0 of 1']);
    expect(idleOf(60, { ...doors, armed: 0 })).toEqual([
      '2 doors by which too little was fired: fire_first 0 of 1, armed 0 of 1',
    ]);
    expect(idleOf(60, { ...doors, fire_first: 1 })).toEqual([]);
    expect(idleOf(59, doors)).toEqual([]);
    const many = { workflow: 100, fire_first: 19, armed: 81 };
    expect(idleOf(200, many)).toEqual([
      '1 doors by which too little was fired: fire_first 19 of 20',
    ]);
    expect(idleOf(200, { ...many, fire_first: 20 })).toEqual([]);
  });

  test.each([
    [0, 0],
    [59, 0],
    [60, 1],
    [73, 1],
    [74, 2],
    [130, 10],
    [199, 19],
    [200, 20],
    [1_000, 20],
  ])('of %i trades each door has fired at least %i', (fired, least) => {
    expect(leastByEachDoor(fired)).toBe(least);
  });

  test('it fits on one screen of a hundred columns', async () => {
    const screen = stripVTControlCharacters(summaryTable(await summed())).split('\n');
    expect(screen.at(-1)).toMatch(/^Not clean: 1 trades open; 2 orders uncertain/);
    for (const line of screen.slice(0, -1)) expect(line.length).toBeLessThanOrEqual(100);
    expect(screen.length).toBeLessThan(40);
  });
});

describe('what it leaves behind', () => {
  test('the report is a summary with sorted keys, our orders, our fills and the ledgers', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'legwork-report-'));
    const ledgersFolder = mkdtempSync(join(tmpdir(), 'legwork-ledgers-'));
    // The venue went on after the books were read: the second line is later than the report.
    for (const venue of ['kalshi', 'polymarket']) {
      writeFileSync(join(ledgersFolder, `${venue}.jsonl`), '{"line":1}\n{"line":2}\n');
    }
    const rows = await readSessionRows(books.db);
    const line = { sequence: 0, hasMore: false, row: { atMs: 0 } } as never; // only counted
    const ledgers = { kalshi: [line], polymarket: [] };
    const summary = await summed();
    writeReport({
      outFolder: folder,
      ledgersFolder,
      summary,
      books: { rows, ledgers, unheard: [], left: NOTHING_LEFT },
    });

    const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
    expect(Object.keys(JSON.parse(read('summary.json')) as object)).toEqual(
      Object.keys(summary).toSorted(),
    );
    const orders = read('orders.jsonl').trim().split('\n');
    expect(orders).toHaveLength(8);
    expect(orders.join()).not.toContain('signed');
    const limits = orders.map((order) => (JSON.parse(order) as { limitPrice: string }).limitPrice);
    expect(new Set(limits)).toEqual(new Set(['0.45', '0.52']));
    expect(JSON.parse(read('fills.jsonl'))).toMatchObject({ quantity: '10', price: '0.52' });
    expect(read('venues/kalshi.jsonl')).toBe('{"line":1}\n');
    expect(existsSync(join(folder, 'venues/polymarket.jsonl'))).toBe(true);
  });

  test('keys are sorted at every depth, whatever order they came in', () => {
    expect(sortedJson({ b: [{ z: 1, a: 2 }], a: null })).toBe('{"a":null,"b":[{"a":2,"z":1}]}');
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).toReversed());
        expect(sortedJson(reversed)).toBe(sortedJson(value));
        expect(JSON.parse(sortedJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe('how long it runs', () => {
  const counted = (fired: number, open: number): FiredCount => ({ committed: fired, fired, open });

  test('what may still fire counts as committed, what ended without a shot does not', async () => {
    expect(await firedCount(books.db)).toEqual({ committed: 4, fired: 4, open: 1 });
    await enter(books.db, 'approved');
    expect(await firedCount(books.db)).toEqual({ committed: 4, fired: 4, open: 2 });
    const { intent, workflowId } = await approve(books.db, 'approved');
    expect(await firedCount(books.db)).toEqual({ committed: 5, fired: 4, open: 2 });
    const result = resultOf('missed');
    const closing = { intent, workflowId, result, isError: false, holdForMs: 0, atMs: NOW_MS };
    await closeTrade(books.db, closing);
    expect(await firedCount(books.db)).toEqual({ committed: 4, fired: 4, open: 1 });
  });

  test('contracts that custody has taken are not waited for, what nobody has taken is', async () => {
    const before = await unresolvedCount(books.db);
    const instrument = { ...YES, market: '0xkept' };
    const place = { account: ACCOUNT, instrument };
    const key = 'position/main/kept';
    const why = 'no open trade and no held pair explains these contracts';
    const found = { kind: 'position', key, instrument, quantity: quantity('3'), why } as const;
    await openCase(books.db, { place, found, atMs: NOW_MS });
    expect(await unresolvedCount(books.db)).toBe(before + 1);
    await takeCase(books.db, { key, place, atMs: NOW_MS });
    expect(await unresolvedCount(books.db)).toBe(before);
    expect((await leftBehind(books.db)).inCustody).toEqual({ [instrumentKey(instrument)]: '3' });
    await bookEntries(books.db, [
      fillOf({ venueOrderId: 'v9', executionId: 'kept', instrument, quantity: quantity('3') }),
    ]);
    expect(await ownerlessPositions(books.db)).not.toContainEqual(
      expect.stringContaining('0xkept'),
    );
    expect(await unresolvedCount(books.db)).toBe(before);
    await openBreak(books.db, { kind: 'entry_differs', key, detail: {}, atMs: NOW_MS });
    expect(await unresolvedCount(books.db)).toBe(before + 1);
    await closeCase(books.db, { key, how: 'forgotten', atMs: NOW_MS });
    expect(await ownerlessPositions(books.db)).toContainEqual(expect.stringMatching(/0xkept.* 3$/));
    expect(await unresolvedCount(books.db)).toBe(before + 2);
  });

  const phase = (counts: readonly FiredCount[], interrupted = new AbortController().signal) => {
    const left = [...counts];
    const seen: FiredCount[] = [];
    const end = phaseEnd({
      read: async () => {
        const next = left.length > 1 ? left.shift() : left[0];
        if (!next) throw new Error('Postgres is away');
        return next;
      },
      isReached: ({ fired }) => fired >= 3,
      ...{ timeoutMs: 60, lookEveryMs: 1, interrupted },
      onProgress: (count) => seen.push(count),
      onError: () => undefined,
    });
    return { end, seen };
  };

  test('until enough were fired', async () => {
    const { end, seen } = phase([counted(1, 1), counted(1, 1), counted(2, 1), counted(4, 0)]);
    expect(await end).toBe('reached');
    expect(seen.map(({ fired }) => fired)).toEqual([1, 2]);
  });

  test('or until time is over, also when nothing can be counted', async () => {
    expect(await phase([counted(2, 1)]).end).toBe('overtime');
    expect(await phase([]).end).toBe('overtime');
  });

  test('or until somebody wants the end', async () => {
    const interrupted = new AbortController();
    interrupted.abort();
    expect(await phase([counted(2, 1)], interrupted.signal).end).toBe('interrupted');
  });
});

describe('the last reading of the venues', () => {
  const ledgersFolder = mkdtempSync(join(tmpdir(), 'legwork-ledgers-'));
  const account = 'last-reading';
  const known = fillOf({ venueOrderId: 'heard', executionId: '1', account });
  const late = fillOf({ venueOrderId: 'late', executionId: '2', account });
  const paid: VenueEntry = {
    ...{ kind: 'settlement', reference: 'r', account, quantity: quantity('10') },
    ...{ instrument: known.instrument, price: price('1'), cash: money('10'), atMs: NOW_MS },
  };
  const venue = (told: readonly VenueEntry[]) =>
    ({
      name: 'polymarket',
      entriesSince: async () => ({ kind: 'read', value: told }),
      openOrders: async () => ({ kind: 'read', value: [] }),
    }) as never;

  test('names what nobody had heard of, and neither a settlement nor what became final', async () => {
    for (const name of ['kalshi', 'polymarket']) {
      writeFileSync(join(ledgersFolder, `${name}.jsonl`), '');
    }
    await bookEntries(books.db, [{ ...known, finality: 'provisional' }]);
    const read = async (told: readonly VenueEntry[]) =>
      finalBooks({
        db: books.db,
        venues: [venue(told)],
        ledgersFolder,
        log: pino({ enabled: false }),
      });
    expect((await read([known, paid])).unheard).toEqual([]);
    expect((await read([known, late, reversalOf(late)])).unheard).toEqual([
      'polymarket/late/2',
      'polymarket/late/2 (reversal)',
    ]);
    expect((await read([known, late])).unheard).toEqual([]);
  });

  test('asks a venue again that cannot be read, and says so when it never can', async () => {
    const refusal = { kind: 'unavailable', code: 'timeout' } as const;
    let refusals = 2;
    const poor = {
      name: 'kalshi',
      entriesSince: async () => (refusals-- > 0 ? refusal : { kind: 'read' as const, value: [] }),
      openOrders: async () => refusal,
    };
    const { left } = await finalBooks({
      ...{ db: books.db, venues: [poor as never], ledgersFolder, readMsMax: 700 },
      log: pino({ enabled: false }),
    });
    expect(refusals).toBe(-1);
    expect(left).toMatchObject({ openOrders: [], unread: ['kalshi open orders (timeout)'] });
  });

  test('a trade agrees with its rows when a dollar per match and its cash make its result', async () => {
    const rows = await readSessionRows(books.db);
    const [trade] = rows.trades.filter(({ intent }) => intent.intent.intentId === 'both');
    const [entry] = rows.entries;
    if (!trade?.intent.result || !entry) throw new Error('the story above was played');
    const differs = (contracts: string, net: string) => {
      const result = { ...resultOf('matched'), contracts, net } as never; // only these are read
      const intent = { ...trade.intent, result };
      const entries = [{ ...entry, workflowId: trade.intent.workflowId }];
      return resultDifferences({ ...rows, entries, trades: [{ ...trade, intent }] });
    };
    expect(entry.entry.cash).toBe(money('-5.2'));
    expect(differs('6', '0.8')).toEqual([]);
    expect(differs('6', '0.800000001')).toEqual([
      { intentId: 'both', net: '0.800000001', rows: '0.8' },
    ]);
  });
});

test('percentiles are durations that were measured', () => {
  expect(percentiles([])).toEqual({
    ...{ count: 0, p50: null, p90: null, p95: null, p99: null },
  });
  expect(percentiles([30, 10, 20])).toEqual({ count: 3, p50: 20, p90: 30, p95: 30, p99: 30 });
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 1 }), (durations) => {
      const { p50, p90, p95, p99 } = percentiles(durations);
      for (const figure of [p50, p90, p95, p99]) expect(durations).toContain(figure);
      const within = (figure: number | null): number =>
        durations.filter((ms) => ms <= (figure ?? -1)).length / durations.length;
      expect(within(p50)).toBeGreaterThanOrEqual(0.5);
      expect(within(p90)).toBeGreaterThanOrEqual(0.9);
      expect(within(p95)).toBeGreaterThanOrEqual(0.95);
    }),
  );
});
