import { sql } from 'kysely';
import {
  arbitrageWorkflowId,
  assert,
  formatAmount,
  type GoneContracts,
  type HeldLeg,
  type HeldPairFacts,
  type HeldPairStanding,
  type HeldPairTerms,
  heldPairStanding,
  type Instrument,
  instrumentKey,
  type LegShares,
  money,
  type Price,
  type Quantity,
  quantity,
  shareOut,
  type VenueEntry,
  ZERO_QUANTITY,
} from '../domain/index.js';
import { heldPairsBeside, type WatchedPair, writeStanding } from './held-pairs.js';
import { payoutsOf } from './market-payouts.js';
import { positions } from './positions.js';
import { lockNames, ms } from './sql-values.js';
import { appendStory } from './story.js';
import type { Transaction } from './transaction.js';

/** A pair whose standing has just changed. */
export interface ReviewedPair {
  readonly pair: WatchedPair;
  readonly standing: HeldPairStanding;
}

/** Whose held pairs are looked at, and at what time. */
export interface HeldPairReview extends Partial<HeldPairTerms> {
  readonly account: string;
  readonly nowMs: number;
  /** Only those with a leg in one of these; absent: all that are open. */
  readonly markets?: readonly string[];
}

/** One leg may be gone this long before the other, unless told. */
const ALONE_MS_MAX = 60_000;

/**
 * Looks at open held pairs of an account again: what the booked entries say has become of their legs
 * and what the venues are known to pay (domain/held-pairs.ts). A pair is closed exactly when nothing
 * of either leg is left. Returns those whose state is another than before.
 *
 * One review of an account at a time, to the end of its transaction: two would tell one story twice.
 */
export async function reviewHeldPairs(
  tx: Transaction,
  { account, markets, ...terms }: HeldPairReview,
): Promise<readonly ReviewedPair[]> {
  await lockNames([`held-pairs/${account}`]).execute(tx);
  const pairs = await heldPairsBeside(tx, { account, ...(markets && { markets }) });
  const looksAt = ({ yes, no, closedAtMs }: WatchedPair): boolean =>
    closedAtMs === undefined &&
    (!markets || markets.includes(yes.market) || markets.includes(no.market));
  const reviewed = pairs.filter(looksAt);
  if (reviewed.length === 0) return [];
  const legs = await readLegs(tx, account, pairs);
  const changed: ReviewedPair[] = [];
  for (const pair of reviewed) {
    const facts = factsOf(pair, legs);
    const standing = heldPairStanding(facts, { aloneMsMax: ALONE_MS_MAX, ...terms });
    const held = { yes: facts.yes.held, no: facts.no.held };
    // Who waited for the others has looked at its clock before them, and comes after them all the same.
    const atMs = Math.max(terms.nowMs, pair.stateSinceMs);
    if (isNews(pair, standing, held)) await writeStanding(tx, { pair, standing, held, atMs });
    if (standing.state === pair.state && !standing.isOver) continue;
    await appendStory(tx, { workflowId: pair.workflowId, ...lineOf(standing), atMs });
    changed.push({ pair, standing });
  }
  return changed;
}

/** Most reviews find a pair as the last one left it: nothing is written then. */
function isNews(
  before: WatchedPair,
  { state, why, paid, loss, isOver }: HeldPairStanding,
  held: Readonly<Record<'yes' | 'no', Quantity>>,
): boolean {
  const hasMoved = before.yesHeld !== held.yes || before.noHeld !== held.no || before.paid !== paid;
  return isOver || hasMoved || before.state !== state || before.why !== why || before.loss !== loss;
}

function lineOf({ state, why, isOver, expected, paid, loss }: HeldPairStanding) {
  const how = why === undefined ? state : `${state} (${why})`;
  const cash = `${formatAmount(paid)} of ${formatAmount(expected)} dollars are in`;
  const lacking = loss === undefined || loss === 0n ? '' : `, ${formatAmount(loss)} are lacking`;
  const text = `the match is ${how}${isOver ? ' and over' : ''}: ${cash}${lacking}`;
  return { event: 'held_pair', text, detail: { state, expected, paid } };
}

interface Legs {
  readonly shares: ReadonlyMap<string, LegShares>;
  readonly paysOf: (instrument: Instrument) => Price | undefined;
}

async function readLegs(
  tx: Transaction,
  account: string,
  pairs: readonly WatchedPair[],
): Promise<Legs> {
  const claims = claimsOf(pairs);
  const markets = [...new Set(pairs.flatMap(({ yes, no }) => [yes.market, no.market]))];
  // In this order: an entry that is booked in between is then counted twice, never missed.
  const booked = new Map(
    (await positions(tx, account)).map((held) => [instrumentKey(held.instrument), held.quantity]),
  );
  const taken = await takenFrom(tx, account, markets);
  const flattened = await flattenedOf(tx, pairs);
  const shares = [...claims].map(([key, claiming]) => {
    const position = booked.get(key) ?? ZERO_QUANTITY;
    const claimed = claiming.map((pair) => ({
      ...pair,
      flattened: flattened.get(`${pair.workflowId} ${key}`) ?? [],
    }));
    return [key, shareOut(claimed, taken.get(key) ?? [], position)] as const;
  });
  return { shares: new Map(shares), paysOf: await payoutsOf(tx, markets) };
}

