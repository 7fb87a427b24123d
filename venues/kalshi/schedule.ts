import { z } from 'zod';
import type { Pause } from '../../domain/venue.js';

// `GET /exchange/schedule` and `/exchange/status` (venues.md 1.9; the published client's Schedule).

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** How far ahead pauses are told. */
const AHEAD_MS = 2 * DAY_MS;
/** "23:59" is how a schedule writes midnight: no pause. */
const GAP_LEAST_MS = 2 * MINUTE_MS;
/** The venue's hours are those of New York, in summer and in winter. */
const ZONE = 'America/New_York';

const weekdays = [
  'sunday',
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
] as const;

const hours = z.object({ open_time: clock(), close_time: clock() });
const instant = z.string().transform((text, context) => {
  const atMs = Date.parse(text);
  if (Number.isFinite(atMs)) return atMs;
  context.addIssue({ code: 'custom', message: `"${text}" is not a time` });
  return z.NEVER;
});
const day = z.array(hours).nullish();
const week = z.object({
  start_time: instant,
  end_time: instant,
  ...{ monday: day, tuesday: day, wednesday: day, thursday: day },
  ...{ friday: day, saturday: day, sunday: day },
});

export const scheduleAnswer = z.object({
  schedule: z.object({
    standard_hours: z.array(week),
    maintenance_windows: z.array(z.object({ start_datetime: instant, end_datetime: instant })),
  }),
});
export type KalshiSchedule = z.output<typeof scheduleAnswer>['schedule'];

export const statusAnswer = z.object({
  exchange_active: z.boolean(),
  trading_active: z.boolean(),
  exchange_estimated_resume_time: instant.nullish(),
});
export type KalshiStatus = z.output<typeof statusAnswer>;

/** Announced maintenance, hours outside the standard ones, and the pause that runs now. */
export function pausesOf(
  schedule: KalshiSchedule,
  status: KalshiStatus,
  nowMs: number,
): readonly Pause[] {
  const announced = schedule.maintenance_windows.map(({ start_datetime, end_datetime }) => ({
    fromMs: start_datetime,
    untilMs: end_datetime,
  }));
  return [...running(status, nowMs), ...announced, ...closedHours(schedule, nowMs)]
    .filter(({ fromMs, untilMs }) => fromMs < nowMs + AHEAD_MS && (untilMs ?? nowMs + 1) > nowMs)
    .toSorted((one, other) => one.fromMs - other.fromMs);
}

function running(status: KalshiStatus, nowMs: number): readonly Pause[] {
  if (status.exchange_active && status.trading_active) return [];
  const resumesAtMs = status.exchange_estimated_resume_time;
  const isTold = typeof resumesAtMs === 'number' && resumesAtMs > nowMs;
  return [{ fromMs: nowMs, ...(isTold && { untilMs: resumesAtMs }) }];
}

/** Between the hours of yesterday and of the day after tomorrow; a week nobody described is open. */
function closedHours(
  { standard_hours }: KalshiSchedule,
  nowMs: number,
): readonly Required<Pause>[] {
  const open = [-1, 0, 1, 2, 3].flatMap((ahead) => openHours(standard_hours, nowMs, ahead));
  return open
    .toSorted((one, other) => one.fromMs - other.fromMs)
    .flatMap(({ untilMs }, index, all) => {
      const next = all[index + 1];
      const isClosed = next !== undefined && next.fromMs - untilMs >= GAP_LEAST_MS;
      return isClosed ? [{ fromMs: untilMs, untilMs: next.fromMs }] : [];
    });
}

function openHours(
  weeks: KalshiSchedule['standard_hours'],
  nowMs: number,
  ahead: number,
): readonly Required<Pause>[] {
  const [year, month, dayOfMonth] = partsAt(nowMs);
  const date = new Date(Date.UTC(year, month - 1, dayOfMonth + ahead));
  const midnightMs = instantOf(date.getTime());
  const weekday = weekdays[date.getUTCDay()] ?? 'sunday';
  const described = weeks.find((one) => one.start_time <= midnightMs && midnightMs < one.end_time);
  return (described?.[weekday] ?? []).map(({ open_time, close_time }) => ({
    fromMs: instantOf(date.getTime() + open_time),
    untilMs: instantOf(date.getTime() + close_time + (close_time <= open_time ? DAY_MS : 0)),
  }));
}

/** The instant at which New York's clocks show what `wallMs` shows as UTC. */
function instantOf(wallMs: number): number {
  const guessMs = wallMs - offsetAt(wallMs);
  return wallMs - offsetAt(guessMs);
}

const offsetAt = (atMs: number): number => {
  const [year, month, dayOfMonth, hour, minute] = partsAt(atMs);
  return (
    Date.UTC(year, month - 1, dayOfMonth, hour, minute) - Math.floor(atMs / MINUTE_MS) * MINUTE_MS
  );
};

const format = new Intl.DateTimeFormat('en-US', {
  timeZone: ZONE,
  hourCycle: 'h23',
  ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' },
});

type Parts = readonly [year: number, month: number, day: number, hour: number, minute: number];

function partsAt(atMs: number): Parts {
  const parts = Object.fromEntries(
    format.formatToParts(atMs).map(({ type, value }) => [type, value]),
  );
  const of = (name: string): number => Number(parts[name]);
  return [of('year'), of('month'), of('day'), of('hour'), of('minute')];
}

/** "HH:MM" as milliseconds since midnight; "24:00" is the end of the day. */
function clock() {
  return z.string().transform((text, context) => {
    const [, hour, minute] = /^(\d{1,2}):(\d{2})/.exec(text) ?? [];
    if (hour !== undefined && minute !== undefined) {
      return (Number(hour) * 60 + Number(minute)) * MINUTE_MS;
    }
    context.addIssue({ code: 'custom', message: `"${text}" is not a time of day` });
    return z.NEVER;
  });
}
