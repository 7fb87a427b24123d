/** How old the word about freezes may be: DESIGN §8.1. */
export const CONTROL_LEASE_MS = 1_000;

/**
 * A process may start an entry only if its last successful read of the freezes *began* under
 * `leaseMs` ago: a read that began earlier may have missed a freeze committed meanwhile. Who never
 * read one holds no lease. Exits ask nobody.
 */
export function holdsControlLease(lease: {
  readonly nowMs: number;
  readonly readBeganAtMs: number | undefined;
  readonly leaseMs: number;
}): boolean {
  const { nowMs, readBeganAtMs, leaseMs } = lease;
  return readBeganAtMs !== undefined && nowMs - readBeganAtMs < leaseMs;
}
