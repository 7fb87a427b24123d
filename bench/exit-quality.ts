import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import CliTable from 'cli-table3';
import { sourceCommit } from '../tools/source-commit.js';
import { type Estimate, estimateOf } from './exit/estimate.js';
import type { ExitFigures, ExitPolicy, Mismatch } from './exit/exit-comparison.js';
import { exitPolicies, mismatchOf } from './exit/exit-comparison.js';

// `npm run bench:exit`: what getting out of a mismatch costs, `cheapest` against `step_down`.

const MISMATCHES = 600;
const SEEDS_MAX = 3_000;
const OUT = 'bench/results/exit-quality.json';

/** `--mismatches 50` for a quick look. */
const wanted = Number(process.argv[process.argv.indexOf('--mismatches') + 1]) || MISMATCHES;

const mismatches: Mismatch[] = [];
let seed = 0;
while (mismatches.length < wanted && seed < SEEDS_MAX) {
  seed += 1;
  const mismatch = mismatchOf(seed);
  if (mismatch) mismatches.push(mismatch);
}

/** A mismatch of which both policies got rid completely: only there are their costs of one thing. */
const isCleared = ({ figures }: Mismatch): boolean =>
  exitPolicies.every((policy) => figures[policy].kept === 0);

const perContract = ({ cost, excess, kept }: ExitFigures): number => cost / (excess - kept);
const exposurePerContract = ({ exposureSeconds, excess }: ExitFigures): number =>
  exposureSeconds / excess;

const groups: readonly (readonly [name: string, isIn: (one: Mismatch) => boolean])[] = [
  ['all', () => true],
  ['cleared by both', isCleared],
  ['one leg rejected', ({ fault }) => fault === 'reject'],
  ['one leg partly filled', ({ fault }) => fault === 'partial_fill'],
  ['quotes pulled before one leg', ({ fault }) => fault === 'pulled_liquidity'],
];

interface Row {
  readonly group: string;
  readonly mismatches: number;
  readonly policy: ExitPolicy | 'step_down − cheapest';
  readonly costCents: Estimate;
  readonly exposureSeconds: Estimate;
  readonly exitOrders?: Estimate;
  /** Part of the contracts that was kept. */
  readonly keptShare?: number;
}

const rows = groups.flatMap(([group, isIn]) => rowsOf(group, mismatches.filter(isIn)));
process.stdout.write(`${tableOf(rows)}\n`);
mkdirSync(dirname(OUT), { recursive: true });
const at = new Date().toISOString();
const measured = { seeds: seed, mismatches: mismatches.length };
const results = { ...{ at, commit: sourceCommit() }, ...measured, rows };
writeFileSync(OUT, `${JSON.stringify(results, undefined, 2)}\n`);
process.stdout.write(`${String(mismatches.length)} mismatches of ${String(seed)} seeds; ${OUT}\n`);

function rowsOf(group: string, of: readonly Mismatch[]): Row[] {
  const ridden = of.filter(({ figures }) => exitPolicies.every((p) => isRid(figures[p])));
  const rows = exitPolicies.map((policy): Row => {
    const figures = of.map((one) => one.figures[policy]);
    const kept = figures.reduce((sum, one) => sum + one.kept, 0);
    const excess = figures.reduce((sum, one) => sum + one.excess, 0);
    return {
      ...{ group, policy, mismatches: of.length },
      costCents: estimateOf(figures.filter(isRid).map((one) => 100 * perContract(one))),
      exposureSeconds: estimateOf(figures.map(exposurePerContract)),
      exitOrders: estimateOf(figures.map((one) => one.exitOrders)),
      keptShare: excess === 0 ? 0 : kept / excess,
    };
  });
  const difference = (of: readonly Mismatch[], figure: (one: ExitFigures) => number) =>
    estimateOf(of.map(({ figures }) => figure(figures.step_down) - figure(figures.cheapest)));
  return [
    ...rows,
    {
      ...{ group, policy: 'step_down − cheapest', mismatches: ridden.length },
      costCents: difference(ridden, (one) => 100 * perContract(one)),
      exposureSeconds: difference(of, exposurePerContract),
    },
  ];
}

function isRid({ excess, kept }: ExitFigures): boolean {
  return excess > kept;
}

function tableOf(of: readonly Row[]): string {
  const head = [
    ...['group', 'policy', 'mismatches', 'cost ¢/contract ± s.e.'],
    ...['exposure s/contract ± s.e.', 'exit orders', 'kept'],
  ];
  const table = new CliTable({ head, style: { head: [], border: [] } });
  for (const row of of) {
    const { group, policy, mismatches, costCents, exposureSeconds, exitOrders, keptShare } = row;
    table.push([
      ...[group, policy, String(mismatches), said(costCents), said(exposureSeconds)],
      exitOrders === undefined ? '' : exitOrders.mean.toFixed(2),
      keptShare === undefined ? '' : `${(100 * keptShare).toFixed(1)} %`,
    ]);
  }
  return table.toString();
}

function said({ mean, standardError }: Estimate): string {
  return `${mean.toFixed(2)} ± ${standardError.toFixed(2)}`;
}
