import { pino } from 'pino';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  type ArbitrageIntent,
  type Book,
  type Freeze,
  type Instrument,
  mirror,
  type Pair,
  price,
  quantity,
  type Wire,
} from '../../domain/index.js';
import type { DeskView } from '../../workers/scanner/desk-view.js';
import { workflowAlone } from '../../workers/scanner/doors.js';
import { Scanner, type ScannerOptions } from '../../workers/scanner/scanner.js';
import type { Verdict } from '../../workers/scanner/verdict.js';
import { bookOf, pairOf } from '../support/markets.js';

const NOW_MS = 1_850_000_000_000;
const approved: Verdict = { kind: 'approved' };
const denied = (code: string): Verdict => ({ kind: 'denied', denial: { code } });

type Quotes = Readonly<Record<'kalshi' | 'polymarket', { bids?: string; asks?: string }>>;
/** Buying NO at Kalshi for 0.45 and YES at Polymarket for 0.48 leaves about four cents. */
const apart: Quotes = {
  kalshi: { bids: '30 @ 0.55', asks: '30 @ 0.57' },
  polymarket: { bids: '30 @ 0.46', asks: '30 @ 0.48' },
};
const together: Quotes = {
  kalshi: { bids: '30 @ 0.50', asks: '30 @ 0.52' },
  polymarket: { bids: '30 @ 0.50', asks: '30 @ 0.52' },
};

const twelvePairs: readonly Pair[] = Array.from({ length: 12 }, (_, index) => ({
  ...pairOf({ market: `K${index}` }, { market: `0x${index}` }),
  pairId: `pair-${index}`,
}));

interface Desk {
  readonly pairs: readonly Pair[];
  readonly scanner: Scanner;
  readonly offered: Wire<ArbitrageIntent>[];
  /** Postgres' view, as the next reading will find it. */
  readonly view: { heldPairIds: Set<string>; freezes: Freeze[]; committedCount: number };
  readonly clock: { nowMs: number };
  readonly tick: (pair?: Pair) => Promise<void>;
  /** Returns when a view that began after the call has been taken in. */
  readonly viewed: () => Promise<void>;
}

const open: Scanner[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((scanner) => scanner.stop()));
});

interface Setup {
  readonly pairs?: readonly Pair[];
  readonly quotes?: Quotes;
  readonly verdict?: Verdict | (() => Promise<Verdict>);
  readonly firedMax?: number;
  readonly dryRunEvery?: number;
  /** Postgres answers so often, then no more. */
  readonly readsAtMost?: number;
}

async function desk(setup: Setup = {}): Promise<Desk> {
  const { pairs = [pairOf()], quotes = apart, verdict = approved } = setup;
  const offered: Wire<ArbitrageIntent>[] = [];
  const view = { heldPairIds: new Set<string>(), freezes: [] as Freeze[], committedCount: 0 };
  const clock = { nowMs: NOW_MS };
  let n = 0;
  let views = 0;
  const options: ScannerOptions = {
    pairs: () => pairs,
    bookOf: bookFrom(quotes),
    readView: async (): Promise<DeskView> => {
      views += 1;
      if (views > (setup.readsAtMost ?? Number.MAX_SAFE_INTEGER))
        throw new Error('Postgres is away');
      return { ...view, beganAtMs: clock.nowMs };
    },
    nextNumber: async () => (n += 1),
    doors: workflowAlone(async (intent) => {
      offered.push(intent);
      return typeof verdict === 'function' ? verdict() : verdict;
    }),
    terms: {
      ...{ strategy: 'scan', account: 'main', seed: 7, freshForMs: 1_500 },
      ...{ edgeMin: price('0.01'), contractsMax: quantity('1000') },
      ...(setup.dryRunEvery !== undefined && { dryRunEvery: setup.dryRunEvery }),
    },
    ...(setup.firedMax !== undefined && { firedMax: setup.firedMax }),
    viewEveryMs: 1,
    nowMs: () => clock.nowMs,
    log: pino({ enabled: false }),
  };
  const scanner = new Scanner(options);
  open.push(scanner);
  const settled = async (): Promise<void> => {
    for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
  };
  await scanner.start();
  await settled();
  const tick = async (pair = pairs[0]): Promise<void> => {
    if (pair) scanner.changed(pair.kalshi);
    await settled();
  };
  const viewed = async (): Promise<void> => {
    const seen = views;
    await vi.waitFor(() => expect(views).toBeGreaterThan(seen + 1), { interval: 1 });
    await settled();
  };
  return { pairs, scanner, offered, view, clock, tick, viewed };
}

function bookFrom(quotes: Quotes) {
  return (instrument: Instrument): Book => {
    const yes = bookOf({ ...instrument, outcome: 'yes' }, quotes[instrument.venue]);
    const book = instrument.outcome === 'yes' ? yes : mirror(yes);
    return { ...book, heardAtMs: NOW_MS - 20 };
  };
}

