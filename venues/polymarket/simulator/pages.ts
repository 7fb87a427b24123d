import { FIRST_CURSOR, LAST_CURSOR } from '../wire.js';

/** Rows per page; the venue's own figure is undocumented. */
const PAGE_SIZE = 100;

/** A page of a CLOB listing. Cursors are offsets in base64: "MA==" is 0, "LTE=" is −1. */
export function pageOf<Row>(rows: readonly Row[], cursor: string = FIRST_CURSOR) {
  const from = offsetOf(cursor);
  const data = rows.slice(from, from + PAGE_SIZE);
  const next = from + data.length;
  return {
    limit: PAGE_SIZE,
    count: data.length,
    next_cursor: next < rows.length ? cursorOf(next) : LAST_CURSOR,
    data,
  };
}

/** A page of the data API: its cursor is null on the last one. */
export function dataPageOf<Row>(rows: readonly Row[], cursor?: string) {
  const { data, next_cursor } = pageOf(rows, cursor);
  const isLast = next_cursor === LAST_CURSOR;
  return { data, pagination: { has_more: !isLast, next_cursor: isLast ? null : next_cursor } };
}

const cursorOf = (offset: number): string => Buffer.from(offset.toString()).toString('base64');

function offsetOf(cursor: string): number {
  const offset = Number(Buffer.from(cursor, 'base64').toString());
  return Number.isSafeInteger(offset) && offset >= 0 ? offset : 0;
}
