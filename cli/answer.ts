import type { ExitCode } from './exit-codes.js';
import { exitCodes } from './exit-codes.js';

/** What a command found out: the same for a person (`text`) and for a program (`data`, plain JSON). */
export interface Answer {
  readonly exitCode: ExitCode;
  readonly data: unknown;
  readonly text: string;
}

/** A command cannot be carried out, for a reason that the operator can do something about. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: ExitCode;
  /** What to do now, one advice a line. */
  readonly advice: readonly string[];

  constructor(exitCode: ExitCode, message: string, advice: readonly string[] = []) {
    super(message);
    this.exitCode = exitCode;
    this.advice = advice;
  }
}

/** Anything thrown becomes an answer here, and nowhere else. */
export function failure(error: unknown): Answer {
  const isOurs = error instanceof CommandError;
  const exitCode = isOurs ? error.exitCode : exitCodes.invalid;
  const message = messageOf(error);
  const advice = isOurs ? error.advice : [];
  return {
    exitCode,
    data: { error: message, advice },
    text: [`error: ${message}`, ...advice.map((line) => `  → ${line}`)].join('\n'),
  };
}

/** A refused connection to "localhost" is an aggregate of refusals, without a message of its own. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
