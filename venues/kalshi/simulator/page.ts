const ROWS_DEFAULT = 100;
const ROWS_MAX = 1000;

export interface PageQuery {
  readonly limit?: string | undefined;
  readonly cursor?: string | undefined;
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Empty after the last page. */
  readonly cursor: string;
}

/** The newest first. The cursor is the last row's sequence, so that new rows move nothing. */
export function pageOf<Row extends { readonly sequence: number }>(
  rows: readonly Row[],
  { limit, cursor }: PageQuery,
): Page<Row> {
  const rowsMax = Math.min(ROWS_MAX, Math.max(1, Number(limit ?? ROWS_DEFAULT) || ROWS_DEFAULT));
  const before = cursor ? sequenceOf(cursor) : Number.POSITIVE_INFINITY;
  const left = rows
    .filter(({ sequence }) => sequence < before)
    .sort((one, other) => other.sequence - one.sequence);
  const page = left.slice(0, rowsMax);
  const last = page.at(-1);
  const hasMore = left.length > page.length && last !== undefined;
  return { rows: page, cursor: hasMore ? cursorOf(last.sequence) : '' };
}

const cursorOf = (sequence: number): string => Buffer.from(String(sequence)).toString('base64url');

/** A cursor that is not ours starts nowhere: the page is empty. */
function sequenceOf(cursor: string): number {
  const sequence = Number(Buffer.from(cursor, 'base64url').toString());
  return Number.isFinite(sequence) ? sequence : 0;
}
