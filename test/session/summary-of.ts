import { ledgerFigures } from '../../workers/session/ledger-figures.js';
import type { SessionRows } from '../../workers/session/session-rows.js';
import { type SessionSummary, sessionSummary } from '../../workers/session/session-summary.js';

export const NOTHING_LEFT = {
  ...{ reservations: 0, holds: 0, breaks: {}, freezes: {} },
  ...{ inCustody: {}, needlessFreezes: [], openOrders: [], ownerless: [], unread: [] },
} as const;

type Ledgers = Parameters<typeof ledgerFigures>[0];

/** A session of these rows that left nothing, beside what its venues wrote down. */
export function summaryOf(
  rows: SessionRows,
  ledgers: Ledgers = { kalshi: [], polymarket: [] },
): SessionSummary {
  const desk = { mode: 'simulated', seed: 7, faults: 'heavy' };
  const figures = ledgerFigures(ledgers, { kalshi: {}, polymarket: {} }, rows);
  const none = { openBreaks: 0, unheard: [], left: NOTHING_LEFT };
  return sessionSummary({ desk, rows, ledgers: figures, ...none });
}
