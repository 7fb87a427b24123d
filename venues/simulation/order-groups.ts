import { ZERO_QUANTITY } from '../../domain/index.js';
import type { SimulatedOrder } from './order.js';
import type { OrderGroupCommands, SimulatedOrderGroup } from './order-group.js';
import { endOrder } from './placement.js';
import type { TradingFloor } from './trading-floor.js';

/** What the venue counts over. Source: docs.kalshi.com, "Order Groups". */
export const GROUP_WINDOW_MS = 15_000;

type Operate = <Result>(work: () => Result) => Result;

export function orderGroupsOf(floor: TradingFloor, operate: Operate): OrderGroupCommands {
  const { groups } = floor.state;
  const on = (
    named: { readonly account: string; readonly groupId: string },
    work: (group: SimulatedOrderGroup, atMs: number) => void,
  ) =>
    operate(() => {
      const group = groups.get(named.groupId);
      if (group?.account !== named.account) return false;
      work(group, floor.options.now());
      return true;
    });
  return {
    createOrderGroup: (group) => {
      operate(() => {
        const atMs = floor.options.now();
        const created = { ...group, isTriggered: false };
        floor.write({ kind: 'order_group', atMs, group: created });
        floor.tell({ kind: 'order_group', change: 'created', group: created, atMs });
      });
    },
    triggerOrderGroup: (account, groupId) =>
      on({ account, groupId }, (group) => {
        trigger(floor, group);
      }),
    resetOrderGroup: (account, groupId) =>
      on({ account, groupId }, (group, atMs) => {
        const reset = { ...group, isTriggered: false };
        floor.write({ kind: 'order_group', atMs, group: reset });
        floor.write({ kind: 'order_group_counted_anew', atMs, groupId });
        floor.tell({ kind: 'order_group', change: 'reset', group: reset, atMs });
      }),
    limitOrderGroup: (account, groupId, limit) =>
      on({ account, groupId }, (group, atMs) => {
        const limited = { ...group, limit };
        floor.write({ kind: 'order_group', atMs, group: limited });
        floor.tell({ kind: 'order_group', change: 'limit_updated', group: limited, atMs });
        triggerWhatExceeds(floor);
      }),
    deleteOrderGroup: (account, groupId) =>
      on({ account, groupId }, (group, atMs) => {
        cancelOrdersOf(floor, group);
        floor.write({ kind: 'order_group_deleted', atMs, groupId });
        floor.tell({ kind: 'order_group', change: 'deleted', group, atMs });
      }),
    orderGroups: (account) => [...groups.values()].filter((group) => group.account === account),
  };
}

/** What has been traded is not taken back: the group ends what rests, and takes no more. */
export function triggerWhatExceeds(floor: TradingFloor): void {
  const { groups, groupFills } = floor.state;
  const sinceMs = floor.options.now() - GROUP_WINDOW_MS;
  for (const group of groups.values()) {
    if (group.isTriggered) continue;
    const traded = groupFills
      .of(group.groupId)
      .filter(({ atMs }) => atMs > sinceMs)
      .reduce<bigint>((sum, { quantity }) => sum + quantity, ZERO_QUANTITY);
    if (traded > group.limit) trigger(floor, group);
  }
}

function trigger(floor: TradingFloor, group: SimulatedOrderGroup): void {
  const atMs = floor.options.now();
  const triggered = { ...group, isTriggered: true };
  floor.write({ kind: 'order_group', atMs, group: triggered });
  floor.tell({ kind: 'order_group', change: 'triggered', group: triggered, atMs });
  cancelOrdersOf(floor, group);
}

function cancelOrdersOf(floor: TradingFloor, { groupId }: SimulatedOrderGroup): void {
  const { state } = floor;
  const resting = [...state.openOrders]
    .map((venueOrderId): SimulatedOrder => state.order(venueOrderId))
    .filter((order) => order.orderGroupId === groupId && order.executesAtMs === undefined);
  for (const order of resting) endOrder(floor, order, 'canceled');
}
