import { expect, test } from 'vitest';
import { createUpView } from '../../cli/up-view.js';
import type { UpRequest } from '../../schemas/up-request.js';

const request: UpRequest = {
  ...{ mode: 'simulated', dataFolder: '/data', faults: 'light', isWatching: false },
  hasEngine: true,
};
const ready = { kind: 'ready', venues: { kalshi: 'http://127.0.0.1:4010' } } as const;

function recorder() {
  const out: string[] = [];
  const err: string[] = [];
  const to = { out: (text: string) => out.push(text), err: (text: string) => err.push(text) };
  return { out, err, to };
}

async function* trades() {
  yield 'one trade';
}

test('the first screen names the mode, the venues and the data folder, then trades follow', async () => {
  const { out, to } = recorder();
  const view = createUpView({ request, isJson: false, trades, to });
  view.show(ready);
  await new Promise((resolve) => setImmediate(resolve));
  await view.close(0);
  expect(out[0]).toMatch(/ready[\s\S]*simulated, faults light[\s\S]*:4010[\s\S]*\/data/);
  expect(out[1]).toBe('one trade\n');
});

test('the first screen of a bounded session says what it does and what becomes of its data', async () => {
  const { out, to } = recorder();
  const session = { arbs: 12, outFolder: '/report' };
  const view = createUpView({ request: { ...request, session }, isJson: false, to });
  view.show(ready);
  await new Promise((resolve) => setImmediate(resolve));
  await view.close(0);
  expect(out[0]).toMatch(/12 fired arbitrages[\s\S]*\/report[\s\S]*latest five[\s\S]*kept/);
});

test('a refusal is told as it is; a death says where to look', async () => {
  const refused = recorder();
  const view = createUpView({ request, isJson: false, to: refused.to });
  view.show({ kind: 'failed', message: 'Mode "live" cannot start.' });
  await view.close(1);
  expect(refused.err.join('')).toMatch(/Mode "live" cannot start/);

  const died = recorder();
  const other = createUpView({ request, isJson: false, to: died.to });
  other.show(ready);
  await other.close(1);
  expect(died.err.join('')).toMatch(/ended with code 1\n.*supervisor.log/);
});

test('for a program every event is one JSON document', async () => {
  const { out, to } = recorder();
  const view = createUpView({ request, isJson: true, trades, to });
  view.show(ready);
  await new Promise((resolve) => setImmediate(resolve));
  await view.close(0);
  expect(out.map((text) => JSON.parse(text) as unknown)).toEqual([
    ready,
    { kind: 'trade', line: 'one trade' },
    { kind: 'ended', exitCode: 0 },
  ]);
});
