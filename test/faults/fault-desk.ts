import { afterAll, beforeAll, expect, type TestContext, test } from 'vitest';
import type { Command, Fault, Rule } from '../../venues/simulation/index.js';
import {
  openTestDesk,
  readyToTrade,
  type TestDesk,
  type TestDeskOptions,
} from '../support/desk.js';
import {
  atVenues,
  BOOKS_AGREE,
  checkedBooks,
  type Ended,
  endOf,
  expectEnd,
  mustBeApproved,
  sentOrder,
  soon,
  traded,
} from '../support/desk-ends.js';
import { intentOf } from '../support/desk-intent.js';
import { orderOf } from '../support/desk-venues.js';
import { tellFigures } from '../support/figures.js';

type ScriptedVenue = 'kalshi' | 'polymarket';

/** How long an answer is waited for: a busy machine has brought an order to its venue by then. */
export const PATIENCE_MS = 500;

/** What goes wrong for one order of a trade, by its purpose line (`entry/yes`, `exit/no/0`). */
export interface Wrong {
  /** Without it: for whoever asks this venue. */
  readonly what?: string;
  readonly venue?: ScriptedVenue;
  readonly fault: Fault;
  readonly when?: Omit<Rule['when'], 'order'>;
  /**
   * What it has really befallen, where being injected is not that yet: asked for this trade, or what
   * the venue counts of all of it, from the story's begin on.
   */
  readonly met?: ((desk: TestDesk, intentId: string) => number) | CountedKind;
}

export interface CountedKind {
  readonly venue: ScriptedVenue;
  readonly kind: string;
}

/** A trade, what goes wrong with it, and its end as the venue's ledger has it. */
export interface FaultStory {
  /** A sentence of the desk. */
  readonly name: string;
  readonly pairId: string;
  readonly wrongs: readonly Wrong[];
  /** `atVenues` at the end. */
  readonly orders: readonly string[];
  /** What the trade's result matches. */
  readonly result: object;
  readonly change?: () => Parameters<typeof intentOf>[2];
  /** Done to the venues before the trade is asked for. */
  readonly before?: (desk: TestDesk) => void;
}

/** One test per story, in their order; each leaves a row of the table of faults. */
export function tellStories(desk: () => TestDesk, stories: readonly FaultStory[]): void {
  for (const story of stories) {
    test(story.name, async (context) => {
      await tellStory(desk(), story, context);
    });
  }
}

/** The same at a desk of their own, a pair for each; afterwards its books are the venues' ledgers. */
export function tellStoriesAtDesk(
  stories: readonly FaultStory[],
  options: Omit<TestDeskOptions, 'pairs'>,
): void {
  let desk: TestDesk;
  beforeAll(async () => {
    const pairs = Object.fromEntries(stories.map(({ pairId }) => [pairId, {}]));
    desk = await openTestDesk({ ...options, pairs });
  });
  afterAll(async () => desk.close());

  tellStories(() => desk, stories);

  test('afterwards our books are the venues’ ledgers', async () => {
    await booksAgree(desk);
  });
}

/** Begins a trade, does something to the world while it runs, and waits for its end. */
export async function tradedWhile(
  desk: TestDesk,
  intent: Parameters<TestDesk['client']['arbitrage']>[0],
  happens: () => Promise<void>,
): Promise<Ended> {
  const { handle, verdict } = await desk.client.arbitrage(intent);
  mustBeApproved(verdict);
  await happens();
  return endOf(handle);
}

/** What the venue counts of a kind from now on. */
export function counting({ venues }: TestDesk, venue: ScriptedVenue, kind: string): () => number {
  const before = venues.script.counted(venue, kind);
  return () => venues.script.counted(venue, kind) - before;
}

/**
 * Waits until this venue's streams are again as many as now. One that is half open is missed only
 * after its silence, so until then the desk looks ready and is not.
 */
export function reconnecting(desk: TestDesk, venue: ScriptedVenue): () => Promise<void> {
  const { streams } = desk.venues[venue];
  const before = streams.wholeCount();
  return async () => {
    await soon(() => expect(streams.wholeCount()).toBeGreaterThanOrEqual(before));
    await readyToTrade(desk);
  };
}

/** How many reads of the account an order of a trade was left out of. */
export function missedReads(
  desk: TestDesk,
  venue: ScriptedVenue,
  { intentId, what }: { readonly intentId: string; readonly what: string },
): number {
  const { clientKey } = sentOrder(desk, intentId, what);
  return desk.venues[venue].exchange.conditions.missed.get(clientKey) ?? 0;
}

/**
 * How often an order of a trade was refused as one of the venue's old orders and then found among
 * them: the lesser of both.
 */
export function refusedAndFoundAsOld(
  desk: TestDesk,
  venue: ScriptedVenue,
  { intentId, what }: { readonly intentId: string; readonly what: string },
): number {
  const { clientKey } = sentOrder(desk, intentId, what);
  const { refused, listed } = desk.venues[venue].exchange.conditions.toldAsOld(clientKey);
  return Math.min(refused, listed);
}

/** The exits that a venue's contracts are sold with, where the other leg has come to nothing. */
export const soldAt = {
  polymarket: [
    'entry/no kalshi buys no @ 0.48: 0',
    'entry/yes polymarket buys yes @ 0.4: 10 CONFIRMED',
    'exit/yes/0 polymarket sells yes @ 0.38: 10 CONFIRMED',
  ],
  kalshi: ['entry/no kalshi buys no @ 0.48: 10', 'exit/no/0 kalshi reduces, sells no @ 0.46: 10'],
} as const;

