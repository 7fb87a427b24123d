import { styleText } from 'node:util';
import Table from 'cli-table3';
import type { Percentiles } from './percentiles.js';
import { type SessionSummary, unclean } from './session-summary.js';

/** The session on one screen. */
export function summaryTable(summary: SessionSummary): string {
  const { results, trades, unknowns, latenciesMs, faults, left } = summary;
  const { ledgerCheck, journalFaults } = summary;
  const table = new Table({
    ...{ style: { head: [], border: [] }, wordWrap: true, colWidths: [15, 82] },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  });
  table.push(
    ['session', `mode ${summary.mode}, seed ${summary.seed}, faults ${summary.faultProfile}`],
    [
      'trades',
      `${trades.fired} fired of ${trades.asked} asked, ${trades.dryRuns} dry runs, ${trades.open} open`,
    ],
    ['results', listed(results)],
    ['denials', listed(summary.denials)],
    ['orders', listed(summary.orders)],
    ['unknowns', `${unknowns.seen} seen, ${unknowns.left} left`],
    ['money', `net ${summary.netPnl}, gross ${summary.grossPnl}, fees ${summary.fees}`],
    ['exits', `cost ${summary.exitCost}, exposure ${summary.exposureSeconds} contract seconds`],
    ['verdict', durations(latenciesMs.verdict)],
    ['legs known', durations(latenciesMs.legsKnown)],
    ['trade', durations(latenciesMs.trade)],
    ['fired by', senders(summary)],
    ['doors', figures(summary.doors)],
    ...shotRows(summary),
    ['faults', listed(faults)],
    [
      'left',
      `${figures({ reservations: left.reservations, holds: left.holds, orders: left.openOrders.length })}, ` +
        `without an owner ${left.ownerless.length}; ` +
        `breaks ever: ${listed(left.breaks)}; freezes: ${listed(left.freezes)}; ` +
        `in custody: ${listed(left.inCustody)}`,
    ],
    ['ledger check', figures({ ...ledgerCheck })],
    [
      'journal check',
      figures({
        'orders without a slot': journalFaults.withoutSlot.length,
        'written legs without an end': journalFaults.withoutEnd.length,
      }),
    ],
  );
  const findings = unclean(summary);
  const verdict =
    findings.length === 0
      ? styleText('green', 'Nothing is unresolved, and the ledgers agree with our books.')
      : styleText('red', `Not clean: ${findings.join('; ')}.`);
  return `${table.toString()}\n${verdict}`;
}

function senders({ firedBy: { engine, nobody } }: SessionSummary): string {
  const fired = `engine ${engine}`;
  return nobody === 0 ? fired : `${fired}; ${nobody} given up before a byte left`;
}

function shotRows({ shotsUs }: SessionSummary): [string, string][] {
  if (!shotsUs) return [];
  const answers = Object.entries(shotsUs.answered).map(
    ([venue, times]) => `${venue} ${microseconds(times)}`,
  );
  return [
    ['first leg', microseconds(shotsUs.firstWritten)],
    ['leg skew', microseconds(shotsUs.skew)],
    ['both legs', microseconds(shotsUs.bothWritten)],
    ['answers', answers.join('\n')],
  ];
}

const figures = (counts: Readonly<Record<string, number | string>>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');

/** Only what happened. */
function listed(counts: Readonly<Record<string, number | string>>): string {
  const happened = Object.entries(counts).filter(([, count]) => count !== 0);
  return figures(Object.fromEntries(happened)) || 'none';
}

const durations = ({ count, p50, p90, p99 }: Percentiles): string =>
  count === 0 ? 'none' : `p50 ${shown(p50)}, p90 ${shown(p90)}, p99 ${shown(p99)} (${count})`;

const microseconds = ({ count, p50, p95, p99 }: Percentiles): string =>
  count === 0 ? 'none' : `p50 ${inUs(p50)}, p95 ${inUs(p95)}, p99 ${inUs(p99)} (${count})`;

const inUs = (us: number | null): string =>
  us === null ? '?' : `${us.toFixed(us < 100 ? 1 : 0)} µs`;

const shown = (ms: number | null): string =>
  ms === null ? '?' : `${ms.toFixed(ms < 100 ? 1 : 0)} ms`;
