import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { identityOf } from '../../stack/index.js';
import { ProcessRecord } from '../../workers/supervisor/leftovers.js';

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'legwork-leftovers-'));

function sleeper(seconds: number): number {
  const child = spawn('sleep', [String(seconds)], { detached: true, stdio: 'ignore' });
  return child.pid ?? 0;
}

test('a process that an earlier supervisor left and that does not drain is killed and named', async () => {
  const folder = newFolder();
  const pid = sleeper(600);
  new ProcessRecord(folder).started({ name: 'desk', processId: 'desk-1', pid });
  expect(await new ProcessRecord(folder, { drainMsMax: 100 }).endLeftovers()).toEqual(['desk-1']);
  expect(identityOf(pid)).toBeUndefined();
});

test('a process that drains in time is waited for, not killed', async () => {
  const folder = newFolder();
  const pid = sleeper(0.2);
  new ProcessRecord(folder).started({ name: 'desk', processId: 'desk-1', pid });
  expect(await new ProcessRecord(folder).endLeftovers()).toEqual(['desk-1']);
  expect(identityOf(pid)).toBeUndefined();
});

test('a process whose end was recorded is nobody’s leftover', async () => {
  const folder = newFolder();
  const record = new ProcessRecord(folder);
  record.started({ name: 'desk', processId: 'desk-1', pid: process.pid });
  record.ended('desk-1');
  expect(await new ProcessRecord(folder).endLeftovers()).toEqual([]);
});
