import { expect, vi } from 'vitest';
import type { CrashDesk } from './crash-desk.js';
import { type EndName, endOf, ends, type Played, type TradeEnd } from './crash-scenarios.js';
import { BOOKS_AGREE, checkedBooks } from './desk-ends.js';

/**
 * Waits until the trade has one of these ends: its orders, fills, positions and money, nothing left
 * over but what the end says, and the venues' own ledgers agreeing with our books.
 */
export async function endsAs(
  desk: CrashDesk,
  played: Played,
  names: readonly EndName[],
): Promise<EndName> {
  const look = async (): Promise<EndName> => {
    const end = await endOf(desk, played);
    const found = names.find((name) => text(end) === text(ends[name]));
    if (found === undefined) throw new Error(differences(end, played, names));
    expect(await checkedBooks(desk)).toEqual(BOOKS_AGREE);
    return found;
  };
  return inTime(look);
}

/** Looks until it is so: what a busy machine may take after a death, and what is left to be booked. */
export function inTime<T>(look: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(look, { timeout: 60_000, interval: 50 });
}

const text = ({ result, orders, positions, left }: TradeEnd): string =>
  JSON.stringify({ result, orders, positions, left });

function differences(end: TradeEnd, played: Played, names: readonly EndName[]): string {
  const wanted = names.map((name) => `${name}: ${text(ends[name])}`).join(' or ');
  const before = played.failed.length > 0 ? `, after it failed: ${played.failed.join()}` : '';
  return `${played.workflowId} ends as ${text(end)} and not as ${wanted}${before}`;
}
