import type { TestContext } from 'vitest';

/** One line of a table that a suite prints when it has ended. */
export type Figures = Readonly<Record<string, string | number>>;

declare module 'vitest' {
  interface TaskMeta {
    figures?: { readonly table: string; readonly rows: readonly Figures[] };
  }
}

/** Leaves figures of this test for the table of that name, printed by the figures reporter. */
export function tellFigures({ task }: TestContext, table: string, ...rows: Figures[]): void {
  task.meta.figures = { table, rows: [...(task.meta.figures?.rows ?? []), ...rows] };
}
