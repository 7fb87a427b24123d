import { styleText } from 'node:util';
import { shortcomingsOf, type Unmeasured, unmeasuredOf, type Verdict, verdictsOf } from './aims.js';
import { type FirePart, names, type Report, type Row, rowOf } from './report.js';

/** Everything on one page; `bench/README.md` has its tables, and says how to read them. */
export function tablesOf(report: Report, asked: readonly FirePart[]): string {
  const refused = report.refused.map(
    ({ part, code, count }) => `${part}: ${count} shots were refused, ${code}, and are in no row`,
  );
  const signed = report.signed.map(
    ({ part, ahead, perShot }) =>
      `${part}: of ${ahead + perShot} orders ${ahead} were signed before their ticks`,
  );
  return [
    ...partsOf(report).flatMap((part) => [part, tableOf(report, part), '']),
    ...refused,
    ...signed,
    ...verdictsOf(report).flatMap(verdictLines),
    ...unmeasuredOf(report, asked).map(unmeasuredLine),
    ...shortcomingsOf(report, asked).map((why) => styleText('red', `proves nothing: ${why}`)),
  ].join('\n');
}

function partsOf({ rows }: Report): readonly string[] {
  return [...new Set(rows.map(({ part }) => part))];
}

function tableOf(report: Report, part: string): string {
  const head = ['microseconds', 'n', 'p50', 'p95', 'p99', 'p99.9', '× floor'];
  const rows = report.rows.filter((row) => row.part === part).map((row) => cellsOf(report, row));
  const widths = head.map((name, column) =>
    Math.max(...[name, ...rows.map((cells) => cells[column] ?? '')].map(({ length }) => length)),
  );
  const lineOf = (cells: readonly string[]): string => {
    const padded = cells.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column === 0 ? cell.padEnd(width) : cell.padStart(width);
    });
    return `| ${padded.join(' | ')} |`;
  };
  const rule = widths.map((width) => '-'.repeat(width));
  return [head, rule, ...rows].map(lineOf).join('\n');
}

function cellsOf(report: Report, row: Row): readonly string[] {
  const figures = [row.p50, row.p95, row.p99, row['p99.9']].map(microseconds);
  return [row.what, String(row.count), ...figures, timesFloor(report, row)];
}

/** Of what is timed from the same moment to the same end as a floor of its part. */
function timesFloor(report: Report, { part, what, p50 }: Row): string {
  const floorOf: Readonly<Record<string, string>> = {
    ...{ [names.floor]: names.floor, [names.written]: names.floor },
    ...{ [names.floorSeen]: names.floorSeen, [names.seen]: names.floorSeen },
  };
  const floor = rowOf(report, part, floorOf[what] ?? '');
  return floor ? (p50 / floor.p50).toFixed(2) : '';
}

function verdictLines({ aim, measured, most, isMet, hops }: Verdict): readonly string[] {
  const told = `${aim}: ${microseconds(measured)} µs (aim: ${microseconds(most)})`;
  if (isMet) return [styleText('green', `met     ${told}`)];
  const spent = hops.map(([what, took]) => `        ${microseconds(took).padStart(9)}  ${what}`);
  return [styleText('red', `missed  ${told}`), ...spent];
}

function unmeasuredLine({ aim, isAsked }: Unmeasured): string {
  if (isAsked) return styleText('red', `not measured  ${aim}`);
  return `not measured, because other parts were asked for: ${aim}`;
}

function microseconds(nanoseconds: number): string {
  const value = nanoseconds / 1_000;
  return value.toFixed(value < 10 ? 3 : value < 1_000 ? 1 : 0);
}
