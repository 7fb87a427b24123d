import { expect, vi } from 'vitest';
import type { CrashDesk } from './crash-desk.js';
import { type EndName, endOf, ends, type Played, type TradeEnd } from './crash-scenarios.js';
import { BOOKS_AGREE, checkedBooks } from './desk-ends.js';

/** What is booked after the last word of a trade; a busy machine may take its time. */
const BOOKED_MS_MAX = 40_000;

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
  return vi.waitFor(look, { timeout: BOOKED_MS_MAX, interval: LOOK_EVERY_MS });
}

const LOOK_EVERY_MS = 20;

const text = ({ result, orders, positions, left }: TradeEnd): string =>
  JSON.stringify({ result, orders, positions, left });

function differences(end: TradeEnd, played: Played, names: readonly EndName[]): string {
  const wanted = names.map((name) => `${name}: ${text(ends[name])}`).join(' or ');
  const denied = played.denied.length > 0 ? `, after it was denied: ${played.denied.join()}` : '';
  return `${played.workflowId} ends as ${text(end)} and not as ${wanted}${denied}`;
}
