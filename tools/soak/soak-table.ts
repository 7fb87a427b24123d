import Table from 'cli-table3';
import type { SoakReport } from './soak-report.js';

/** The soak on one screen, under the session's own table. */
export function soakTable(report: SoakReport): string {
  const { summary, tookMs, killsCount } = report;
  const table = new Table({
    ...{ style: { head: [], border: [] }, wordWrap: true, colWidths: [14, 82] },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  });
  table.push(
    [
      'took',
      `${(tookMs / MS_PER_SECOND).toFixed(0)} s; per 100: ${report.secondsPerHundred.join(', ')} s`,
    ],
    ['commit', report.commit],
    ['ends', endsOf(summary?.results ?? {})],
    ['kills', `${killsCount}: ${listed(report.kills)}`],
    ['next decision', listed(report.untilNextDecisionMs, middleAndWorst)],
    [
      'memory, MiB',
      listed(
        report.memoryMib,
        ({ firstMib, lastMib, mostMib }) => `${firstMib} → ${lastMib} (most ${mostMib})`,
      ),
    ],
    ['residuals', `${listed(summary?.residuals ?? {})}; freezes lifted ${report.residualsLifted}`],
    ...Object.entries(summary?.faultsByVenue ?? {}).map(([venue, faults]) => [
      `faults at ${venue}`,
      listed(sorted(faults)),
    ]),
  );
  return table.toString();
}

const MS_PER_SECOND = 1_000;

/** A trade that was denied at the last gate was fired too, but nothing of it reached a venue. */
function endsOf(results: Readonly<Record<string, number>>): string {
  const reached = Object.entries(results).filter(([kind]) => kind !== 'denied');
  const count = reached.reduce((sum, [, ended]) => sum + ended, 0);
  return `${count} reached a venue: ${listed(Object.fromEntries(reached))}`;
}

/** By name: whoever compares two soaks reads them side by side. */
function sorted(counts: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  const entries = Object.entries(counts);
  return Object.fromEntries(entries.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

function listed<T>(
  figures: Readonly<Partial<Record<string, T>>>,
  shown: (figure: T) => string = String,
): string {
  const words = Object.entries(figures).flatMap(([name, figure]) =>
    figure === undefined ? [] : [`${name} ${shown(figure)}`],
  );
  return words.join(', ') || 'none';
}

function middleAndWorst(sortedMs: readonly number[]): string {
  const middle = sortedMs[Math.floor(sortedMs.length / 2)] ?? 0;
  return `${middle} ms (most ${sortedMs.at(-1) ?? 0})`;
}
