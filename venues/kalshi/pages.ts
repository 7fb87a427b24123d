import type { z } from 'zod';
import { assert } from '../../domain/assert.js';
import type { Read } from '../../domain/venue.js';
import { readError } from './answers.js';
import type { HttpRequest, HttpResult, KalshiHttp } from './http.js';

/** Rows that one answer may hold; the venue's own most. */
const PAGE_ROWS = 1000;
/** A million rows: more than that is a cursor that goes in circles. */
const PAGES_MAX = 1000;

export interface KalshiReader {
  /** One GET, read by its shape. */
  one<S extends z.ZodType>(shape: S, path: string, query?: Query): Promise<Read<z.output<S>>>;
  /** Every page of a listing, as the venue orders them, each row once. */
  all<Row>(listing: Listing<Row>): Promise<Read<readonly Row[]>>;
}

type Query = NonNullable<HttpRequest['query']>;

export interface Listing<Row> {
  readonly path: string;
  readonly query: Query;
  /** Takes the rows out of an answer; `undefined` where it is not readable. */
  readonly read: (body: unknown) => Page<Row> | undefined;
  /** Rows move between pages while they are read: a key that came before is dropped. */
  readonly key: (row: Row) => string;
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Empty or absent after the last page. */
  readonly cursor: string | undefined;
}

/**
 * Fills are asked for market by market: what goes wrong with one answer in fifty would go wrong with
 * every listing of fifty markets, however often all of it is asked for again.
 */
const TRIES = 3;

/** `tokens`: urgent reads may use what the others must leave of the account's rate. */
export function createReader(http: KalshiHttp, timeoutMs: number, tokens?: 'urgent'): KalshiReader {
  const turn = tokens === undefined ? {} : { tokens };
  const get = async (path: string, query: Query): Promise<HttpResult> => {
    for (let tried = 1; ; tried += 1) {
      const result = await http.read({ method: 'GET', path, query, timeoutMs, ...turn });
      if (tried === TRIES || !isGarbled(result)) return result;
    }
  };
  return {
    one: async (shape, path, query = {}) => readAs(shape, await get(path, query)),
    all: (listing) => allPages(listing, get),
  };
}

/** The venue was there and told nothing: no page of it, and no state of its own. */
function isGarbled(result: HttpResult): boolean {
  if (result.kind === 'failed') return false;
  const { status, body } = result;
  return status === 200 ? body === undefined : status >= 500 && readError(body) === undefined;
}

async function allPages<Row>(
  { path, query, read, key }: Listing<Row>,
  get: (path: string, query: Query) => Promise<HttpResult>,
): Promise<Read<readonly Row[]>> {
  const rows = new Map<string, Row>();
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const result = await get(path, { ...query, limit: PAGE_ROWS, cursor });
    if (result.kind === 'failed' || result.status !== 200) return unavailable(result);
    const answer = read(result.body);
    if (!answer) return { kind: 'unavailable', code: 'UNREADABLE' };
    for (const row of answer.rows) {
      if (!rows.has(key(row))) rows.set(key(row), row);
    }
    cursor = answer.cursor;
    if (cursor === undefined || cursor === '') return { kind: 'read', value: [...rows.values()] };
  }
  assert(false, `${path} has at most ${PAGES_MAX} pages`);
}

function readAs<S extends z.ZodType>(shape: S, result: HttpResult): Read<z.output<S>> {
  if (result.kind === 'failed' || result.status !== 200) return unavailable(result);
  const answer = shape.safeParse(result.body);
  return answer.success
    ? { kind: 'read', value: answer.data }
    : { kind: 'unavailable', code: 'UNREADABLE' };
}

function unavailable(result: HttpResult): { readonly kind: 'unavailable'; readonly code: string } {
  if (result.kind === 'failed') return { kind: 'unavailable', code: result.code };
  const code = readError(result.body)?.code;
  return { kind: 'unavailable', code: code ?? `HTTP_${result.status}` };
}