/** The leg beside this one comes to nothing, and we hear of it when there was time for something else. */
export function nothingBeside(
  desk: TestDesk,
  intentId: string,
  what: (typeof legs)[number]['what'],
): void {
  const beside = what === 'entry/yes' ? 'entry/no' : 'entry/yes';
  scripted(desk, intentId, [
    { what: beside, fault: { kind: 'pulled_liquidity', part: 1 } },
    { what: beside, fault: { kind: 'late_answer', afterMs: 1_000 } },
  ]);
}

/** Waits until the venue has filled this leg, whatever we know of it. */
export const isFilledAtVenue = (desk: TestDesk, intentId: string, what: string) =>
  soon(() => expect(sentOrder(desk, intentId, what).state).toBe('filled'));

/** One thing that is done to a venue, for the row of the table that it belongs to. */
export interface Done {
  readonly command: Command;
  readonly venue: ScriptedVenue;
  /** What it has really befallen since. */
  readonly injected: () => number;
}

/**
 * What a command has befallen, where telling it befalls nothing yet: requests that met an outage,
 * sockets that were broken, requests signed by another time than the venue's.
 */
const metBy: Partial<Record<Command['command'], string>> = {
  outage: 'outage_met',
  drop_streams: 'stream_dropped',
  half_open_streams: 'stream_half_opened',
  lose_book_changes: 'book_change_lost',
  skew_clock: 'skew_clock_met',
};

export function commanded(desk: TestDesk, venue: ScriptedVenue, command: Command): Done {
  const injected = counting(desk, venue, metBy[command.command] ?? command.command);
  desk.venues.script.command(venue, command);
  return { command, venue, injected };
}

export function tellCommand(context: TestContext, done: Done, end: string): void {
  const { command, ...how } = done.command;
  const kind = 'state' in how ? how.state : 'how' in how ? how.how : '';
  const fault = `${command} ${kind}`.trimEnd();
  tellFault(context, { fault, venue: done.venue, injected: done.injected(), end });
}

async function tellStory(desk: TestDesk, story: FaultStory, context: TestContext): Promise<void> {
  const { pairId, wrongs, change, before } = story;
  const intentId = `${pairId}.1`;
  const rules = scripted(desk, intentId, wrongs);
  const mets = wrongs.map(({ met }) => metOf(desk, intentId, met));
  before?.(desk);
  const result = await traded(desk, intentOf(intentId, pairId, change?.()));

  expectEnd(result, story.result);
  expect(atVenues(desk, intentId)).toEqual(story.orders);
  for (const [index, name] of rules.entries()) {
    const wrong = wrongs[index];
    const row = { ...desk.venues.script.injected(name), end: result.kind };
    const met = mets[index];
    if (met) await soon(() => expect(met(), name).toBeGreaterThanOrEqual(1));
    const injected = met?.() ?? row.injected;
    const where = wrong?.what?.startsWith('exit/') ? ' in an exit' : '';
    tellFault(context, { fault: `${labelOf(wrong?.fault)}${where}`, ...row, injected });
  }
}

function metOf(desk: TestDesk, intentId: string, met: Wrong['met']): (() => number) | undefined {
  if (typeof met === 'object') return counting(desk, met.venue, met.kind);
  return met && (() => met(desk, intentId));
}

/** "answer_status 500 after": the kind and what it says of itself. */
function labelOf(fault: Fault | undefined): string {
  return Object.values(fault ?? {}).join(' ');
}

/** Scripts what goes wrong; returns the names that its injections are counted by. */
export function scripted(
  { venues }: TestDesk,
  intentId: string,
  wrongs: readonly Wrong[],
): readonly string[] {
  return wrongs.map(({ what, venue, fault, when = {} }, index) => {
    const name = `${intentId} ${what ?? ''} ${fault.kind} ${index}`;
    const order = what === undefined ? {} : { order: orderOf(intentId, what) };
    const rule = { name, when: { ...when, ...order }, fault };
    if (venue) venues[venue].exchange.faults.script.add(rule);
    else venues.script.add(rule);
    return name;
  });
}

/** A row of the printed table: a fault that did not really happen is none. */
export function tellFault(
  context: TestContext,
  row: { fault: string; venue: string; injected: number; end: string },
): void {
  expect(row.injected, `${row.fault} was injected`).toBeGreaterThanOrEqual(1);
  tellFigures(context, 'faults', row);
}

/** Our books are the venues' ledgers; a report that is on its way may still come. */
export async function booksAgree(desk: TestDesk): Promise<void> {
  await soon(async () => expect(await checkedBooks(desk)).toEqual(BOOKS_AGREE));
}

/** Enough for a busy machine to fire in, and not too long to wait for until nothing can arrive. */
export const briefly = () => ({ notAfterMs: Date.now() + 2_000 });

export const MATCHED = { kind: 'matched', contracts: 10_000_000_000n };
/** Both legs in the end, one of them by an exit's completion. */
export const COMPLETED = { kind: 'exited', contracts: 10_000_000_000n };
export const SOLD = { kind: 'exited', contracts: 0n };

export const bothFilled = [
  'entry/no kalshi buys no @ 0.48: 10',
  'entry/yes polymarket buys yes @ 0.4: 10 CONFIRMED',
];
/** The entry at this venue never was; its leg is bought by the first exit. */
export const boughtAfterAll = {
  polymarket: [
    'entry/no kalshi buys no @ 0.48: 10',
    'exit/no/0 polymarket buys yes @ 0.4: 10 CONFIRMED',
  ],
  kalshi: [
    'entry/yes polymarket buys yes @ 0.4: 10 CONFIRMED',
    'exit/yes/0 kalshi buys no @ 0.48: 10',
  ],
} as const;

/** The legs of the usual trade, each at the venue that it goes to. */
export const legs = [
  { venue: 'polymarket', what: 'entry/yes', letter: 'p' },
  { venue: 'kalshi', what: 'entry/no', letter: 'k' },
] as const;
