import { formatAmount } from '../../domain/money.js';

/** Says both when they are not the same. */
export function differs(
  what: string,
  ours: bigint | string,
  theirs: bigint | string,
): string | undefined {
  if (ours === theirs) return undefined;
  return `${what} ${said(ours)}, and it is ${said(theirs)}`;
}

const said = (one: bigint | string): string => (typeof one === 'bigint' ? formatAmount(one) : one);
