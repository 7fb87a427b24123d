import { type WorkflowHandle, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { fromWire, type Standing } from '../domain/index.js';
import { parseOperatorWord } from '../schemas/index.js';
import type { arbitrage } from '../workflows/index.js';
import { resolveUnknownUpdate, WORD_REFUSED } from '../workflows/messages.js';

/** The word is not well-formed, or cannot be true of this order; the message says why. */
export class WordRefusedError extends Error {
  override readonly name = 'WordRefusedError';
}

export interface ResolvedUnknown {
  /** Where the order stood before the word, and where it stands with it. */
  readonly before: Standing;
  readonly after: Standing;
}

/**
 * Says to a living trade what became of its unknown order. Throws `WordRefusedError` where the trade
 * does not take it, and Temporal's `WorkflowNotFoundError` where the trade has ended.
 */
export async function resolveUnknown(
  handle: WorkflowHandle<typeof arbitrage>,
  word: unknown,
): Promise<ResolvedUnknown> {
  const parsed = parseOperatorWord(word);
  if (!parsed.ok) {
    const told = parsed.problems.map(({ path, message }) => `${path}: ${message}`);
    throw new WordRefusedError(told.join('; '));
  }
  try {
    const taken = await handle.executeUpdate(resolveUnknownUpdate, { args: [parsed.wire] });
    return { before: fromWire<Standing>(taken.before), after: fromWire<Standing>(taken.after) };
  } catch (error) {
    throw refusalIn(error) ?? error;
  }
}

function refusalIn(error: unknown): WordRefusedError | undefined {
  if (!(error instanceof WorkflowUpdateFailedError)) return undefined;
  const { cause } = error;
  const isRefusal = cause instanceof ApplicationFailure && cause.type === WORD_REFUSED;
  return isRefusal ? new WordRefusedError(cause.message) : undefined;
}
