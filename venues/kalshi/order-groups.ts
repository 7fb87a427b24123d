import { type Quantity, quantity } from '../../domain/money.js';
import type { GroupAnswer, OrderGroups } from '../../domain/venue.js';
import { readError } from './answers.js';
import type { HttpResult, KalshiHttp } from './http.js';
import { countText } from './order-body.js';
import type { KalshiReader } from './pages.js';
import { createdGroup, orderGroupAnswer, orderGroupsAnswer } from './wire.js';

const GROUPS = '/portfolio/order_groups';
/** The venue's bounds of a limit. Source: docs.kalshi.com, "Order Groups". */
const LIMIT_MIN = quantity('1');
const LIMIT_MAX = quantity('1000000');

interface GroupTools {
  readonly http: KalshiHttp;
  readonly reader: KalshiReader;
  readonly timeoutMs: number;
}

/** Order groups of one account. Everything but the creation may be asked for again. */
export function createOrderGroups({ http, reader, timeoutMs }: GroupTools): OrderGroups {
  const change = async (
    method: 'PUT' | 'DELETE',
    path: string,
    turn: { readonly tokens?: 'urgent'; readonly body?: string } = {},
  ): Promise<GroupAnswer> => {
    return groupAnswer(await http.read({ method, path: `${GROUPS}/${path}`, timeoutMs, ...turn }));
  };
  return {
    create: async (limit) => {
      const body = limitBody(limit);
      const request = { method: 'POST', path: `${GROUPS}/create`, body, timeoutMs } as const;
      return createdAnswer(await http.read(request));
    },
    all: async () => {
      const answer = await reader.one(orderGroupsAnswer, GROUPS);
      if (answer.kind === 'unavailable') return answer;
      return { kind: 'read', value: (answer.value.order_groups ?? []).map(({ id }) => id) };
    },
    ordersIn: async (groupId) => {
      const answer = await reader.one(orderGroupAnswer, `${GROUPS}/${groupId}`);
      if (answer.kind === 'unavailable') return answer;
      return { kind: 'read', value: answer.value.orders ?? [] };
    },
    limit: (groupId, limit) => change('PUT', `${groupId}/limit`, { body: limitBody(limit) }),
    trigger: (groupId) => change('PUT', `${groupId}/trigger`, { tokens: 'urgent' }),
    reset: (groupId) => change('PUT', `${groupId}/reset`),
    remove: (groupId) => change('DELETE', groupId),
  };
}

function limitBody(limit: Quantity): string {
  const within = limit < LIMIT_MIN ? LIMIT_MIN : limit > LIMIT_MAX ? LIMIT_MAX : limit;
  return JSON.stringify({ contracts_limit_fp: countText(within) });
}

function createdAnswer(result: HttpResult): Awaited<ReturnType<OrderGroups['create']>> {
  if (result.kind === 'failed') return { kind: 'unavailable', code: result.code };
  const code = readError(result.body)?.code ?? `HTTP_${result.status}`;
  if (result.status !== 200 && result.status !== 201) return { kind: 'unavailable', code };
  const read = createdGroup.safeParse(result.body);
  if (!read.success) return { kind: 'unavailable', code: 'UNREADABLE_SUCCESS' };
  return { kind: 'read', value: read.data.order_group_id };
}

function groupAnswer(result: HttpResult): GroupAnswer {
  if (result.kind === 'failed') return { kind: 'unknown', code: result.code };
  if (result.status === 200 || result.status === 204) return { kind: 'done' };
  const code = readError(result.body)?.code ?? `HTTP_${result.status}`;
  const isGone = result.status === 404 && readError(result.body) !== undefined;
  return isGone ? { kind: 'not_found' } : { kind: 'unknown', code };
}
