import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { UpRequest } from '../../schemas/up-request.js';
import { openDeskFile, saveDeskFile } from '../../workers/supervisor/desk-file.js';

const request = (dataFolder: string): UpRequest => ({
  ...{ mode: 'simulated', dataFolder, faults: 'none', isWatching: false },
  hasEngine: true,
});
const newFolder = (): string => mkdtempSync(join(tmpdir(), 'legwork-desk-'));

test('a data folder keeps its seed and its first opening through later starts', () => {
  const folder = newFolder();
  const first = openDeskFile({ ...request(folder), seed: 7 }, 1_000);
  saveDeskFile(folder, { ...first, ports: { kalshi: 4010 }, tlsPorts: { kalshi: 4011 } });
  const again = openDeskFile(request(folder), 2_000);
  expect(again).toEqual({
    ...{ mode: 'simulated', seed: 7, openedAtMs: 1_000 },
    ...{ ports: { kalshi: 4010 }, tlsPorts: { kalshi: 4011 } },
  });
});

test('another seed on the same books is refused, with what to do', () => {
  const folder = newFolder();
  openDeskFile({ ...request(folder), seed: 7 }, 1_000);
  expect(() => openDeskFile({ ...request(folder), seed: 8 }, 2_000)).toThrow(
    /opened with seed 7, not 8.*\n.*--data/s,
  );
  expect(openDeskFile({ ...request(folder), seed: 7 }, 2_000).seed).toBe(7);
});

test('another mode on the same books is refused', () => {
  const folder = newFolder();
  openDeskFile(request(folder), 1_000);
  expect(() => openDeskFile({ ...request(folder), mode: 'shadow' }, 2_000)).toThrow(
    /mode simulated/,
  );
});
