import { describe, expect, test } from 'vitest';
import type { Purpose, VenueEntry, VenueName } from '../../domain/index.js';
import { add, clientOrderIdFor, money, negate, polymarketSalt } from '../../domain/index.js';
import type {
  FaultKind,
  LedgerRow,
  OpenExchange,
  PlaceRequest,
} from '../../venues/simulation/index.js';
import { faultKinds, faultsCounted, ledgerCheck } from '../../venues/simulation/index.js';
import type { Stage } from './stage.js';
import { level, MARKET, order, stage } from './stage.js';

const quotes = { bids: [level('50 @ 0.40')], asks: [level('50 @ 0.44')] };
const clean = { missing: 0, extra: 0, duplicate: 0, positionDifference: '0' };
const workflowId = 'arbitrage/a.1.1';

interface Played {
  readonly ledgers: Record<VenueName, LedgerRow[]>;
  readonly entries: readonly VenueEntry[];
  readonly orders: {
    clientOrderId: string;
    workflowId: string;
    purpose: Purpose;
    venue: VenueName;
  }[];
}

const entry = (leg: 'yes' | 'no'): Purpose => ({ kind: 'entry', leg });
const rung = (leg: 'yes' | 'no', at: number): Purpose => ({
  kind: 'exit',
  leg,
  rung: at,
  attempt: 0,
});

/** Both legs, a match that fails on chain, an exit and a payment: every kind of row there is. */
function session(): Played {
  const faults: FaultKind[] = ['failed_settlement'];
  const stages = {
    kalshi: stage({ quotes }),
    polymarket: stage({ quotes, venue: 'polymarket', faults }),
  };
  const orders: Played['orders'] = [];
  const send = (venue: VenueName, purpose: Purpose, text: string) => {
    const clientOrderId = clientOrderIdFor(workflowId, purpose);
    orders.push({ clientOrderId, workflowId, purpose, venue });
    const clientKey = venue === 'kalshi' ? clientOrderId : polymarketSalt(clientOrderId).toString();
    const request: PlaceRequest = { ...order(text), venueOrderId: `order/${clientKey}`, clientKey };
    stages[venue].exchange.place(request);
  };
  send('kalshi', entry('yes'), 'desk buy yes 20 @ 0.44');
  send('polymarket', entry('no'), 'desk buy no 20 @ 0.60');
  pass(stages, 3_000);
  faults.length = 0;
  send('kalshi', rung('yes', 0), 'desk sell yes 5 @ 0.40 IOC reduce-only');
  send('kalshi', rung('yes', 1), 'desk buy no 5 @ 0.60 IOC reduce-only');
  send('polymarket', rung('no', 0), 'desk buy no 10 @ 0.60');
  pass(stages, 70_000);
  return {
    ledgers: {
      kalshi: stages.kalshi.ledger.lines.map(({ row }) => row),
      polymarket: stages.polymarket.ledger.lines.map(({ row }) => row),
    },
    entries: [
      ...entriesOf('kalshi', stages.kalshi.exchange),
      ...entriesOf('polymarket', stages.polymarket.exchange),
    ],
    orders,
  };
}

function pass(stages: Readonly<Record<VenueName, Stage>>, ms: number): void {
  for (let passed = 0; passed < ms; passed += 500) {
    for (const { later } of Object.values(stages)) later(500);
  }
}

/** What an adapter reads of its account: fills, what was taken back, and payments. */
function entriesOf(venue: VenueName, exchange: OpenExchange): readonly VenueEntry[] {
  const account = 'desk';
  const fills = exchange.trades({ account }).flatMap((trade) =>
    trade.parts
      .filter((part) => part.account === account)
      .flatMap((part): readonly VenueEntry[] => {
        const { venueOrderId, outcome, side, quantity, price, fee, cash } = part;
        const fill = {
          ...{ account, venueOrderId, side, quantity, price, fee, cash },
          instrument: { venue, market: MARKET, outcome },
          executionId: trade.tradeId,
          atMs: trade.atMs,
        };
        const booked = { ...fill, kind: 'fill', finality: 'final' } as const;
        const reversed = { ...fill, kind: 'reversal', cash: negate(cash) } as const;
        return trade.status === 'FAILED' ? [booked, reversed] : [booked];
      }),
  );
  const paid = exchange.settlements({ account }).map(
    ({ reference, outcome, quantity, price, cash, atMs }): VenueEntry => ({
      ...{ kind: 'settlement', account, reference, quantity, price, cash, atMs },
      instrument: { venue, market: MARKET, outcome },
    }),
  );
  return [...fills, ...paid];
}

