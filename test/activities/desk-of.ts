import type { TradingDesk } from '../../activities/trading-desk.js';
import type { Venue } from '../../domain/index.js';
import { NOW_MS } from '../store/desk.js';

/** What a worker gives to its activities, as far as a story reads it, with one venue that answers. */
export function deskOf(given: Partial<TradingDesk>, answers: Partial<Venue> = {}): TradingDesk {
  const venue = answers as Venue; // a story asks nothing else of it
  return {
    ...{ mode: 'simulated', nowMs: () => NOW_MS, venueOf: () => venue, reached: () => undefined },
    ...given,
  } as TradingDesk; // what no story reads is not there
}
