import type { TestContext } from 'vitest';
import { expect } from 'vitest';
import type { TestDesk } from '../support/desk.js';
import { atVenues, BOOKS_AGREE, checkedBooks, soon, traded } from '../support/desk-ends.js';
import { intentOf } from '../support/desk-intent.js';
import { orderOf } from '../support/desk-venues.js';
import { tellFigures } from '../support/figures.js';

type Fault = Parameters<TestDesk['venues']['script']['add']>[0]['fault'];
type When = Parameters<TestDesk['venues']['script']['add']>[0]['when'];

/** What goes wrong for one order of a trade, by its purpose line: `entry/yes`, `exit/no/0`. */
export interface Wrong {
  readonly what: string;
  readonly fault: Fault;
  readonly when?: Omit<When, 'order'>;
}

/** Scripts what goes wrong; returns the names that its injections are counted by. */
export function scripted(
  { venues }: TestDesk,
  intentId: string,
  wrongs: readonly Wrong[],
): readonly string[] {
  return wrongs.map(({ what, fault, when = {} }, index) => {
    const name = `${intentId} ${what} ${fault.kind} ${index}`;
    venues.script.add({ name, when: { ...when, order: orderOf(intentId, what) }, fault });
    return name;
  });
}

export interface FaultStory {
  readonly intentId: string;
  readonly pairId: string;
  readonly wrongs: readonly Wrong[];
  readonly change?: Parameters<typeof intentOf>[2];
}

/** Trades under the script until the end, and says how often each fault really happened. */
export async function tradedUnder(
  desk: TestDesk,
  { intentId, pairId, wrongs, change }: FaultStory,
) {
  const names = scripted(desk, intentId, wrongs);
  const result = await traded(desk, intentOf(intentId, pairId, change));
  const injected = names.map((name) => desk.venues.script.injected(name));
  return { result, orders: atVenues(desk, intentId), injected };
}

/** A row of the printed table: only what really happened is one. */
export function tellFault(
  context: TestContext,
  row: { readonly fault: string; readonly venue: string; readonly injected: number; end: string },
): void {
  expect(row.injected).toBeGreaterThanOrEqual(1);
  tellFigures(context, 'faults', row);
}

/** Our books are the venues' ledgers; a report that is on its way may still come. */
export async function booksAgree(desk: TestDesk): Promise<void> {
  await soon(async () => expect(await checkedBooks(desk)).toEqual(BOOKS_AGREE));
}
