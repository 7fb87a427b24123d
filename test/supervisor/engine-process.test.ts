import { expect, test } from 'vitest';
import { hostName } from '../../workers/host-name.js';
import { type DeskConfig, processSpecs } from '../../workers/supervisor/processes.js';

test('a machine is named in queues by letters, digits, dots, dashes and underscores alone', () => {
  expect(hostName('desk-7.nyc_1')).toBe('desk-7.nyc_1');
  expect(hostName('Anna’s desk/7')).toBe('Anna-s-desk-7');
  expect(hostName()).toMatch(/^[A-Za-z0-9._-]+$/);
});

test('an engine is not started where venues have no address by TLS', () => {
  const desk = { venues: { kalshi: 'http://127.0.0.1:1' } } as unknown as DeskConfig; // nothing else is read
  const engine = { program: '/bin/true', metricsPort: 1 };
  expect(() => processSpecs(desk, { engine })).toThrow(/by TLS alone[\s\S]*--without-engine/);
});
