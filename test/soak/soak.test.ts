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
const isNoWarning = (line: string): boolean => !/^(warn|error) /.test(line);

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
    tellFigures(context, 'soak', {
      ...{ fired: summary?.trades.fired ?? 0, kills: killsCount, seconds: report.tookMs / 1_000 },
      ...{ unknowns: summary?.unknowns.seen ?? 0, open: summary?.trades.open ?? '?' },
    });
    const lastSaid = said.map(stripVTControlCharacters).filter(isNoWarning).slice(-20).join('\n');
    expect(report.exitCode, lastSaid).toBe(0);
    expect(lastSaid).toContain('Nothing is unresolved');
    expect(summary).toMatchObject({
      trades: { fired: 100, open: 0 },
      unknowns: { left: 0 },
      ledgerCheck: { missing: 0, extra: 0, duplicate: 0, positionDifference: '0' },
      left: { reservations: 0, holds: 0, openOrders: [], ownerless: [] },
    });
    expect(Object.keys(kills).toSorted()).toEqual([...victims].toSorted());
    expect(findStack(dataFolder)).toEqual({});
  },
  LIMIT_MS + 60_000,
);
