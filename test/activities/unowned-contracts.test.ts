import type { KyselyPlugin } from 'kysely';
import { expect, test } from 'vitest';
import { unhedgedNow } from '../../activities/custody/attend-position.js';
import {
  type Fill,
  type Instrument,
  money,
  type Pair,
  price,
  quantity,
  type SetChange,
} from '../../domain/index.js';
import { insertHeldPair } from '../../store/held-pairs.js';
import { bookEntries, recordOrders } from '../../store/index.js';
import { enter, fillOf, NOW_MS, openDesk, orderOf } from '../store/desk.js';
import { pairOf } from '../support/markets.js';
import { deskOf } from './desk-of.js';

const books = openDesk();
const pair: Pair = pairOf();
const yes: Instrument = { venue: 'polymarket', market: pair.polymarket.market, outcome: 'yes' };
const no: Instrument = { venue: 'kalshi', market: pair.kalshi.market, outcome: 'no' };

/** What an account has, and what is booked of it in one commit. */
type Story = (account: string) => Promise<() => Promise<unknown>>;

const bought = (account: string, instrument: Instrument, change: Partial<Fill> = {}): Fill =>
  fillOf({ ...{ account, instrument, venueOrderId: account, executionId: '1' }, ...change });

/** An open trade holds ten YES, and sells them. */
const sale: Story = async (account) => {
  const { workflowId } = await enter(books.db, account, { account });
  const entry = orderOf(workflowId, 'yes', { account, instrument: yes });
  const purpose = { kind: 'exit', leg: 'yes', rung: 0, attempt: 0 } as const;
  const exit = orderOf(workflowId, 'yes', { account, instrument: yes, side: 'sell', purpose });
  const recording = { mode: 'simulated', body: '{}' } as const;
  await recordOrders(books.db, [
    { ...recording, order: entry, venueOrderId: account },
    { ...recording, order: exit, venueOrderId: `${account}/exit` },
  ]);
  await bookEntries(books.db, [bought(account, yes)]);
  const sold = bought(account, yes, { side: 'sell', venueOrderId: `${account}/exit` });
  return () => bookEntries(books.db, [sold]);
};

/** Both legs of a match are held, and a venue makes money of one. */
const merge: Story = async (account) => {
  await bookEntries(books.db, [bought(account, yes), bought(account, no)]);
  await hold(account);
  const merged: SetChange = {
    ...{ kind: 'merge', reference: account, account, instrument: yes, atMs: NOW_MS },
    ...{ quantity: quantity('10'), price: price('0.5'), cash: money('5') },
  };
  return () => bookEntries(books.db, [merged]);
};

/** Nobody answers for either leg, and then a match does for both. */
const match: Story = async (account) => {
  await bookEntries(books.db, [bought(account, yes), bought(account, no)]);
  return () => hold(account);
};

async function hold(account: string): Promise<void> {
  const { workflowId } = await enter(books.db, account, { account });
  await insertHeldPair(books.db, {
    ...{ workflowId, account, pairId: pair.pairId, contracts: quantity('10') },
    ...{ yes, no, heldSinceMs: NOW_MS },
  });
}

const stories: readonly (readonly [string, 'exit' | 'hedge', Story])[] = [
  ['its trade sells them', 'exit', sale],
  ['they are merged', 'exit', merge],
  ['a match takes both legs in', 'hedge', match],
];

test.each(stories)('nothing is left to get rid of, before and after: %s', async (...story) => {
  const [what, policy, happens] = story;
  for (let reads = 1, isLast = false; !isLast; reads += 1) {
    const account = `${what.replaceAll(' ', '-')}-${reads}`;
    const { db, wasBooked } = bookedAfter(reads, await happens(account));
    const desk = deskOf({ db, pairs: () => [pair] });
    const left = await unhedgedNow(desk, { account, instrument: yes, policy });
    expect(left, account).toBe(0n);
    isLast = !wasBooked();
  }
});

/** A database that books something as soon as this many reads were answered. */
function bookedAfter(reads: number, book: () => Promise<unknown>) {
  let answered = 0;
  const plugin: KyselyPlugin = {
    transformQuery: ({ node }) => node,
    transformResult: async ({ result }) => {
      answered += 1;
      if (answered === reads) await book();
      return result;
    },
  };
  return { db: books.db.withPlugin(plugin), wasBooked: () => answered >= reads };
}