/** Who claims contracts of an instrument, oldest first. */
function claimsOf(pairs: readonly WatchedPair[]): ReadonlyMap<string, readonly WatchedPair[]> {
  const claims = new Map<string, WatchedPair[]>();
  for (const pair of pairs) {
    for (const key of [instrumentKey(pair.yes), instrumentKey(pair.no)]) {
      const claiming = claims.get(key) ?? [];
      claiming.push(pair);
      claims.set(key, claiming);
    }
  }
  return claims;
}

/** A trade's own sales are its exits, or flatten its own match; what else takes contracts takes any. */
async function takenFrom(
  tx: Transaction,
  account: string,
  markets: readonly string[],
): Promise<ReadonlyMap<string, readonly GoneContracts[]>> {
  const ofNoTrade = sql<boolean>`(workflow_id is null or workflow_id not like ${TRADES})`;
  const rows = await tx
    .selectFrom('venue_entries as entry')
    .select(['kind', 'venue', 'market', 'outcome', 'quantity', 'cash', 'at'])
    .where('account', '=', account)
    .where('market', 'in', [...markets])
    .where((where) =>
      where.or([
        where('kind', 'in', ['settlement', 'merge']),
        where.and([
          where('kind', '=', 'fill'),
          where('side', '=', 'sell'),
          ofNoTrade,
          where.not(takenBack),
        ]),
      ]),
    )
    .orderBy('seq')
    .execute();
  const taken = new Map<string, GoneContracts[]>();
  for (const row of rows) {
    const key = instrumentKey(row);
    taken.set(key, [...(taken.get(key) ?? []), goneOf(row)]);
  }
  return taken;
}

/** What trades have sold after their match was held, by workflow and instrument. */
async function flattenedOf(
  tx: Transaction,
  pairs: readonly WatchedPair[],
): Promise<ReadonlyMap<string, readonly GoneContracts[]>> {
  const rows = await tx
    .selectFrom('venue_entries as entry')
    .innerJoin('orders', 'orders.client_order_id', 'entry.client_order_id')
    .innerJoin('held_pairs as pair', 'pair.workflow_id', 'orders.workflow_id')
    .select(['entry.kind', 'entry.venue', 'entry.market', 'entry.outcome', 'entry.quantity'])
    .select(['entry.cash', 'entry.at', 'pair.workflow_id'])
    .where(
      'pair.workflow_id',
      'in',
      pairs.map(({ workflowId }) => workflowId),
    )
    .where('entry.kind', '=', 'fill')
    .where('entry.side', '=', 'sell')
    .whereRef('orders.recorded_at', '>', 'pair.held_since')
    .where((where) => where.not(takenBack))
    .orderBy('entry.seq')
    .execute();
  const sold = new Map<string, GoneContracts[]>();
  for (const row of rows) {
    const key = `${row.workflow_id} ${instrumentKey(row)}`;
    sold.set(key, [...(sold.get(key) ?? []), goneOf(row)]);
  }
  return sold;
}

const takenBack = sql<boolean>`exists (
  select 1 from venue_entries as back
  where back.kind = 'reversal' and back.venue = entry.venue and back.account = entry.account
    and back.source = entry.source and back.execution_id = entry.execution_id)`;

interface GoneRow {
  readonly kind: VenueEntry['kind'];
  readonly quantity: string;
  readonly cash: string;
  readonly at: Date;
}

const goneOf = (row: GoneRow): GoneContracts => ({
  how: waysOut[row.kind],
  quantity: quantity(row.quantity),
  cash: money(row.cash),
  atMs: ms(row.at),
});

const TRADES = `${arbitrageWorkflowId('')}%`;

const waysOut: Readonly<Record<VenueEntry['kind'], GoneContracts['how']>> = {
  settlement: 'paid',
  merge: 'merged',
  fill: 'sold',
  reversal: 'sold', // never read: what was taken back took nothing
  split: 'merged', // never read: a split brings contracts
};

function factsOf(pair: WatchedPair, { shares, paysOf }: Legs): HeldPairFacts {
  const legOf = (instrument: Instrument): HeldLeg => {
    const share = shares.get(instrumentKey(instrument))?.get(pair.workflowId);
    assert(share !== undefined, `held pair ${pair.workflowId} claims its own legs`);
    const pays = paysOf(instrument);
    return { ...share, ...(pays !== undefined && { pays }) };
  };
  return { contracts: pair.contracts, yes: legOf(pair.yes), no: legOf(pair.no) };
}
