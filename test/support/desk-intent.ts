import type { ArbitrageIntent, Wire } from '../../domain/index.js';
import { ACCOUNT } from './desk-venues.js';

/** Ten contracts of the usual opportunity, for whoever asks within ten seconds. */
export function intentOf(
  intentId: string,
  pairId: string,
  change: Partial<Wire<ArbitrageIntent>> = {},
): Wire<ArbitrageIntent> {
  const nowMs = Date.now();
  return {
    ...{ intentId, pairId, door: 'workflow', type: 'poly_yes_kalshi_no', contractsMax: '10' },
    limitPrice: { yes: '0.4', no: '0.48' },
    observedAtMs: { yesMs: nowMs, noMs: nowMs },
    ...{ edgeMin: '0.01', account: ACCOUNT, strategy: 'desk', dryRun: false },
    notAfterMs: nowMs + 10_000,
    ...change,
  };
}
