import { z } from 'zod';

const rowSchema = z.object({
  /** Rows of one part took turns. */
  part: z.string(),
  what: z.string(),
  count: z.int(),
  ...{ p50: z.number(), p95: z.number(), p99: z.number(), 'p99.9': z.number() },
});

const reportSchema = z.object({
  shots: z.int(),
  rows: z.array(rowSchema),
  /** Shots that a load was too much for; they are in no row. */
  refused: z.array(z.object({ part: z.string(), code: z.string(), count: z.int() })),
  /** Polymarket's orders, by when they were signed: before their ticks, or in their shots. */
  signed: z.array(z.object({ part: z.string(), ahead: z.int(), perShot: z.int() })),
});

/** One thing that was timed, in nanoseconds. */
export type Row = z.infer<typeof rowSchema>;

/** What `bench-fire` prints (`native/bench/src/report.rs`). */
export type Report = z.infer<typeof reportSchema>;

export function reportOf(text: string): Report {
  return reportSchema.parse(JSON.parse(text));
}

/** What a run can be asked for; without a word, all of it. */
export const fireParts = ['shots', 'freezes'] as const;
export type FirePart = (typeof fireParts)[number];

/** The parts of a report, as `native/bench` names them. */
export const parts = {
  ahead: 'signed ahead, one at a time',
  perShot: 'signed per shot, one at a time',
  aheadOffered: 'signed ahead, 1,000/s offered',
  perShotOffered: 'signed per shot, 1,000/s offered',
  parked: 'fire-first, parked until asked',
  neverParked: 'fire-first, never parked',
  alone: 'alone',
} as const;

/** What rows are called that others are held against. */
export const names = {
  floor: 'floor: both legs written',
  floorSeen: 'floor: both seen by the stub',
  written: 'tick: both legs written',
  seen: 'tick: both seen by the stub',
  direct: 'the shot without the socket',
  bySocket: 'the shot by the socket, to its receipt',
  bare: 'socket round trip, nothing fired',
  dedup: "dedup: a market's bit, taken and released",
  signature: 'one k256 signature',
  delta: 'a delta from its socket: read, decrypted, taken in',
  deltaText: 'the text of a delta, taken in',
  clock: 'two readings of the clock',
} as const;

export function rowOf({ rows }: Report, part: string, what: string): Row | undefined {
  return rows.find((row) => row.part === part && row.what === what);
}
