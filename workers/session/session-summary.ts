import {
  add,
  type ChildOrderStatus,
  type Door,
  formatAmount,
  isTerminal,
  type Money,
  money,
  type Quantity,
  quantity,
  type ResultKind,
  type Wire,
  ZERO_MONEY,
  ZERO_QUANTITY,
} from '../../domain/index.js';
import type { FinalBooks } from './final-books.js';
import { doorsOfFired, type FiredBy, firedBy, idleDoors } from './fired-by.js';
import type { JournalFaults } from './journal-check.js';
import { type Latencies, latencies } from './latencies.js';
import type { FaultCounts, LedgerFigures } from './ledger-figures.js';
import { type ResultDifference, resultDifferences } from './result-differences.js';
import type { OrderRows, SessionRows } from './session-rows.js';
import { type ShotTimes, shotTimes } from './shot-times.js';

/** What a session was: `summary.json`. Amounts are decimal strings, durations milliseconds. */
export interface SessionSummary {
  readonly mode: string;
  readonly seed: number;
  readonly faultProfile: string;
  readonly trades: {
    readonly asked: number;
    readonly fired: number;
    /** Not ended: zero, or the session failed. */
    readonly open: number;
    readonly dryRuns: number;
  };
  readonly results: Readonly<Record<ResultKind, number>>;
  /** Denials by the broken rule. */
  readonly denials: Readonly<Record<string, number>>;
  readonly residuals: Readonly<Record<string, number>>;
  readonly orders: Readonly<Record<string, number>>;
  /** Orders that were unknown at some time, and those that still are not certain. */
  readonly unknowns: { readonly seen: number; readonly left: number };
  readonly fees: Wire<Money>;
  readonly grossPnl: Wire<Money>;
  readonly netPnl: Wire<Money>;
  readonly exitCost: Wire<Money>;
  /** Σ contracts unhedged × seconds. */
  readonly exposureSeconds: Wire<Quantity>;
  readonly latenciesMs: Latencies;
  /** Injected, as the simulators counted them. */
  readonly faults: FaultCounts;
  readonly faultsByVenue: LedgerFigures['faultsByVenue'];
  readonly ledgerCheck: LedgerFigures['check'];
  /** Orders without a slot and written legs without an end, as `journalFaults` names them. */
  readonly journalCheck: number;
  readonly journalFaults: JournalFaults;
  /** By which door the trades that were fired came to their shots. */
  readonly doors: Readonly<Record<Door, number>>;
  readonly firedBy: FiredBy;
  /** Absent where nothing has left any engine. */
  readonly shotsUs?: ShotTimes;
  /** What we and a venue disagree about, still, and is not in custody's hands. */
  readonly openBreaks: number;
  /** Fills and reversals that the last reading alone found (`FinalBooks.unheard`). */
  readonly unheard: readonly string[];
  /** Closed trades whose rows add up to something else than their result. */
  readonly resultDifferences: readonly ResultDifference[];
  readonly left: FinalBooks['left'];
}

export interface SummaryInput {
  readonly desk: { readonly mode: string; readonly seed: number; readonly faults: string };
  readonly rows: SessionRows;
  readonly ledgers: LedgerFigures;
  readonly openBreaks: number;
  readonly unheard: readonly string[];
  readonly left: FinalBooks['left'];
}

export function sessionSummary(input: SummaryInput): SessionSummary {
  const { desk, rows, ledgers, openBreaks, unheard, left } = input;
  const { trades, orders } = rows;
  const { withoutSlot, withoutEnd } = ledgers.journal;
  const shotsUs = shotTimes(rows.shots);
  const results = trades.flatMap(({ intent }) => (intent.result ? [intent.result] : []));
  return {
    ...{ mode: desk.mode, seed: desk.seed, faultProfile: desk.faults, openBreaks },
    ...{ unheard, left, resultDifferences: resultDifferences(rows) },
    trades: {
      asked: trades.length,
      fired: trades.filter(({ isFired }) => isFired).length,
      open: trades.length - results.length,
      dryRuns: trades.filter(({ intent }) => intent.intent.dryRun).length,
    },
    results: counted(
      resultKinds,
      results.map(({ kind }) => kind),
    ),
    denials: tally(results.flatMap(({ denial }) => (denial ? [denial.code] : []))),
    residuals: tally(results.flatMap(({ residual }) => (residual ? [residual.reason] : []))),
    orders: counted(
      statuses,
      orders.map(({ stored }) => stored.status),
    ),
    unknowns: {
      seen: orders.filter(wasUnknown).length,
      left: orders.filter(({ stored }) => !isTerminal(stored.status)).length,
    },
    fees: total(results.map(({ fees }) => fees)),
    grossPnl: total(results.map(({ gross }) => gross)),
    netPnl: total(results.map(({ net }) => net)),
    exitCost: total(results.map(({ exitCost }) => exitCost)),
    exposureSeconds: formatAmount(
      results.map((result) => quantity(result.exposureContractSeconds)).reduce(add, ZERO_QUANTITY),
    ),
    latenciesMs: latencies(rows),
    faults: ledgers.faults,
    faultsByVenue: ledgers.faultsByVenue,
    ledgerCheck: ledgers.check,
    journalCheck: withoutSlot.length + withoutEnd.length,
    journalFaults: ledgers.journal,
    ...{ doors: doorsOfFired(trades), firedBy: firedBy(trades), ...(shotsUs && { shotsUs }) },
  };
}

