import { accountNames, resetBreaker } from '../../store/index.js';
import { type Answer, CommandError } from '../answer.js';
import type { Desk } from '../desk.js';
import { exitCodes } from '../exit-codes.js';

export const breakers = ['errors', 'loss'] as const;

export interface BreakerRequest {
  readonly breaker: (typeof breakers)[number];
  readonly account?: string;
  /** Absent: the breaker over all pairs of the account. */
  readonly pair?: string;
  readonly why: string;
}

/** What happened before does not count for this breaker any more; what comes next does. Audited. */
export async function resetBreakerOf(desk: Desk, request: BreakerRequest): Promise<Answer> {
  const { breaker, pair: pairId, why } = request;
  const account = await knownAccount(desk, request.account);
  const scope = { account, ...(pairId !== undefined && { pairId }) };
  const said = { by: desk.operator, why, atMs: desk.nowMs() };
  await resetBreaker(desk.db, { ...scope, ...said, breaker });
  const of = pairId === undefined ? 'all its pairs' : `pair ${pairId}`;
  return {
    exitCode: exitCodes.done,
    data: { breaker, ...scope, why },
    text: `reset the ${breaker} breaker of account ${account} for ${of}; an order in doubt counts on`,
  };
}

async function knownAccount({ db }: Desk, account: string | undefined): Promise<string> {
  const names = await accountNames(db);
  if (account === undefined) {
    throw new CommandError(exitCodes.invalid, 'a breaker is reset for one --account', [
      `Accounts: ${names.join(', ')}.`,
    ]);
  }
  if (names.includes(account)) return account;
  throw new CommandError(exitCodes.notFound, `there is no account "${account}"`, [
    `Accounts: ${names.join(', ')}.`,
  ]);
}
