import { join } from 'node:path';
import type { VenueName } from '../../domain/index.js';
import {
  faultsCounted,
  type LedgerCheck,
  type LedgerLine,
  ledgerCheck,
  readFaultLog,
} from '../../venues/simulation/index.js';
import { type JournalFaults, journalFaults } from './journal-check.js';
import type { SessionRows } from './session-rows.js';

export type Ledgers = Readonly<Record<VenueName, readonly LedgerLine[]>>;
export type FaultCounts = Readonly<Record<string, number>>;
export type FaultLogs = Readonly<Record<VenueName, FaultCounts>>;

/** What the simulated venues counted of what they did wrong, in all their processes. */
export const readFaultLogs = (ledgersFolder: string): FaultLogs => ({
  kalshi: readFaultLog(join(ledgersFolder, 'kalshi.faults')),
  polymarket: readFaultLog(join(ledgersFolder, 'polymarket.faults')),
});

/** What the simulated venues' own ledgers say, beside our books. */
export interface LedgerFigures {
  /**
   * Injected, by kind, over all venues: what every profile draws as the ledgers have it, those that
   * did not happen as zero, and what else the venues' logs of faults know.
   */
  readonly faults: FaultCounts;
  readonly faultsByVenue: Readonly<Record<VenueName, FaultCounts>>;
  readonly check: LedgerCheck;
  readonly journal: JournalFaults;
}

export function ledgerFigures(ledgers: Ledgers, logs: FaultLogs, rows: SessionRows): LedgerFigures {
  const kalshi = ledgers.kalshi.map((line) => line.row);
  const polymarket = ledgers.polymarket.map((line) => line.row);
  const faultsByVenue = {
    kalshi: { ...logs.kalshi, ...faultsCounted(kalshi) },
    polymarket: { ...logs.polymarket, ...faultsCounted(polymarket) },
  };
  return {
    faults: added(faultsByVenue.kalshi, faultsByVenue.polymarket),
    faultsByVenue,
    check: ledgerCheck({
      ledgers: { kalshi, polymarket },
      entries: rows.entries.map(({ entry }) => entry),
      orders: rows.orders.map(({ stored }) => stored.order),
    }),
    journal: journalFaults({ kalshi, polymarket }, rows),
  };
}

function added(one: FaultCounts, other: FaultCounts): FaultCounts {
  const kinds = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return Object.fromEntries(kinds.map((kind) => [kind, (one[kind] ?? 0) + (other[kind] ?? 0)]));
}
