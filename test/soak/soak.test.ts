import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { clusterFolder } from '../../stack/folders.js';
import { findStack, stopStack } from '../../stack/index.js';
import { victims } from '../../tools/soak/kill-plan.js';
import { runSoak } from '../../tools/soak/run-soak.js';
import { tellFigures } from '../support/figures.js';

// The short one; `npm run soak` is the same with a thousand. Both run what `npm run build` made.
const root = mkdtempSync(join(tmpdir(), 'legwork-soak-'));
const dataFolder = join(root, 'data');
const LIMIT_MS = 600_000;
/**
 * What the profile says goes wrong, as the venues count it: with an order, on the wire, in reports
 * and on pages, and with a venue as a whole. Of each so many kinds have to come at least.
 */
const faultGroups = {
  order: [
    ...['reject', 'timeout_after_acceptance', 'partial_fill', 'late_fill', 'failed_settlement'],
    ...['pulled_liquidity', 'stale_balance', 'better_price'],
  ],
  wire: [
    ...['answer_status', 'no_answer', 'late_answer', 'reset', 'unreadable_answer'],
    ...['answer_without_id', 'sent_twice', 'refuse'],
  ],
  report: [
    ...['report_lost', 'report_repeated', 'report_delayed', 'report_swapped'],
    ...['rows_hidden', 'rows_repeated', 'rows_reversed'],
  ],
  weather: [
    ...['enter', 'outage', 'drop_streams', 'half_open_streams', 'lose_book_changes'],
    ...['lag_pages', 'skew_clock', 'reads_limited'],
  ],
} as const;
const KINDS_LEAST = 4;
const isNoWarning = (line: string): boolean => !/^(warn|error) /.test(line);

/** How many kinds of each group were injected at all. */
function injectedKinds(faults: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  const groups = Object.entries(faultGroups).map(([group, kinds]) => {
    const injected = kinds.filter((kind) => (faults[kind] ?? 0) > 0);
    return [`${group} faults`, injected.length] as const;
  });
  return Object.fromEntries(groups);
}

afterAll(async () => {
  await stopStack(dataFolder);
  rmSync(clusterFolder(dataFolder), { recursive: true, force: true });
  rmSync(root, { recursive: true, force: true });
});

test(
  'a hundred trades under heavy faults, with every process killed around them, leave nothing',
  async (context) => {
    const said: string[] = [];
    const report = await runSoak({
      ...{ seed: 4, arbs: 100, faults: 'heavy', dataFolder, outFolder: join(root, 'out') },
      // Two rounds: on a busy machine a desk that is killed all the time does nothing else.
      ...{
        pauses: { leastMs: 500, mostMs: 2_000 },
        killsMax: 2 * victims.length,
        limitMs: LIMIT_MS,
      },
      onLine: (line) => said.push(line),
    });
    const { summary, killsCount, kills } = report;
    const injected = injectedKinds(summary?.faults ?? {});
    tellFigures(context, 'soak', {
      ...{ fired: summary?.trades.fired ?? 0, kills: killsCount, seconds: report.tookMs / 1_000 },
      ...{ unknowns: summary?.unknowns.seen ?? 0, open: summary?.trades.open ?? '?' },
      ...injected,
    });
    const lastSaid = said.map(stripVTControlCharacters).filter(isNoWarning).slice(-20).join('\n');
    expect(report.exitCode, lastSaid).toBe(0);
    expect(lastSaid).toContain('Nothing is unresolved');
    expect(summary).toMatchObject({
      trades: { open: 0 },
      unknowns: { left: 0 },
      ledgerCheck: { missing: 0, extra: 0, duplicate: 0, positionDifference: '0' },
      journalCheck: 0,
      left: { reservations: 0, holds: 0, openOrders: [], ownerless: [] },
    });
    // Pairs that are armed fire on until they are told not to.
    expect(summary?.trades.fired).toBeGreaterThanOrEqual(100);
    expect(summary?.unknowns.seen).toBeGreaterThan(0);
    for (const [group, kinds] of Object.entries(injected)) {
      expect(kinds, group).toBeGreaterThanOrEqual(KINDS_LEAST);
    }
    expect(Object.keys(kills).toSorted()).toEqual([...victims].toSorted());
    expect(findStack(dataFolder)).toEqual({});
  },
  LIMIT_MS + 60_000,
);
