import { expect, test } from 'vitest';
import { answerOf } from '../../cli/commands/doctor.js';
import { clockFinding, type Finding, nodeFinding } from '../../cli/examination.js';

test.each([
  ['20.18.9', 'missing'],
  ['20.19.0', 'well'],
  ['20.20.2', 'well'],
  ['22.0.0', 'well'],
  ['18.30.0', 'missing'],
])('node %s is %s', (version, health) => {
  expect(nodeFinding(version).health).toBe(health);
});

test.each([
  ['', 'unknown', /nothing here can say/],
  ['Leap status     : Normal\nLast offset     : +0.000012 seconds', 'well', /0.000012 seconds/],
  ['Leap status     : Not synchronised', 'unknown', /not synchronised/],
  ['NTPSynchronized=yes', 'well', /synchronised/],
  ['NTPSynchronized=no', 'unknown', /not synchronised/],
  ['  status: 8193', 'well', /kernel/],
  ['  status: 64', 'unknown', /nothing here can say/],
])('what the time service says, "%s", is %s', (words, health, found) => {
  const finding = clockFinding(words);
  expect(finding.health).toBe(health);
  expect(finding.found).toMatch(found);
});

test('only what a start cannot do without makes the doctor fail', () => {
  const finding = (health: Finding['health']): Finding => ({ what: 'it', found: 'so', health });
  expect(answerOf([finding('well'), finding('unknown')]).exitCode).toBe(0);
  expect(answerOf([finding('well'), finding('missing')]).exitCode).toBe(1);
});
