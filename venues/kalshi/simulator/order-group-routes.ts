import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { parseAmount, type Quantity, quantity } from '../../../domain/money.js';
import type { SimulatedExchange, SimulatedOrderGroup } from '../../simulation/index.js';
import type { Answer, Call, Handler } from './answer.js';
import { answer, errorAnswer } from './answer.js';
import { fixedPoint } from './rows.js';
import { venueError } from './venue-error.js';

/** A group's limit: 1 to 1,000,000 contracts, as a number or as a decimal string. */
const limited = z.object({
  contracts_limit: z.number().int().min(1).max(1_000_000).optional(),
  contracts_limit_fp: z
    .string()
    .regex(/^\d{1,7}(\.\d{1,2})?$/)
    .optional(),
});

type Method = 'POST' | 'GET' | 'PUT' | 'DELETE';
export interface GroupRoute {
  readonly method: Method;
  readonly path: string;
  readonly handler: Handler;
}

/** Order groups. Source: docs.kalshi.com, "Order Groups"; kalshi-typescript, OrderGroupsApi. */
export function orderGroupRoutes(exchange: SimulatedExchange): readonly GroupRoute[] {
  const groups = '/portfolio/order_groups';
  const group = `${groups}/:order_group_id`;
  const doing = (work: (account: string, groupId: string) => boolean): Handler => {
    return ({ account, params }) =>
      work(account, params.order_group_id ?? '') ? answer({}) : unknownGroup;
  };
  return [
    { method: 'POST', path: `${groups}/create`, handler: (call) => created(exchange, call) },
    { method: 'GET', path: groups, handler: ({ account }) => listed(exchange, account) },
    { method: 'GET', path: group, handler: (call) => one(exchange, call) },
    { method: 'PUT', path: `${group}/limit`, handler: (call) => changed(exchange, call) },
    {
      method: 'PUT',
      path: `${group}/trigger`,
      handler: doing((...named) => exchange.triggerOrderGroup(...named)),
    },
    {
      method: 'PUT',
      path: `${group}/reset`,
      handler: doing((...named) => exchange.resetOrderGroup(...named)),
    },
    {
      method: 'DELETE',
      path: group,
      handler: doing((...named) => exchange.deleteOrderGroup(...named)),
    },
  ];
}

const unknownGroup = errorAnswer(venueError(404, 'order_group_not_found', 'no such group'));
const noLimit = errorAnswer(venueError(400, 'invalid_parameters', 'a limit of 1 to 1,000,000'));

function created(exchange: SimulatedExchange, { account, body }: Call): Answer {
  const limit = limitOf(body);
  if (limit === undefined) return noLimit;
  const groupId = randomUUID();
  exchange.createOrderGroup({ groupId, account, limit });
  return answer({ order_group_id: groupId, subaccount: 0, exchange_index: 0 }, 201);
}

function listed(exchange: SimulatedExchange, account: string): Answer {
  const rows = exchange.orderGroups(account).map((group) => ({ id: group.groupId, ...row(group) }));
  return answer({ order_groups: rows });
}

function one(exchange: SimulatedExchange, { account, params }: Call): Answer {
  const named = (group: SimulatedOrderGroup) => group.groupId === params.order_group_id;
  const group = exchange.orderGroups(account).find(named);
  if (!group) return unknownGroup;
  const orders = exchange
    .orders({ account })
    .filter(({ orderGroupId }) => orderGroupId === group.groupId)
    .map(({ venueOrderId }) => venueOrderId);
  return answer({ ...row(group), orders });
}

/** Whether it is triggered is not said: that comes by the stream, and with every refusal. */
const row = ({ limit }: SimulatedOrderGroup) => ({
  contracts_limit_fp: fixedPoint(limit),
  is_auto_cancel_enabled: true,
  exchange_index: 0,
});

function changed(exchange: SimulatedExchange, { account, params, body }: Call): Answer {
  const limit = limitOf(body);
  if (limit === undefined) return noLimit;
  const { order_group_id = '' } = params;
  return exchange.limitOrderGroup(account, order_group_id, limit) ? answer({}) : unknownGroup;
}

/** Where both are told they must be the same. */
function limitOf(body: unknown): Quantity | undefined {
  const read = limited.safeParse(body);
  if (!read.success) return undefined;
  const { contracts_limit, contracts_limit_fp } = read.data;
  const whole = contracts_limit === undefined ? undefined : quantity(`${contracts_limit}`);
  const exact = contracts_limit_fp === undefined ? undefined : parseAmount(contracts_limit_fp);
  if (whole !== undefined && exact !== undefined && whole !== exact) return undefined;
  const limit = whole ?? exact;
  return limit !== undefined && limit > 0n ? (limit as Quantity) : undefined; // its form is checked
}
