import { type Command, Option } from 'commander';
import { formatAmount, purposeLine, toWire } from '../../domain/index.js';
import { listOrders, type StoredOrder } from '../../store/index.js';
import type { Answer } from '../answer.js';
import type { Desk } from '../desk.js';
import { answerFrom, type DeskOptions, deskCommand } from '../desk-command.js';
import { exitCodes } from '../exit-codes.js';
import { LIMIT_DEFAULT, parseLimit } from '../limit.js';
import { table } from '../output.js';
import { clock, instrumentText } from '../text.js';
import { intentIdFrom, workflowIdFrom } from '../trade-name.js';

export interface OrdersRequest {
  readonly trade?: string;
  readonly open?: boolean;
  readonly limit: number;
}

export function ordersCommand(exit: (code: number) => void): Command {
  return deskCommand('orders', 'orders as recorded before they were sent, newest first')
    .option('--trade <id>', 'of one trade only')
    .option('--open', 'only those that may still live on a venue')
    .addOption(
      new Option('--limit <n>', 'at most so many').default(LIMIT_DEFAULT).argParser(parseLimit),
    )
    .addHelpText(
      'after',
      '\nExit codes: 0 shown, also when there is none; 1 wrong input; 4 no desk runs.',
    )
    .action(async (options: DeskOptions & OrdersRequest) => {
      exit(await answerFrom(options, (desk) => orders(desk, options)));
    });
}

export async function orders(desk: Desk, { trade, open, limit }: OrdersRequest): Promise<Answer> {
  const found = await listOrders(desk.db, {
    ...{ limit, isOpen: open === true },
    ...(trade !== undefined && { workflowId: workflowIdFrom(trade) }),
  });
  return {
    exitCode: exitCodes.done,
    data: found.map(orderData),
    text: ordersTable(found, desk.nowMs()),
  };
}

/** Everything but the body, which holds a signature. */
export function orderData(stored: StoredOrder) {
  const { order, mode, status, venueOrderId, cumulativeQuantity, recordedAtMs } = stored;
  return toWire({
    ...{ ...order, mode, status, recordedAtMs },
    ...(venueOrderId !== undefined && { venueOrderId }),
    ...(cumulativeQuantity !== undefined && { cumulativeQuantity }),
  });
}

export function ordersTable(found: readonly StoredOrder[], nowMs: number): string {
  return table(
    ['time', 'order', 'trade', 'for', 'what', 'limit#', 'most#', 'filled#', 'state'],
    found.map((stored) => [
      clock(stored.recordedAtMs, nowMs),
      stored.order.clientOrderId,
      intentIdFrom(stored.order.workflowId),
      purposeLine(stored.order.purpose),
      `${stored.order.side} ${instrumentText(stored.order.instrument)}`,
      formatAmount(stored.order.limitPrice),
      formatAmount(stored.order.legalMaximum),
      stored.cumulativeQuantity === undefined ? '?' : formatAmount(stored.cumulativeQuantity),
      stored.status,
    ]),
  );
}
