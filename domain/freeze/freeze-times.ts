/**
 * How long a freeze waits, and for whom. Each is a few of the one before it, so that none ends the next
 * for being slow:
 *
 * 1. Every process reads the freezes four times a second, whether the announcement reached it or not.
 * 2. Who has not acknowledged after four of those readings stands still, and its supervisor kills it. Of
 *    a busy machine it takes milliseconds, and a collection of garbage tenths of a second.
 * 3. Whoever asked waits as long again: the process has to be killed, seen gone and told to Postgres
 *    before "frozen" may be said without its word.
 */
export const freezeTimes = {
  readEveryMs: 250,
  acknowledgedWithinMs: 1_000,
  commandWaitMs: 2_000,
} as const;
