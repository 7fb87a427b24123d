import { styleText } from 'node:util';
import type { Instrument, Money, ResultKind, Wire } from '../domain/index.js';

/** Local time of day, or with the date where it is not today's. Times are epoch milliseconds. */
export function clock(atMs: number, nowMs: number): string {
  const at = new Date(atMs);
  const time = at.toTimeString().slice(0, 8);
  const isToday = at.toDateString() === new Date(nowMs).toDateString();
  return isToday ? time : `${isoDay(at)} ${time}`;
}

/** With milliseconds: the order of events within a trade. */
export function clockMs(atMs: number, nowMs: number): string {
  return `${clock(atMs, nowMs)}.${String(atMs % 1_000).padStart(3, '0')}`;
}

/** "840 ms", "3.2 s", "4 min", "7 h", "12 d": as exact as somebody who looks needs it. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min`;
  if (ms < 172_800_000) return `${Math.floor(ms / 3_600_000)} h`;
  return `${Math.floor(ms / 86_400_000)} d`;
}

/** Dollars with a sign where it matters: "+1.24", "-0.3", "0". Every digit that there is. */
export function signedMoney(amount: Wire<Money>): string {
  return amount.startsWith('-') || amount === '0' ? amount : `+${amount}`;
}

/** Venue ids can be as long as 66 characters: both ends are kept, which is what people compare. */
export function shortened(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  const tail = Math.floor((lengthMax - 1) / 3);
  return `${text.slice(0, lengthMax - 1 - tail)}…${text.slice(-tail)}`;
}

export function instrumentText({ venue, market, outcome }: Instrument): string {
  return `${outcome.toUpperCase()} ${venue} ${shortened(market, 24)}`;
}

const colours = {
  matched: 'green',
  exited: 'yellow',
  residual: 'red',
  missed: 'dim',
  denied: 'dim',
} as const satisfies Record<ResultKind, string>;

export function resultText(kind: ResultKind): string {
  return styleText(colours[kind], kind);
}

function isoDay(at: Date): string {
  const pad = (part: number): string => String(part).padStart(2, '0');
  return `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;
}
