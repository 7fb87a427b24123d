import { InvalidArgumentError } from 'commander';

export const LIMIT_DEFAULT = 40;
const LIMIT_MAX = 10_000;

/** For --limit: a whole number of at least 1. */
export function parseLimit(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= LIMIT_MAX) return limit;
  throw new InvalidArgumentError(`a whole number from 1 to ${LIMIT_MAX}`);
}
