import { expect, test } from 'vitest';
import { pausesOf, scheduleAnswer, statusAnswer } from '../../venues/kalshi/schedule.js';

const ACTIVE = statusAnswer.parse({ exchange_active: true, trading_active: true });
const all = [{ open_time: '00:00', close_time: '24:00' }];
const others = {
  monday: all,
  tuesday: all,
  wednesday: all,
  friday: all,
  saturday: all,
  sunday: all,
};
const thursday = [
  { open_time: '00:00', close_time: '03:00' },
  { open_time: '05:00', close_time: '24:00' },
];

function scheduleOf(week: object, windows: readonly object[] = []) {
  const always = { start_time: '2020-01-01T00:00:00Z', end_time: '2040-01-01T00:00:00Z' };
  const standard_hours = [{ ...always, ...week }];
  return scheduleAnswer.parse({ schedule: { standard_hours, maintenance_windows: windows } })
    .schedule;
}

const spans = (pauses: ReturnType<typeof pausesOf>): readonly string[] =>
  pauses.map(({ fromMs, untilMs }) =>
    [fromMs, untilMs].map((ms) => (ms ? new Date(ms).toISOString().slice(0, 16) : '?')).join(' '),
  );

test.each([
  ['in winter', '2026-11-25T12:00:00Z', '2026-11-26T08:00 2026-11-26T10:00'],
  ['in summer', '2026-07-15T12:00:00Z', '2026-07-16T07:00 2026-07-16T09:00'],
])('the weekly pause is one of New York’s mornings, %s', (_when, now, span) => {
  const schedule = scheduleOf({ ...others, thursday });
  expect(spans(pausesOf(schedule, ACTIVE, Date.parse(now)))).toEqual([span]);
});

test('a pause that runs is told until its end, one that is over is not', () => {
  const schedule = scheduleOf({ ...others, thursday });
  expect(spans(pausesOf(schedule, ACTIVE, Date.parse('2026-11-26T09:59:00Z')))).toHaveLength(1);
  expect(spans(pausesOf(schedule, ACTIVE, Date.parse('2026-11-26T10:00:00Z')))).toEqual([]);
});

test('a close after midnight belongs to the day before', () => {
  const night = [{ open_time: '08:00', close_time: '03:00' }];
  const week = Object.fromEntries([...Object.keys(others), 'thursday'].map((day) => [day, night]));
  const pauses = pausesOf(scheduleOf(week), ACTIVE, Date.parse('2026-11-25T12:00:00Z'));
  expect(spans(pauses)[0]).toBe('2026-11-25T08:00 2026-11-25T13:00');
});

test('23:59 is midnight, and a week that nobody described is open', () => {
  const day = [{ open_time: '00:00', close_time: '23:59' }];
  const week = Object.fromEntries([...Object.keys(others), 'thursday'].map((name) => [name, day]));
  const nowMs = Date.parse('2026-11-25T12:00:00Z');
  expect(pausesOf(scheduleOf(week), ACTIVE, nowMs)).toEqual([]);
  expect(pausesOf(scheduleOf({}), ACTIVE, nowMs)).toEqual([]);
});

test('announced maintenance within two days, and a pause without an end, are told', () => {
  const nowMs = Date.parse('2026-11-25T12:00:00Z');
  const window = (start: string, end: string) => ({ start_datetime: start, end_datetime: end });
  const schedule = scheduleOf({ ...others, thursday: all }, [
    window('2026-11-26T01:00:00Z', '2026-11-26T02:00:00Z'),
    window('2026-11-29T01:00:00Z', '2026-11-29T02:00:00Z'),
    window('2026-11-25T10:00:00Z', '2026-11-25T11:00:00Z'),
  ]);
  const paused = statusAnswer.parse({ exchange_active: true, trading_active: false });
  expect(spans(pausesOf(schedule, paused, nowMs))).toEqual([
    '2026-11-25T12:00 ?',
    '2026-11-26T01:00 2026-11-26T02:00',
  ]);
});