function check(played: Played) {
  const orders = played.orders.map(({ venue, ...one }) => ({
    ...one,
    instrument: { venue, market: MARKET, outcome: 'yes' as const },
  }));
  return ledgerCheck({ ...played, orders });
}

/** The index of the first row of a kind in a venue's ledger. */
function rowOf(played: Played, venue: VenueName, kind: LedgerRow['kind']): number {
  const index = played.ledgers[venue].findIndex((row) => row.kind === kind);
  expect(index).toBeGreaterThanOrEqual(0);
  return index;
}

describe('the ledgers against our entries', () => {
  test('a session that both sides saw alike is all zero', () => {
    expect(check(session())).toEqual(clean);
  });

  const moving = ['trade', 'reversal', 'settlement'] as const;
  const cases = moving.flatMap((kind) =>
    (['kalshi', 'polymarket'] as const)
      .filter((venue) => kind !== 'reversal' || venue === 'polymarket')
      .map((venue) => [venue, kind] as const),
  );

  test.each(cases)('%s without its %s line: an entry of ours is extra', (venue, kind) => {
    const played = session();
    played.ledgers[venue].splice(rowOf(played, venue, kind), 1);
    const found = check(played);
    expect(found).toMatchObject({ missing: 0, extra: 1, duplicate: 0 });
    expect(found.positionDifference).not.toBe('0');
  });

  test.each(cases)('%s with its %s line twice: a duplicate', (venue, kind) => {
    const played = session();
    const index = rowOf(played, venue, kind);
    played.ledgers[venue].splice(index, 0, ...played.ledgers[venue].slice(index, index + 1));
    const found = check(played);
    expect(found).toMatchObject({ missing: 0, extra: 0, duplicate: 1 });
    expect(found.positionDifference).not.toBe('0');
  });

  test('a line that names another trade: one is missing, one extra', () => {
    const played = session();
    alterTrade(played, (trade) => ({ ...trade, tradeId: 'another' }));
    expect(check(played)).toEqual({ ...clean, missing: 1, extra: 1 });
  });

  test('a line whose cash is off by a billionth of a dollar: that much differs', () => {
    const played = session();
    alterTrade(played, (trade) => ({
      ...trade,
      parts: trade.parts.map((part) =>
        part.role === 'taker' ? { ...part, cash: add(part.cash, money('0.000000001')) } : part,
      ),
    }));
    expect(check(played)).toEqual({ ...clean, positionDifference: '0.000000001' });
  });

  test('an order line twice: one leg had two orders', () => {
    const played = session();
    const index = rowOf(played, 'kalshi', 'order');
    played.ledgers.kalshi.splice(index, 0, ...played.ledgers.kalshi.slice(index, index + 1));
    expect(check(played)).toEqual({ ...clean, duplicate: 1 });
  });

  test('one rung sent under two names that the venue took in: a duplicate', () => {
    const played = session();
    const orders = played.orders.map((one) =>
      one.purpose.kind === 'exit' && one.venue === 'kalshi'
        ? { ...one, purpose: rung('yes', 0) }
        : one,
    );
    expect(check({ ...played, orders })).toEqual({ ...clean, duplicate: 1 });
  });

  test('a fill that we lost is missing, and one that we counted twice a duplicate', () => {
    const played = session();
    const [first, ...others] = played.entries;
    const lost = check({ ...played, entries: others });
    expect(lost).toMatchObject({ missing: 1, extra: 0, duplicate: 0 });
    expect(lost.positionDifference).not.toBe('0');
    const twice = check({ ...played, entries: first ? [first, ...played.entries] : [] });
    expect(twice).toMatchObject({ missing: 0, extra: 0, duplicate: 1 });
  });
});

test('faults are counted by kind as the ledger has them', () => {
  for (const fault of faultKinds) {
    const on = stage({ quotes, venue: 'polymarket', faults: [fault] });
    on.exchange.place(order('desk buy yes 20 @ 0.44'));
    const counts = faultsCounted(on.ledger.lines.map(({ row }) => row));
    expect({ [fault]: counts[fault] }).toEqual({ [fault]: 1 });
    expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(1);
  }
});

function alterTrade(
  played: Played,
  altered: (trade: Extract<LedgerRow, { kind: 'trade' }>['trade']) => typeof trade,
): void {
  const index = rowOf(played, 'kalshi', 'trade');
  const row = played.ledgers.kalshi[index];
  if (row?.kind !== 'trade') throw new Error('the row is a trade');
  played.ledgers.kalshi[index] = { ...row, trade: altered(row.trade) };
}
