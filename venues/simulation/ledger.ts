import {
  closeSync,
  fsync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { assert } from '../../domain/index.js';
import type { LedgerLine, LedgerRow } from './ledger-row.js';
import { decodeLine, encodeLine } from './ledger-row.js';

/** Where the exchange writes its facts. One `append` is one operation: all of its rows or none. */
export interface Ledger {
  /** What was there when it was opened. */
  readonly lines: readonly LedgerLine[];
  append(rows: readonly LedgerRow[]): void;
  close(): void;
}

/** How long a written operation may wait for the disk; a kill loses nothing, a power cut this much. */
const SYNC_AFTER_MS = 20;
const NEWLINE = 0x0a;

/**
 * An append-only file of JSON lines. Rows reach the kernel before `append` returns, so they survive
 * any kill of the process; the disk is synced in batches. An operation cut by a kill half way (its
 * answer never left) is removed when the file is opened again. A damaged line before that throws.
 */
export function openLedger(path: string): Ledger {
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(path, 'a+');
  const { lines, length } = wholeOperations(readFileSync(file));
  ftruncateSync(file, length);
  let sequence = lines.length;
  const sync = createSync(file);
  return {
    lines,
    append(rows) {
      if (rows.length === 0) return;
      const texts = numbered(rows, sequence).map(encodeLine);
      sequence += rows.length;
      writeAll(file, Buffer.from(`${texts.join('\n')}\n`));
      sync.soon();
    },
    close: () => {
      sync.end();
      closeSync(file);
    },
  };
}

/** The same without a file, for tests that need no restart; `lines` grows. */
export function memoryLedger(earlier: readonly LedgerLine[] = []): Ledger {
  const lines = [...earlier];
  return {
    lines,
    append: (rows) => void lines.push(...numbered(rows, lines.length)),
    close: () => undefined,
  };
}

/** Reads a ledger that another process may be writing: up to its last whole operation. */
export function readLedger(path: string): readonly LedgerLine[] {
  return wholeOperations(readFileSync(path)).lines;
}

function numbered(rows: readonly LedgerRow[], from: number): readonly LedgerLine[] {
  return rows.map((row, index) => ({
    sequence: from + index,
    hasMore: index < rows.length - 1,
    row,
  }));
}

/** The lines up to the end of the last complete operation, and how many bytes they are. */
function wholeOperations(content: Buffer) {
  const lines: LedgerLine[] = [];
  let whole = { count: 0, length: 0 };
  let start = 0;
  for (let end = content.indexOf(NEWLINE); end !== -1; end = content.indexOf(NEWLINE, start)) {
    const line = decodeLine(content.toString('utf8', start, end));
    assert(line.sequence === lines.length, `line ${lines.length + 1} of a ledger is the next one`);
    lines.push(line);
    start = end + 1;
    if (!line.hasMore) whole = { count: lines.length, length: start };
  }
  return { lines: lines.slice(0, whole.count), length: whole.length };
}

function writeAll(file: number, bytes: Buffer): void {
  for (let written = 0; written < bytes.length; ) {
    written += writeSync(file, bytes, written);
  }
}

/** One sync at a time, soon after the first write that it covers. */
function createSync(file: number) {
  let timer: NodeJS.Timeout | undefined;
  return {
    soon(): void {
      timer ??= setTimeout(() => {
        timer = undefined;
        // A failed sync costs a power cut's worth of a simulation: the rows are with the kernel.
        fsync(file, () => undefined);
      }, SYNC_AFTER_MS).unref();
    },
    end(): void {
      clearTimeout(timer);
      fsyncSync(file);
    },
  };
}