describe('what is offered', () => {
  test('a pair whose books are apart is handed over as an intent of its own number', async () => {
    const { offered, pairs } = await desk();
    expect(offered).toEqual([
      expect.objectContaining({
        ...{ intentId: 'scan.7.1', door: 'workflow', pairId: pairs[0]?.pairId },
        ...{ type: 'poly_yes_kalshi_no', account: 'main', strategy: 'scan', dryRun: false },
        limitPrice: { yes: '0.48', no: '0.45' },
        observedAtMs: { yesMs: NOW_MS - 20, noMs: NOW_MS - 20 },
        notAfterMs: NOW_MS + 1_500,
        contractsMax: '30',
      }),
    ]);
  });

  test('a pair whose books agree is left alone', async () => {
    const { offered, tick } = await desk({ quotes: together });
    await tick();
    expect(offered).toEqual([]);
  });

  test('one in so many is a dry run, the same ones for the same seed', async () => {
    const { offered, tick } = await desk({ pairs: twelvePairs, dryRunEvery: 4 });
    for (const pair of twelvePairs) await tick(pair);
    const dryRuns = offered.filter(({ dryRun }) => dryRun).map(({ intentId }) => intentId);
    expect(dryRuns).toEqual(['scan.7.1', 'scan.7.5', 'scan.7.9']);
  });

  test('a single book that stays crossed is offered once, so that its denial is on record', async () => {
    const crossed: Quotes = { ...together, kalshi: { bids: '9 @ 0.53', asks: '4 @ 0.52' } };
    const verdict = denied('BOOK_CROSSED');
    const { offered, clock, viewed } = await desk({ quotes: crossed, verdict });
    clock.nowMs += 499;
    await viewed();
    expect(offered).toEqual([]); // two messages of one change may be on their way
    clock.nowMs += 1;
    await viewed();
    clock.nowMs += 120_000;
    await viewed();
    const types = offered.map(({ type, contractsMax }) => [type, contractsMax]);
    expect(types).toEqual([['kalshi_same_market', '4']]);
  });
});

describe('what is skipped', () => {
  test('a pair on offer or just approved is not offered again before a newer view', async () => {
    const { offered, tick, clock, viewed } = await desk();
    await tick();
    await viewed();
    expect(offered).toHaveLength(1); // every view so far began when it was approved
    clock.nowMs += 1;
    await viewed();
    expect(offered).toHaveLength(2); // the newer view shows no hold
  });

  test('a pair that another trade holds, until the hold is gone', async () => {
    const { offered, clock, view, viewed } = await desk({ verdict: denied('PAIR_IN_FLIGHT') });
    view.heldPairIds.add('rain-seattle');
    await viewed();
    clock.nowMs += 1_500;
    await viewed();
    expect(offered).toHaveLength(1);
    view.heldPairIds.clear();
    await viewed();
    expect(offered).toHaveLength(2);
  });

  test('a frozen pair', async () => {
    const { offered, clock, view, viewed } = await desk({ verdict: denied('FROZEN') });
    view.freezes.push({
      ...{ freezeId: 'fz-1', scope: { kind: 'pair', key: 'rain-seattle' }, cause: 'manual' },
      ...{ why: 'drill', by: 'anna', action: 'leave', atMs: NOW_MS },
    });
    await viewed();
    clock.nowMs += 1_500;
    await viewed();
    expect(offered).toHaveLength(1);
  });

  test.each([
    ['a second for what passes', 'EDGE_TOO_SMALL', 1_000],
    ['a minute for what stands', 'TAKER_DELAYED', 60_000],
  ])('a pair that rests after a denial: %s', async (_, code, restMs) => {
    const { offered, clock, viewed } = await desk({ verdict: denied(code) });
    clock.nowMs = NOW_MS + restMs - 1;
    await viewed();
    expect(offered).toHaveLength(1);
    clock.nowMs = NOW_MS + restMs;
    await viewed();
    expect(offered).toHaveLength(2);
  });

  test('a market that is about to close', async () => {
    const closing = { closesAtMs: NOW_MS + 10_000 };
    const { offered } = await desk({ pairs: [pairOf(closing)] });
    expect(offered).toEqual([]);
    const later = await desk({ pairs: [pairOf({ closesAtMs: NOW_MS + 10_001 })] });
    expect(later.offered).toHaveLength(1);
  });

  test('everything, while Postgres cannot be asked what is held', async () => {
    const { offered, tick } = await desk({ readsAtMost: 0 });
    await tick();
    expect(offered).toEqual([]);
  });

  test('everything, once the view is old', async () => {
    const { offered, tick, clock } = await desk({ readsAtMost: 1, verdict: denied('X') });
    clock.nowMs += 2_001; // longer than the rest, and older than a view may be
    await tick();
    expect(offered).toHaveLength(1);
  });
});

describe('a bounded session', () => {
  test('offers no more at once than may be fired in all', async () => {
    const { offered, tick } = await desk({ pairs: twelvePairs, firedMax: 3 });
    for (const pair of twelvePairs) await tick(pair);
    expect(offered.map(({ pairId }) => pairId)).toEqual(['pair-0', 'pair-1', 'pair-2']);
  });

  test('a denial does not use up the count', async () => {
    const { offered, tick } = await desk({
      pairs: twelvePairs,
      firedMax: 3,
      verdict: denied('EDGE_TOO_SMALL'),
    });
    for (const pair of twelvePairs) await tick(pair);
    expect(offered).toHaveLength(12);
  });

  test('waits for no more than eight verdicts at once', async () => {
    const waiting: (() => void)[] = [];
    const verdict = async (): Promise<Verdict> => {
      await new Promise<void>((resolve) => waiting.push(resolve));
      return approved;
    };
    const { offered, tick, scanner } = await desk({ pairs: twelvePairs, verdict });
    for (const pair of twelvePairs) await tick(pair);
    expect(offered).toHaveLength(8);
    const stopped = scanner.stop();
    for (const answer of waiting) answer();
    await stopped;
    expect(new Set(offered.map(({ pairId }) => pairId)).size).toBe(8);
  });
});

test('an offer that was not answered is left to its hold, not repeated at once', async () => {
  const verdict = async (): Promise<Verdict> => {
    throw new Error('connection lost');
  };
  const { offered, tick } = await desk({ verdict });
  await tick();
  expect(offered).toHaveLength(1);
});
