import { CommandError } from './answer.js';
import { exitCodes } from './exit-codes.js';

/** For whoever names a pair that no workflow arms. */
export const notArmed = (pairId: string): CommandError =>
  new CommandError(exitCodes.notFound, `pair "${pairId}" is not armed`, [
    '`legwork armed` lists those that are.',
  ]);
