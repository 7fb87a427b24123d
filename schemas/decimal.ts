import { z } from 'zod';
import { formatAmount, parseAmount } from '../domain/index.js';

export interface DecimalBounds {
  /** The least that passes, as a decimal. */
  readonly min?: string;
  /** Must be larger than this. */
  readonly above?: string;
  /** The most that passes. */
  readonly max?: string;
  /** Must be smaller than this. */
  readonly below?: string;
}

const bounds = [
  ['min', 'at least', (amount: bigint, bound: bigint) => amount >= bound],
  ['above', 'above', (amount: bigint, bound: bigint) => amount > bound],
  ['max', 'at most', (amount: bigint, bound: bigint) => amount <= bound],
  ['below', 'below', (amount: bigint, bound: bigint) => amount < bound],
] as const;

/**
 * An amount as it stands on a wire: a decimal string with at most nine decimals. A number is
 * refused, since it may have been rounded before it came here.
 */
export function decimal(limits: DecimalBounds = {}) {
  return z.string('is a decimal string, e.g. "0.52"').superRefine((text, context) => {
    const problem = problemOf(text, limits);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  });
}

/** A price of a contract: strictly between 0 and 1 dollar. */
export const contractPrice = () => decimal({ above: '0', below: '1' });
/** A number of contracts, or of dollars, that is not nothing. */
export const positiveDecimal = () => decimal({ above: '0' });

function problemOf(text: string, limits: DecimalBounds): string | undefined {
  const amount = parseAmount(text);
  if (amount === undefined) return 'is a plain decimal with at most nine decimals';
  for (const [name, words, holds] of bounds) {
    const bound = parseAmount(limits[name] ?? '');
    if (bound !== undefined && !holds(amount, bound)) return `is ${words} ${formatAmount(bound)}`;
  }
  return undefined;
}
