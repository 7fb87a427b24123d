import { type Command, Option } from 'commander';
import { formatAmount, isTradeRow, toWire, type VenueEntry } from '../../domain/index.js';
import { type BookedEntry, listEntries } from '../../store/index.js';
import type { Answer } from '../answer.js';
import type { Desk } from '../desk.js';
import { answerFrom, type DeskOptions, deskCommand } from '../desk-command.js';
import { exitCodes } from '../exit-codes.js';
import { LIMIT_DEFAULT, parseLimit } from '../limit.js';
import { table } from '../output.js';
import { clock, instrumentText, signedMoney } from '../text.js';
import { intentIdFrom, workflowIdFrom } from '../trade-name.js';

export interface FillsRequest {
  readonly trade?: string;
  readonly limit: number;
}

export function fillsCommand(exit: (code: number) => void): Command {
  return deskCommand('fills', 'what the venues say moved a position or cash, newest first')
    .option('--trade <id>', 'of one trade only')
    .addOption(
      new Option('--limit <n>', 'at most so many').default(LIMIT_DEFAULT).argParser(parseLimit),
    )
    .addHelpText(
      'after',
      '\nExit codes: 0 shown, also when there is none; 1 wrong input; 4 no desk runs.',
    )
    .action(async (options: DeskOptions & FillsRequest) => {
      exit(await answerFrom(options, (desk) => fills(desk, options)));
    });
}

export async function fills(desk: Desk, { trade, limit }: FillsRequest): Promise<Answer> {
  const found = await listEntries(desk.db, {
    limit,
    ...(trade !== undefined && { workflowId: workflowIdFrom(trade) }),
  });
  return {
    exitCode: exitCodes.done,
    data: found.map((booked) => toWire(booked)),
    text: fillsTable(found, desk.nowMs()),
  };
}

export function fillsTable(found: readonly BookedEntry[], nowMs: number): string {
  return table(
    ['time', 'what', 'of', 'contracts#', 'price#', 'fee#', 'cash#', 'final', 'trade'],
    found.map(({ entry, workflowId }) => [
      clock(entry.atMs, nowMs),
      isTradeRow(entry) ? `${entry.kind} ${entry.side}` : entry.kind,
      instrumentText(entry.instrument),
      formatAmount(entry.quantity),
      formatAmount(entry.price),
      isTradeRow(entry) ? formatAmount(entry.fee) : '0',
      signedMoney(formatAmount(entry.cash)),
      finalityOf(entry),
      workflowId === undefined ? '' : intentIdFrom(workflowId),
    ]),
  );
}

/** Only a fill can be taken back; whatever else a venue says is said for good. */
const finalityOf = (entry: VenueEntry): string =>
  entry.kind === 'fill' && entry.finality === 'provisional' ? 'no' : 'yes';
