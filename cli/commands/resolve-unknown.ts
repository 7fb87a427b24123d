import { WorkflowNotFoundError } from '@temporalio/client';
import { type ResolvedUnknown, WordRefusedError } from '../../client/index.js';
import { formatAmount, type Standing, toWire } from '../../domain/index.js';
import { findIntent } from '../../store/index.js';
import { type Answer, CommandError } from '../answer.js';
import { type Desk, within } from '../desk.js';
import { exitCodes } from '../exit-codes.js';
import { readJson } from '../read-json.js';
import { intentIdFrom } from '../trade-name.js';

/** An update needs a worker; without one nothing is taken, or it is taken once there is one. */
const WORD_WAIT_MS = 10_000;

/** What an operator's flags say of an order; exactly one of the first three. */
export interface SaidOptions {
  readonly neverArrived?: true;
  readonly filled?: string;
  readonly canceled?: true;
  readonly filledQuantity?: string;
  readonly by?: string;
}

/** The evidence in wire form, unchecked but for the flags. Throws `CommandError`. */
export async function saidEvidence(said: SaidOptions): Promise<unknown> {
  const { neverArrived, filled, canceled, filledQuantity } = said;
  const kinds = [neverArrived, filled, canceled].filter((flag) => flag !== undefined);
  const isSized = filledQuantity !== undefined;
  if (kinds.length !== 1 || isSized !== (canceled !== undefined)) {
    throw new CommandError(exitCodes.invalid, 'it is not said what became of the order', [
      'Say one of --never-arrived, --filled trades.json, --canceled --filled-quantity N.',
    ]);
  }
  if (neverArrived) return { kind: 'never_arrived' };
  if (canceled) return { kind: 'canceled', filled: filledQuantity };
  return { kind: 'filled', trades: await readJson(filled ?? '', 'a list of trades') };
}

/** Tells the trade. It takes the word, or says why it cannot be true; the audit keeps what it took. */
export async function resolveUnknown(
  desk: Desk,
  id: string,
  word: { readonly clientOrderId: string; readonly [field: string]: unknown },
): Promise<Answer> {
  const intentId = intentIdFrom(id);
  const trade = await findIntent(desk.db, intentId);
  if (!trade) {
    throw new CommandError(exitCodes.notFound, `there is no trade "${intentId}"`, [
      '`legwork status` lists the latest ones.',
    ]);
  }
  if (trade.result) throw hasEnded(intentId);
  const client = await desk.client();
  try {
    const said = client.trade(intentId).resolveUnknown(word);
    const taken = await within(WORD_WAIT_MS, said, () => unanswered(intentId));
    return answerOf(intentId, word.clientOrderId, taken);
  } catch (error) {
    if (error instanceof WordRefusedError) {
      throw new CommandError(exitCodes.invalid, `not taken: ${error.message}`, [
        `\`legwork status ${intentId}\` says what is known of its orders.`,
      ]);
    }
    if (error instanceof WorkflowNotFoundError) throw hasEnded(intentId);
    throw error;
  }
}

function answerOf(intentId: string, clientOrderId: string, taken: ResolvedUnknown): Answer {
  const { before, after } = taken;
  return {
    exitCode: exitCodes.done,
    data: { intentId, clientOrderId, ...toWire(taken) },
    text: [
      `taken: order ${clientOrderId} was waiting for ${waitOf(before)}, now for ${waitOf(after)}`,
      '  it is an expectation: trade rows alone are fills, and the venue beats it',
      `  its pair takes no new risk until the venue has told of it; \`legwork status ${intentId}\``,
    ].join('\n'),
  };
}

function waitOf({ waitsFor, expected }: Standing): string {
  if (waitsFor === undefined) return 'nothing';
  const rows = expected === undefined ? '' : ` of ${formatAmount(expected)} contracts`;
  return `${waitsFor}${rows}`;
}

const hasEnded = (intentId: string): CommandError =>
  new CommandError(exitCodes.notFound, `${intentId} has ended: there is nobody to tell`, [
    'What its venue reports now is a break, and freezes its pair.',
  ]);

const unanswered = (intentId: string): CommandError =>
  new CommandError(exitCodes.unreachable, 'the trade did not answer; it may still take the word', [
    `\`legwork status ${intentId}\` says whether it did; saying it again does no harm.`,
  ]);
