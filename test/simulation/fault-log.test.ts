import { appendFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openFaultLog, readFaultLog } from '../../venues/simulation/index.js';

const fresh = (): string =>
  join(mkdtempSync(join(tmpdir(), 'legwork-faults-')), 'a', 'kalshi.faults');

test('a venue that never did anything wrong has an empty log', () => {
  expect(readFaultLog(fresh())).toEqual({});
});

test('what two processes of a venue counted adds up, and a line cut by a kill is no count', () => {
  const path = fresh();
  const first = openFaultLog(path);
  first.count('reset', 1);
  first.count('stream_dropped', 4);
  first.close();
  appendFileSync(path, 'res');
  const second = openFaultLog(path);
  second.count('reset', 1);
  second.count('reset', 1);
  second.close();
  appendFileSync(path, 'reset 1');
  expect(readFaultLog(path)).toEqual({ reset: 3, stream_dropped: 4 });
});
