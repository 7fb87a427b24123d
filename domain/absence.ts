/** A venue without a read-path stamp must have missed an order this often before it is absent. */
export const MISSES_MIN = 5;

export interface Misses {
  /** When the last reading began: what it did not show may have arrived since. */
  readonly askedAtMs: number;
  readonly notAfterMs: number;
  /** How far past `notAfterMs` a byte of ours may still arrive at the venue. */
  readonly latenessMs: number;
  /** The venue's own time up to which its pages are complete, where it gives one (Kalshi). */
  readonly readAsOfMs?: number;
  /** When the reading of every page began that did not show the order, oldest first. */
  readonly missedAtMs: readonly number[];
}

/**
 * "Not found" proves nothing until the order can no longer arrive *and* the pages would show it
 * (DESIGN §9). Where the venue stamps its read path, the stamp decides; else five misses, spread
 * over another `latenessMs`.
 */
export function isAbsent(misses: Misses): boolean {
  const { askedAtMs, notAfterMs, latenessMs, readAsOfMs } = misses;
  const arrivableUntilMs = notAfterMs + latenessMs;
  if (askedAtMs <= arrivableUntilMs) return false;
  if (readAsOfMs !== undefined) return readAsOfMs > arrivableUntilMs;

  const counted = misses.missedAtMs.filter((atMs) => atMs > arrivableUntilMs);
  const [first = 0] = counted;
  const spreadMs = (counted.at(-1) ?? 0) - first;
  return counted.length >= MISSES_MIN && spreadMs >= latenessMs;
}

/**
 * How long to wait before the pages of such a venue are read again: the first reading that counts comes
 * as soon as it may, and the last that is needed when they are spread far enough.
 */
export function askAgainInMs({
  askedAtMs,
  notAfterMs,
  latenessMs,
}: Pick<Misses, 'askedAtMs' | 'notAfterMs' | 'latenessMs'>): number {
  const untilCountedMs = notAfterMs + latenessMs + 1 - askedAtMs;
  return Math.max(untilCountedMs, Math.ceil(latenessMs / (MISSES_MIN - 1)));
}
