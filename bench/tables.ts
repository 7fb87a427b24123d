import { styleText } from 'node:util';
import Table from 'cli-table3';
import type { Percentiles } from '../workers/session/percentiles.js';
import type { Rate } from './rates.js';
import type { Aim, Results } from './results.js';

/** Everything on one page; `bench/README.md` says how to read it. */
export function tablesOf(results: Results): string {
  const { verdict, closed, machine, at, commit } = results;
  return [
    `${at}, commit ${commit}, ${machine}`,
    '',
    'Until the outcome is known, one at a time, all rungs in turns (milliseconds)',
    ladderTable(results),
    `of the arbitrage: verdict ${line(verdict)}; closed ${line(closed)}`,
    '',
    'Where the time goes (p50, milliseconds)',
    breakdownTable(results),
    '',
    'So many at a time',
    ratesTable(results),
    ...results.rates.flatMap(othersLines),
    '',
    `Parked trades: ${parkedLine(results)}`,
    `events of a matched trade: ${kindsLine(results)}`,
    '',
    ...results.aims.map(aimLine),
  ].join('\n');
}

function ladderTable({ ladder }: Results): string {
  const head = ['rung', 'n', 'p50', 'p90', 'p99', '× floor', 'events', 'transitions'];
  const rows = ladder.map((rung) => [
    ...[rung.rung, String(rung.count), ms(rung.p50), ms(rung.p90), ms(rung.p99)],
    ...[number(rung.timesFloor, 2), number(rung.events, 0), number(rung.transitions, 0)],
  ]);
  return tableOf(head, rows);
}

function breakdownTable({ breakdown }: Results): string {
  const rows = breakdown.map(({ step, floorMs, arbitrageMs }) => [
    step,
    ms(floorMs),
    ms(arbitrageMs),
  ]);
  return tableOf(['step', 'floor', 'arbitrage'], rows);
}

function ratesTable({ rates }: Results): string {
  const names = Object.keys(rates[0]?.cpuMs ?? {});
  const head = ['rung', 'at a time', '/s', 'transitions/s', 'p50', 'CPU ms each', ...names];
  const rows = rates.map((rate) => {
    const { cpuMs } = rate;
    const all = cpuMs && Object.values(cpuMs).reduce((sum, used) => sum + used, 0);
    return [
      ...[rate.rung, String(rate.atATime), number(rate.perSecond, 1)],
      ...[number(rate.transitionsPerSecond, 0), ms(rate.p50Ms), ms(all ?? null)],
      ...names.map((name) => ms(cpuMs?.[name] ?? null)),
    ];
  });
  return tableOf(head, rows);
}

function othersLines({ rung, atATime, others }: Rate): string[] {
  return Object.entries(others).map(
    ([why, count]) => `${rung}, ${atATime} at a time: ${count} ended otherwise: ${why}`,
  );
}

function parkedLine({ parked }: Results): string {
  const { count, cutCount, heapKib, residentKib } = parked;
  const kib = (measured: number | null): string =>
    measured === null ? 'not measured' : `${measured.toFixed(0)} KiB`;
  const cut = cutCount === 0 ? '' : ` (${cutCount} more came to nothing before)`;
  return `${count}${cut}; each takes of heap ${kib(heapKib)}, of resident memory ${kib(residentKib)}`;
}

function kindsLine({ kinds }: Results): string {
  return Object.entries(kinds)
    .map(([kind, count]) => `${kind} ${count}`)
    .join(', ');
}

function aimLine({ aim, measured, most, isMet }: Aim): string {
  if (measured === null) return `unknown ${aim}: not measured (aim: at most ${most})`;
  const told = `${aim}: ${number(measured, 2)} (aim: at most ${most})`;
  return isMet ? styleText('green', `met     ${told}`) : styleText('red', `missed  ${told}`);
}

function tableOf(head: string[], rows: string[][]): string {
  const colAligns = head.map((_, index) => (index === 0 ? 'left' : 'right'));
  const table = new Table({
    ...{ head, colAligns, style: { head: [], border: [] } },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  });
  table.push(...rows);
  return table.toString();
}

const line = ({ p50, p90, p99 }: Percentiles): string =>
  `p50 ${ms(p50)}, p90 ${ms(p90)}, p99 ${ms(p99)}`;

const ms = (value: number | null): string =>
  value === null ? '' : value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);

const number = (value: number | null, digits: number): string =>
  value === null ? '' : value.toFixed(digits);
