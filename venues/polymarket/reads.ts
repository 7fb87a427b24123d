import type { z } from 'zod';
import type { Money } from '../../domain/money.js';
import type { Read } from '../../domain/venue.js';
import { parsed } from './answers.js';
import type { ClobHttp, Reply } from './http.js';
import {
  balanceShape,
  bookShape,
  dataPageOf,
  FIRST_CURSOR,
  LAST_CURSOR,
  pageOf,
  type WireBook,
} from './wire.js';

/** A read of more pages than this is broken off: a cursor that never ends must not hold us. */
const PAGES_MAX = 1_000;

type Query = Readonly<Record<string, string | undefined>>;

/** What the venue can be asked. A read that fails says so; it never pretends to be empty. */
export interface PolymarketReads {
  /** The body of a signed GET with status 200, as JSON; `null` where the venue says null or 404. */
  one(path: string, query?: Query): Promise<Read<unknown>>;
  /** All rows of a CLOB listing, in the venue's order. */
  rows<Row extends z.ZodType>(path: string, query: Query, row: Row): Promise<Read<z.infer<Row>[]>>;
  /** All rows of a data API listing. */
  dataRows<Row extends z.ZodType>(
    path: string,
    query: Query,
    row: Row,
  ): Promise<Read<z.infer<Row>[]>>;
  balance(query: Query): Promise<Read<Money>>;
  book(token: string): Promise<Read<WireBook>>;
  serverTime(): Promise<Read<number>>;
}

export interface ReadsOptions {
  readonly http: ClobHttp;
  readonly data: ClobHttp;
  readonly timeoutMs: number;
}

export function createPolymarketReads({ http, data, timeoutMs }: ReadsOptions): PolymarketReads {
  const get = async (from: ClobHttp, path: string, query: Query = {}) =>
    jsonOf(
      await from.call({
        method: 'GET',
        path,
        query: queryOf(query),
        isSigned: from === http,
        timeoutMs,
      }),
    );
  return {
    one: (path, query) => get(http, path, query),
    rows: (path, query, row) =>
      allPages(pageOf(row), FIRST_CURSOR, async (next_cursor) =>
        get(http, path, { ...query, next_cursor }),
      ),
    dataRows: (path, query, row) =>
      allPages(dataPageOf(row), undefined, async (cursor) => get(data, path, { ...query, cursor })),
    balance: async (query) =>
      shaped(balanceShape, await get(http, '/balance-allowance', query), (row) => row.balance),
    book: async (token) =>
      shaped(bookShape, await get(http, '/book', { token_id: token }), (book) => book),
    serverTime: async () => {
      const answer = await get(http, '/time');
      if (answer.kind !== 'read') return answer;
      const seconds = Number(answer.value);
      return Number.isSafeInteger(seconds)
        ? { kind: 'read', value: seconds * 1000 }
        : unavailable('unreadable');
    },
  };
}

interface Page<Row> {
  readonly data: Row[];
  readonly next_cursor?: string;
  readonly pagination?: { readonly next_cursor?: string | null | undefined } | undefined;
}

async function allPages<Row>(
  shape: z.ZodType<Page<Row>>,
  first: string | undefined,
  read: (cursor: string | undefined) => Promise<Read<unknown>>,
): Promise<Read<Row[]>> {
  const rows: Row[] = [];
  let cursor = first;
  for (let pages = 0; pages < PAGES_MAX; pages += 1) {
    const page = shaped(shape, await read(cursor), (value) => value);
    if (page.kind !== 'read') return page;
    rows.push(...page.value.data);
    cursor = page.value.next_cursor ?? page.value.pagination?.next_cursor ?? LAST_CURSOR;
    if (cursor === LAST_CURSOR || cursor === '') return { kind: 'read', value: rows };
  }
  return unavailable('too_many_pages');
}

function jsonOf(reply: Reply): Read<unknown> {
  if (reply.kind !== 'answered') return unavailable(reply.code);
  if (reply.status === 404) return { kind: 'read', value: null };
  if (reply.status !== 200) return unavailable(`http_${reply.status}`);
  if (reply.body === '') return { kind: 'read', value: null };
  const value = parsed(reply.body);
  return value === undefined ? unavailable('unreadable') : { kind: 'read', value };
}

function shaped<Shape, Value>(
  shape: z.ZodType<Shape>,
  answer: Read<unknown>,
  value: (shape: Shape) => Value,
): Read<Value> {
  if (answer.kind !== 'read') return answer;
  const read = shape.safeParse(answer.value);
  return read.success ? { kind: 'read', value: value(read.data) } : unavailable('unreadable');
}

function queryOf(query: Query): string {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(key, value);
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

export const unavailable = (code: string): Read<never> => ({ kind: 'unavailable', code });
