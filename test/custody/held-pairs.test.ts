import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { watchHeldPairs } from '../../activities/watch-held-pairs.js';
import { resolve } from '../../cli/commands/resolve.js';
import {
  arbitrageWorkflowId,
  formatAmount,
  price,
  quantity,
  type VenueName,
  venueNames,
} from '../../domain/index.js';
import {
  heldPairOf,
  listEntries,
  openBreaks,
  readControl,
  storyOf,
  type WatchedPair,
} from '../../store/index.js';
import { openTestDesk, type TestDesk } from '../support/desk.js';
import { BOOKS_AGREE, checkedBooks, soon, traded } from '../support/desk-ends.js';
import { intentOf } from '../support/desk-intent.js';
import { operatorOf } from '../support/desk-operator.js';
import { ACCOUNT } from '../support/desk-venues.js';
import { isSweptClean, Sweeping } from './sweeping.js';

/** YES at Polymarket, NO at Kalshi: 10 of each, bought for 8.93 with fees. */
const pairs = ['paid', 'voided', 'parted', 'halfvoid', 'waits', 'merged', 'closing', 'early'];

// Every end goes through several pages, sweeps and reviews.
vi.setConfig({ testTimeout: 120_000 });

let desk: TestDesk;
let sweeping: Sweeping;
beforeAll(async () => {
  desk = await openTestDesk({ pairs: Object.fromEntries(pairs.map((pairId) => [pairId, {}])) });
  sweeping = new Sweeping(desk, { readsPages: true });
});
afterAll(async () => {
  await sweeping.close();
  await desk.close();
});

const marketsOf = (pairId: string) => {
  const pair = desk.pairs.pair(pairId);
  return { kalshi: pair.kalshi.market, polymarket: pair.polymarket.market };
};

/** Matched, recorded and waiting for its end. */
async function held(pairId: string): Promise<void> {
  const result = await traded(desk, intentOf(`${pairId}.1`, pairId));
  expect(result).toMatchObject({ kind: 'matched', contracts: quantity('10') });
}

const pairOf = async (pairId: string): Promise<WatchedPair | undefined> =>
  heldPairOf(desk.db, arbitrageWorkflowId(`${pairId}.1`));

/** "closed paid 0/0, 10 in, 0 lacking". */
async function told(pairId: string): Promise<string> {
  const pair = await pairOf(pairId);
  if (!pair) return 'none';
  const { closedAtMs, state, why, yesHeld, noHeld, paid, loss } = pair;
  const how = `${closedAtMs === undefined ? 'open' : 'closed'} ${why ?? state}`;
  const lacking = loss === undefined ? '' : `, ${formatAmount(loss)} lacking`;
  return `${how} ${formatAmount(yesHeld)}/${formatAmount(noHeld)}, ${formatAmount(paid)} in${lacking}`;
}

/** On the way to its end: a sweep later, as far as the venues have gone. */
const becomes = (pairId: string, end: string) =>
  soon(async () => {
    await sweeping.round();
    expect(await told(pairId)).toBe(end);
  });

/** The venues have paid all that they will: what the sweeps may find is there from now on. */
const paidOut = (pairId: string) =>
  soon(() => {
    const held = venueNames.flatMap((venue) => desk.venues[venue].exchange.positions(ACCOUNT));
    const markets: readonly string[] = Object.values(marketsOf(pairId));
    expect(held.filter(({ market }) => markets.includes(market))).toEqual([]);
  });

async function frozenPairs(): Promise<readonly string[]> {
  const { freezes } = await readControl(desk.db);
  return freezes.flatMap(({ scope }) => (scope.kind === 'pair' ? [scope.key] : []));
}

/** What the first sweep has told somebody, who looks, and says so: it is not told again. */
async function lookedInto(pairId: string): Promise<void> {
  const breaks = (await openBreaks(desk.db)).filter((one) => one.pairId === pairId);
  expect(breaks.map(({ kind }) => kind)).toEqual(['held_pair_broken']);
  expect(await frozenPairs()).toContain(pairId);
  for (const { breakId } of breaks)
    await resolve(operatorOf(desk), { breakId, why: 'it is known' });
}

