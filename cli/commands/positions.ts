import type { Command } from 'commander';
import { formatAmount, instrumentKey, toWire, venueNames } from '../../domain/index.js';
import { accountNames, balances, heldPairs, positions as positionsOf } from '../../store/index.js';
import type { Answer } from '../answer.js';
import type { Desk } from '../desk.js';
import { answerFrom, type DeskOptions, deskCommand } from '../desk-command.js';
import { exitCodes } from '../exit-codes.js';
import { table } from '../output.js';
import { duration } from '../text.js';
import { intentIdFrom } from '../trade-name.js';

export function positionsCommand(exit: (code: number) => void): Command {
  return deskCommand('positions', 'positions, held pairs and cash, as sums of what the venues said')
    .addHelpText('after', '\nExit codes: 0 shown, also when there is none; 4 no desk runs.')
    .action(async (options: DeskOptions) => {
      exit(await answerFrom(options, (desk) => positions(desk)));
    });
}

export async function positions(desk: Desk): Promise<Answer> {
  const accounts = await accountNames(desk.db);
  const books = await Promise.all(accounts.map(async (account) => bookOf(desk, account)));
  return {
    exitCode: exitCodes.done,
    data: books.map((book) => toWire(book)),
    text: books.length === 0 ? 'no account is open yet' : books.map(textOf(desk)).join('\n\n'),
  };
}

async function bookOf({ db }: Desk, account: string) {
  const [held, pairs, cash] = await Promise.all([
    positionsOf(db, account),
    heldPairs(db, account),
    balances(db, account),
  ]);
  return { account, positions: held, heldPairs: pairs, balances: cash };
}
type AccountBook = Awaited<ReturnType<typeof bookOf>>;

const textOf =
  (desk: Desk) =>
  (book: AccountBook): string => {
    const nowMs = desk.nowMs();
    return [
      `account ${book.account}`,
      table(
        ['position', 'contracts#'],
        book.positions.map(({ instrument, quantity }) => [
          instrumentKey(instrument),
          formatAmount(quantity),
        ]),
      ),
      '',
      table(
        ['held pair', 'state', 'contracts#', 'yes left#', 'no left#', 'paid#', 'trade', 'age#'],
        book.heldPairs.map((pair) => [
          pair.pairId,
          pair.why === undefined ? pair.state : `${pair.state}: ${pair.why}`,
          formatAmount(pair.contracts),
          formatAmount(pair.yesHeld),
          formatAmount(pair.noHeld),
          formatAmount(pair.paid),
          intentIdFrom(pair.workflowId),
          duration(nowMs - pair.heldSinceMs),
        ]),
      ),
      '',
      table(
        ['cash', 'dollars#', 'age#'],
        venueNames.map((venue) => {
          const known = book.balances[venue];
          if (!known) return [venue, 'never heard', ''];
          return [venue, formatAmount(known.balance), duration(nowMs - known.atMs)];
        }),
      ),
    ].join('\n');
  };
