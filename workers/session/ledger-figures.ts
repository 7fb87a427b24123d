import type { VenueName } from '../../domain/index.js';
import {
  type FaultKind,
  faultsCounted,
  type LedgerCheck,
  type LedgerLine,
  ledgerCheck,
} from '../../venues/simulation/index.js';
import type { SessionRows } from './session-rows.js';

export type Ledgers = Readonly<Record<VenueName, readonly LedgerLine[]>>;
export type FaultCounts = Readonly<Record<FaultKind, number>>;

/** What the simulated venues' own ledgers say, beside our books. */
export interface LedgerFigures {
  /** Injected, by kind, over all venues. */
  readonly faults: FaultCounts;
  readonly faultsByVenue: Readonly<Record<VenueName, FaultCounts>>;
  readonly check: LedgerCheck;
}

export function ledgerFigures(ledgers: Ledgers, rows: SessionRows): LedgerFigures {
  const kalshi = ledgers.kalshi.map((line) => line.row);
  const polymarket = ledgers.polymarket.map((line) => line.row);
  return {
    faults: faultsCounted([...kalshi, ...polymarket]),
    faultsByVenue: { kalshi: faultsCounted(kalshi), polymarket: faultsCounted(polymarket) },
    check: ledgerCheck({
      ledgers: { kalshi, polymarket },
      entries: rows.entries.map(({ entry }) => entry),
      orders: rows.orders.map(({ stored }) => stored.order),
    }),
  };
}
