import { expect, test } from 'vitest';
import { isAbsent, type Misses } from '../../domain/absence.js';

// An order that could leave until 1,000 and may arrive until 11,000.
const base = { notAfterMs: 1_000, latenessMs: 10_000 } as const;
const every = (fromMs: number, stepMs: number, times: number): number[] =>
  Array.from({ length: times }, (_, index) => fromMs + index * stepMs);

test.each<readonly [name: string, misses: Omit<Misses, keyof typeof base>, absent: boolean]>([
  ['it may still arrive', { askedAtMs: 11_000, readAsOfMs: 20_000, missedAtMs: [] }, false],
  [
    'pages complete beyond its last moment',
    { askedAtMs: 11_001, readAsOfMs: 11_001, missedAtMs: [] },
    true,
  ],
  [
    'pages that end at its last moment',
    { askedAtMs: 30_000, readAsOfMs: 11_000, missedAtMs: [] },
    false,
  ],
  [
    'five misses, spread wide enough',
    { askedAtMs: 30_000, missedAtMs: every(11_001, 2_500, 5) },
    true,
  ],
  ['four misses', { askedAtMs: 30_000, missedAtMs: every(11_001, 5_000, 4) }, false],
  ['five misses in a row', { askedAtMs: 30_000, missedAtMs: every(11_001, 2_499, 5) }, false],
  [
    'misses while it could still arrive',
    { askedAtMs: 30_000, missedAtMs: every(1_000, 2_500, 5) },
    false,
  ],
  ['no miss at all', { askedAtMs: 30_000, missedAtMs: [] }, false],
])('"not found" proves absence or nothing: %s', (_, misses, absent) => {
  expect(isAbsent({ ...base, ...misses })).toBe(absent);
});