/** Decided on one venue only: nobody is asked to look for so long, and somebody is after that. */
async function isLateAfter(pairId: string, lateMs: number): Promise<void> {
  const sinceMs = (await pairOf(pairId))?.stateSinceMs ?? Number.NaN;
  const look = async (nowMs: number) => {
    await watchHeldPairs({ ...{ db: desk.db, account: ACCOUNT, nowMs }, reached: () => undefined });
    return (await openBreaks(desk.db)).filter((one) => one.pairId === pairId);
  };
  expect(await look(sinceMs + lateMs)).toEqual([]);
  const breaks = await look(sinceMs + lateMs + 1);
  expect(breaks).toMatchObject([
    { kind: 'pair_resolved_on_one_venue', detail: { state: 'resolved_on_one', paid: '0' } },
  ]);
  expect(await look(sinceMs + lateMs + 2)).toHaveLength(1);
  expect(await frozenPairs()).not.toContain(pairId);
  for (const { breakId } of breaks)
    await resolve(operatorOf(desk), { breakId, why: 'the other venue takes its time' });
}

test('a held match is over when both venues have paid, and exactly then', async (context) => {
  const { kalshi, polymarket } = desk.venues;
  polymarket.exchange.holdRedemptions(true);
  await held('paid');
  expect(await told('paid')).toBe('open waiting 10/10, 0 in');
  kalshi.exchange.resolveMarket(marketsOf('paid').kalshi, 'yes');
  await becomes('paid', 'open resolved_on_one 10/0, 0 in');
  await isLateAfter('paid', 3 * 86_400_000);
  polymarket.exchange.resolveMarket(marketsOf('paid').polymarket, 'yes');
  await becomes('paid', 'open redeemable 10/0, 0 in, 0 lacking');
  polymarket.exchange.holdRedemptions(false);
  await paidOut('paid');
  await isSweptClean(sweeping, context, { what: 'held match: resolved on both' });
  expect(await told('paid')).toBe('closed paid 0/0, 10 in, 0 lacking');
  const { market } = desk.pairs.pair('paid').polymarket;
  const entries = (await listEntries(desk.db)).map(({ entry }) => entry);
  const redeemed = entries.filter((one) => one.instrument.market === market);
  expect(redeemed.map(({ kind }) => kind)).toEqual(['settlement', 'fill']);
  const story = await storyOf(desk.db, arbitrageWorkflowId('paid.1'));
  expect(story.filter(({ event }) => event === 'held_pair').map(({ text }) => text)).toEqual([
    'the match is resolved_on_one: 0 of 10 dollars are in',
    'the match is redeemable: 0 of 10 dollars are in',
    'the match is paid and over: 10 of 10 dollars are in',
  ]);
  expect(await frozenPairs()).not.toContain('paid');
});

test('a match that both venues void pays a dollar all the same', async (context) => {
  await held('voided');
  desk.venues.kalshi.exchange.voidMarket(marketsOf('voided').kalshi);
  desk.venues.polymarket.exchange.voidMarket(marketsOf('voided').polymarket);
  await paidOut('voided');
  await isSweptClean(sweeping, context, { what: 'held match: voided on both' });
  expect(await told('voided')).toBe('closed voided 0/0, 10 in, 0 lacking');
  expect(await frozenPairs()).not.toContain('voided');
});

test('two venues that decide differently break the pair, which is frozen with its loss', async (context) => {
  await held('parted');
  desk.venues.kalshi.exchange.resolveMarket(marketsOf('parted').kalshi, 'yes');
  desk.venues.polymarket.exchange.resolveMarket(marketsOf('parted').polymarket, 'no');
  await paidOut('parted');
  await sweeping.round();
  expect(await told('parted')).toBe('closed different_outcomes 0/0, 0 in, 10 lacking');
  await lookedInto('parted');
  await isSweptClean(sweeping, context, { what: 'held match: decided differently', swept: 1 });
  const { freezes } = await readControl(desk.db);
  expect(freezes.find(({ scope }) => scope.kind === 'pair' && scope.key === 'parted')?.why).toBe(
    'a held match was decided differently by its two venues: 10 dollars are lost',
  );
});

test('a void on one venue and not on the other is a break, also where it pays more', async (context) => {
  await held('halfvoid');
  desk.venues.kalshi.exchange.voidMarket(marketsOf('halfvoid').kalshi);
  desk.venues.polymarket.exchange.resolveMarket(marketsOf('halfvoid').polymarket, 'yes');
  await paidOut('halfvoid');
  await sweeping.round();
  expect(await told('halfvoid')).toBe('closed void_on_one 0/0, 15 in, -5 lacking');
  await lookedInto('halfvoid');
  await isSweptClean(sweeping, context, { what: 'held match: void on one venue', swept: 1 });
});