/** What keeps a session from being clean, each with its figure. */
export function unclean(summary: SessionSummary): string[] {
  const { trades, unknowns, openBreaks, ledgerCheck, unheard, left, resultDifferences } = summary;
  const { withoutSlot, withoutEnd } = summary.journalFaults;
  const idle = idleDoors(summary.doors, trades);
  const differing = resultDifferences.map(
    ({ intentId, net, rows }) => `${intentId} (net ${net}, rows ${rows})`,
  );
  const findings: readonly (readonly [number | string, string])[] = [
    [trades.open, 'trades open'],
    [unknowns.left, 'orders uncertain'],
    [openBreaks, 'breaks open'],
    [left.reservations, 'reservations left'],
    [left.holds, 'holds left'],
    [left.openOrders.length, `orders left at a venue: ${left.openOrders.join(', ')}`],
    [
      left.needlessFreezes.length,
      `freezes whose reason is over: ${left.needlessFreezes.join(', ')}`,
    ],
    [left.unread.length, `readings that a venue refused to the end: ${left.unread.join(', ')}`],
    [left.ownerless.length, `positions without an owner: ${left.ownerless.join(', ')}`],
    [ledgerCheck.missing, 'ledger facts missing from our books'],
    [ledgerCheck.extra, 'entries of ours in no ledger'],
    [ledgerCheck.duplicate, 'counted twice'],
    [ledgerCheck.positionDifference, 'difference of positions and cash'],
    [withoutSlot.length, `orders that no journal's slot tells of: ${withoutSlot.join(', ')}`],
    [withoutEnd.length, `written legs that came to nothing known: ${withoutEnd.join(', ')}`],
    [unheard.length, `trade rows that nobody heard of in time: ${unheard.join(', ')}`],
    [idle.length, `doors by which too little was fired: ${idle.join(', ')}`],
    [differing.length, `results that their rows do not add up to: ${differing.join(', ')}`],
  ];
  return findings
    .filter(([figure]) => figure !== 0 && figure !== '0')
    .map(([figure, what]) => `${figure} ${what}`);
}

const resultKinds = ['denied', 'exited', 'matched', 'missed', 'residual'] as const;
const statuses = [
  ...['absent', 'canceled', 'denied', 'expired', 'filled', 'pendingCancel'],
  ...['planned', 'rejected', 'submitted', 'unknown', 'working'],
] as const satisfies readonly ChildOrderStatus[];

/**
 * Its own answer was lost, unreadable or never recorded: somebody had to find out. Often the private
 * stream is quicker than our deadline, and then the doubt was over when it began.
 */
function wasUnknown({ events }: OrderRows): boolean {
  const isAnswered = events.some(({ event }) => answers.has(event));
  return !isAnswered || events.some(({ status }) => status === 'unknown');
}
const answers: ReadonlySet<string> = new Set(['accepted', 'rejected', 'notSent']);

/** Every kind is there, those that did not happen as zero. */
function counted<K extends string>(
  kinds: readonly K[],
  found: readonly K[],
): Readonly<Record<K, number>> {
  const counts = kinds.map((kind) => [kind, found.filter((one) => one === kind).length]);
  return Object.fromEntries(counts) as Record<K, number>; // one entry per kind
}

function tally(names: readonly string[]): Readonly<Record<string, number>> {
  return counted([...new Set(names)], names);
}

const total = (amounts: readonly Wire<Money>[]): Wire<Money> =>
  formatAmount(amounts.map((amount) => money(amount)).reduce(add, ZERO_MONEY));
