import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toWire, venueNames } from '../../domain/index.js';
import type { BookedEntry } from '../../store/index.js';
import { type FinalBooks, ledgerFile } from './final-books.js';
import type { OrderRows } from './session-rows.js';
import type { SessionSummary } from './session-summary.js';
import { sortedJson } from './sorted-json.js';

export interface Report {
  readonly outFolder: string;
  readonly ledgersFolder: string;
  readonly summary: SessionSummary;
  readonly books: FinalBooks;
}

/**
 * Leaves a session behind for whoever wants to check it: `summary.json`, our orders and what the
 * venues told us, and the venues' own ledgers as they were at that moment, to compare with.
 */
export function writeReport({ outFolder, ledgersFolder, summary, books }: Report): void {
  mkdirSync(join(outFolder, 'venues'), { recursive: true });
  const write = (name: string, content: string): void =>
    writeFileSync(join(outFolder, name), content);
  write('summary.json', `${sortedJson(summary, 2)}\n`);
  write('orders.jsonl', lines(books.rows.orders.map(orderLine)));
  write('fills.jsonl', lines(books.rows.entries.map(entryLine)));
  for (const venue of venueNames) {
    const written = readFileSync(ledgerFile(ledgersFolder, venue), 'utf8').split('\n');
    const then = written.slice(0, books.ledgers[venue].length);
    write(`venues/${venue}.jsonl`, then.map((line) => `${line}\n`).join(''));
  }
}

/** Without the body: it holds a signature. */
const orderLine = ({ stored, events }: OrderRows) => ({
  ...stored.order,
  ...{ mode: stored.mode, status: stored.status, recordedAtMs: stored.recordedAtMs },
  ...(stored.venueOrderId !== undefined && { venueOrderId: stored.venueOrderId }),
  ...(stored.cumulativeQuantity !== undefined && { cumulativeQuantity: stored.cumulativeQuantity }),
  events: events.map(({ atMs, event, status }) => ({ atMs, event, status })),
});

const entryLine = ({ entry, ...whose }: BookedEntry) => ({ ...whose, ...entry });

const lines = (values: readonly unknown[]): string =>
  values.map((value) => `${sortedJson(toWire(value))}\n`).join('');
