import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../stack/index.js';

const read = (name: string): string =>
  readFileSync(join(packageRoot(), 'stack', 'temporal', name), 'utf8');

test('the Temporal that is built is one exact version, with its sums', () => {
  expect(read('go.mod')).toMatch(/github.com\/temporalio\/cli v1\.8\.2/);
  expect(read('go.sum')).toMatch(/github.com\/temporalio\/cli v1\.8\.2 h1:/);
});

test('the package root is found from here, by name', () => {
  const manifest: unknown = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8'));
  expect(manifest).toMatchObject({ name: 'legwork' });
});
