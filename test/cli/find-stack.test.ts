import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findStack, identityOf } from '../../stack/index.js';

const folderWith = (files: Readonly<Record<string, unknown>>): string => {
  const folder = mkdtempSync(join(tmpdir(), 'legwork-find-'));
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(
      join(folder, name),
      typeof content === 'string' ? content : JSON.stringify(content),
    );
  }
  return folder;
};

test('a data folder that nothing was started for has no servers, and stays empty', () => {
  const folder = folderWith({});
  expect(findStack(folder)).toEqual({});
  expect(readdirSync(folder)).toEqual([]);
});

test('servers that run are found by the files that their start left', () => {
  const process_ = identityOf(process.pid);
  const folder = folderWith({
    'temporal.json': { ports: { grpc: 7001, ui: 8001 }, process: process_ },
    'postgres.json': { ports: { sql: 5001 }, process: process_ },
    'postgres.password': 'secret',
  });
  expect(findStack(folder)).toEqual({
    temporalAddress: '127.0.0.1:7001',
    databaseUrl: 'postgres://legwork:secret@127.0.0.1:5001/legwork',
  });
});

test('a server whose pid belongs to a later process is not ours', () => {
  const process_ = { pid: process.pid, startedAt: 'another time' };
  const folder = folderWith({ 'temporal.json': { ports: { grpc: 7001 }, process: process_ } });
  expect(findStack(folder)).toEqual({});
});
