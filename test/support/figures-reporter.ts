import CliTable from 'cli-table3';
import type { Reporter, TestModule } from 'vitest/node';
import type { Figures } from './figures.js';

/** Prints the tables that the tests have left figures for: one row a figure, in the order they ran. */
export default class FiguresReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tables = new Map<string, Figures[]>();
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { figures } = test.meta();
        if (!figures) continue;
        const rows = figures.rows.map((row) => ({ ...row, result: test.result().state }));
        tables.set(figures.table, [...(tables.get(figures.table) ?? []), ...rows]);
      }
    }
    for (const [name, rows] of tables) {
      const failed = rows.filter(({ result }) => result !== 'passed').length;
      const count = `${name}: ${String(rows.length)} rows, ${String(failed)} failed`;
      process.stdout.write(`\n${name}\n${tableOf(rows)}\n${count}\n`);
    }
  }
}

function tableOf(rows: readonly Figures[]): string {
  const head = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const table = new CliTable({ head, style: { head: [], border: [] } });
  table.push(...rows.map((row) => head.map((name) => String(row[name] ?? ''))));
  return table.toString();
}
