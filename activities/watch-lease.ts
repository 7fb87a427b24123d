import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { canonicalJson, type LeaseSeen, toWire } from '../domain/index.js';
import { seenOfLease } from '../store/index.js';
import type { LeaseWatch } from './lend-activities.js';
import type { TradingDesk } from './trading-desk.js';

/** A shot is adopted within milliseconds, and a death is noticed in about as many. */
const LOOK_EVERY_MS = 250;
/** Then its workflow looks by itself whether anything else is due. */
const WATCH_MS_MAX = 60_000;

/**
 * Looks at a lease until it is not what it was, for a minute at most; a worker that drains hands it
 * back as it is. Throws where its workflow does not want to know any more.
 */
export async function watchLease(
  { db, nowMs }: Pick<TradingDesk, 'db' | 'nowMs'>,
  { leaseId, seen }: LeaseWatch,
  draining: AbortSignal,
): Promise<LeaseSeen> {
  const { cancellationSignal } = Context.current();
  const signal = AbortSignal.any([cancellationSignal, draining]);
  const untilMs = nowMs() + WATCH_MS_MAX;
  for (;;) {
    const now = await seenOfLease(db, leaseId);
    if (!isSame(now, seen) || nowMs() >= untilMs || draining.aborted) return now;
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined); // looked once more
    cancellationSignal.throwIfAborted();
  }
}

const isSame = (one: LeaseSeen, other: LeaseSeen): boolean =>
  canonicalJson(toWire(one)) === canonicalJson(toWire(other));