test('a market that closes while we hold it changes nothing until it is decided', async (context) => {
  await held('closing');
  desk.venues.kalshi.exchange.closeMarket(marketsOf('closing').kalshi);
  desk.venues.polymarket.exchange.closeMarket(marketsOf('closing').polymarket);
  await becomes('closing', 'open waiting 10/10, 0 in');
  desk.venues.polymarket.exchange.resolveMarket(marketsOf('closing').polymarket, 'no');
  await becomes('closing', 'open resolved_on_one 0/10, 0 in');
  desk.venues.kalshi.exchange.resolveMarket(marketsOf('closing').kalshi, 'no');
  await paidOut('closing');
  await isSweptClean(sweeping, context, { what: 'held match: market closed' });
  expect(await told('closing')).toBe('closed paid 0/0, 10 in, 0 lacking');
});

test('a split and its merge by hand leave the match as it was', async (context) => {
  await held('merged');
  const { polymarket } = marketsOf('merged');
  const { exchange } = desk.venues.polymarket;
  const split = exchange.split(ACCOUNT, polymarket, quantity('2'));
  expect(split).toMatchObject({ kind: 'changed' });
  expect(exchange.merge(ACCOUNT, polymarket, quantity('2'))).toMatchObject({ kind: 'changed' });
  await isSweptClean(sweeping, context, { what: 'held match: split and merged' });
  const kinds = (await listEntries(desk.db)).map(({ entry }) => entry.kind);
  expect(kinds.filter((kind) => kind === 'merge')).toHaveLength(2);
  expect(kinds.filter((kind) => kind === 'split')).toHaveLength(2);
  // What nobody claims goes first: a split and its merge leave the match as it was.
  expect(await told('merged')).toBe('open waiting 10/10, 0 in');
});

/** As somebody does it by hand, at what the crowd shows. */
function byHand(venue: VenueName, pairId: string, text: string): void {
  const [side, outcome, contracts = '', at = ''] = text.split(' ');
  const name = `0x${createHash('sha256').update(`${pairId} ${text}`).digest('hex')}`;
  const result = desk.venues[venue].exchange.place({
    ...{ account: ACCOUNT, market: marketsOf(pairId)[venue], venueOrderId: name, clientKey: name },
    outcome: outcome === 'no' ? 'no' : 'yes',
    side: side === 'sell' ? 'sell' : 'buy',
    ...{ limitPrice: price(at), timeInForce: 'IOC', isPostOnly: false },
    fixed: { kind: 'contracts', contracts: quantity(contracts) },
    isReduceOnly: side === 'sell' && venue === 'kalshi',
  });
  expect(result).toMatchObject({ kind: 'accepted', order: { state: 'filled' } });
}

test('a match of which both legs are sold by hand is over as sold, with what it lacks', async (context) => {
  await held('early');
  byHand('polymarket', 'early', 'sell yes 10 0.38');
  await becomes('early', 'open selling 0/10, 3.70576 in');
  byHand('kalshi', 'early', 'sell no 10 0.46');
  await isSweptClean(sweeping, context, { what: 'held match: sold by hand' });
  expect(await told('early')).toBe('closed sold 0/0, 8.12576 in, 1.87424 lacking');
});

test('a merge by hand takes one leg: the pair waits for the other', async (context) => {
  await held('waits');
  byHand('polymarket', 'waits', 'buy no 10 0.62');
  const { exchange } = desk.venues.polymarket;
  const merged = () => exchange.merge(ACCOUNT, marketsOf('waits').polymarket, quantity('10'));
  await soon(() => expect(merged()).toMatchObject({ kind: 'changed' }));
  await becomes('waits', 'open selling 0/10, 5 in');
  desk.venues.kalshi.exchange.resolveMarket(marketsOf('waits').kalshi, 'no');
  desk.venues.polymarket.exchange.resolveMarket(marketsOf('waits').polymarket, 'no');
  await paidOut('waits');
  await isSweptClean(sweeping, context, { what: 'held match: one leg merged away' });
  expect(await told('waits')).toBe('closed merged 0/0, 15 in, -5 lacking');
});

test('afterwards our books are the venues’ ledgers', async () => {
  expect(await checkedBooks(desk)).toEqual(BOOKS_AGREE);
});
