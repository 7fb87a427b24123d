import { assert } from './assert.js';
import type { Money, Price, Quantity } from './money.js';
import {
  add,
  greatest,
  least,
  notional,
  ONE_DOLLAR,
  price,
  subtract,
  ZERO_MONEY,
  ZERO_QUANTITY,
} from './money.js';

// A held pair is a match that was recorded and waits for its end: YES on one venue, NO on the other,
// a dollar per contract whatever happens, as long as both venues mean the same event.

/** Contracts of a leg that are no longer there, by what took them. */
export interface GoneContracts {
  readonly how: 'paid' | 'merged' | 'sold';
  readonly quantity: Quantity;
  /** Cash that came in for them, fees taken off. */
  readonly cash: Money;
  readonly atMs: number;
}

/** One leg as the venue's entries have it. `held` + `missing` + what is gone is what was matched. */
export interface HeldLeg {
  readonly held: Quantity;
  /** Claimed, neither held nor explained by any entry: the venue has taken something back. */
  readonly missing: Quantity;
  readonly gone: readonly GoneContracts[];
  /** What each contract of this leg pays, once its market is decided. */
  readonly pays?: Price;
}

export interface HeldPairFacts {
  readonly contracts: Quantity;
  readonly yes: HeldLeg;
  readonly no: HeldLeg;
}

export const heldPairStates = [
  /** Neither market is decided. */
  'waiting',
  /** One of the two is. */
  'resolved_on_one',
  /** Both are, and something is still to be paid out. */
  'redeemable',
  /** One leg was sold or merged further than the other; the rest is expected to follow. */
  'selling',
  'paid',
  /** Paid in parts on both venues alike: the event counted for nothing. */
  'voided',
  'merged',
  'sold',
  'broken',
] as const;
export type HeldPairState = (typeof heldPairStates)[number];

/** Why a pair does not pay a dollar per contract. */
export type HeldPairBreak =
  /** Both venues have decided, and not for the same outcome. */
  | 'different_outcomes'
  /** One venue pays in parts, the other does not pay the rest. */
  | 'void_on_one'
  /** One leg went without the other, longer ago than it may. */
  | 'leg_gone'
  /** Contracts are not there and no entry says why. */
  | 'contracts_missing';

export interface HeldPairStanding {
  readonly state: HeldPairState;
  readonly why?: HeldPairBreak;
  /** Nothing of either leg is left, and everything that is gone is explained. */
  readonly isOver: boolean;
  /** A dollar per contract. */
  readonly expected: Money;
  /** Cash that came in so far. */
  readonly paid: Money;
  /** What lacks of a dollar per contract, below zero where there is more; once that is known. */
  readonly loss?: Money;
}

export interface HeldPairTerms {
  readonly nowMs: number;
  /** How long one leg may be gone before the other: a sale of both takes its time. */
  readonly aloneMsMax: number;
}

/**
 * Where a held pair stands. A pair is over exactly when nothing of either leg is held and nothing is
 * missing; what it is called then says how it went, worst first: broken, sold, merged, voided, paid.
 */
export function heldPairStanding(facts: HeldPairFacts, terms: HeldPairTerms): HeldPairStanding {
  const { contracts, yes, no } = facts;
  for (const leg of [yes, no]) {
    const told = [leg.held, leg.missing, ...leg.gone.map(({ quantity }) => quantity)];
    assert(told.reduce(add) === contracts, 'every contract of a leg is held, gone or missing');
  }
  const why = whyBroken(facts, terms);
  const isOver = [yes, no].every(({ held, missing }) => held === 0n && missing === 0n);
  const state = why !== undefined ? 'broken' : isOver ? endOf(facts) : openState(facts);
  const loss = lossOf(facts, isOver);
  return {
    state,
    ...(why !== undefined && { why }),
    isOver,
    expected: notional(ONE_DOLLAR, contracts, 'floor'),
    paid: paidOf(facts),
    ...(loss !== undefined && { loss }),
  };
}

function whyBroken(facts: HeldPairFacts, terms: HeldPairTerms): HeldPairBreak | undefined {
  const { yes, no } = facts;
  if (yes.missing > 0n || no.missing > 0n) return 'contracts_missing';
  if (isAlone(facts) && terms.nowMs - lastGoneAtMs(facts) > terms.aloneMsMax) return 'leg_gone';
  // What was sold or merged on both sides is out of it, whatever the venues decide later.
  if (yes.pays === undefined || no.pays === undefined || !hasContractsAtStake(facts)) {
    return undefined;
  }
  if (isClose(add(yes.pays, no.pays), ONE_DOLLAR)) return undefined;
  return isPart(yes.pays) || isPart(no.pays) ? 'void_on_one' : 'different_outcomes';
}

/** One leg left by sale or merge in another size than the other did, and the rest is not paid. */
function isAlone(facts: HeldPairFacts): boolean {
  const isHeld = facts.yes.held > 0n || facts.no.held > 0n;
  return isHeld && left(facts.yes) !== left(facts.no);
}

const left = (leg: HeldLeg): Quantity =>
  sumOf(leg.gone.filter(({ how }) => how !== 'paid').map(({ quantity }) => quantity));

function lastGoneAtMs({ yes, no }: HeldPairFacts): number {
  const leaving = [...yes.gone, ...no.gone].filter(({ how }) => how !== 'paid');
  return Math.max(...leaving.map(({ atMs }) => atMs));
}

/** Contracts that both legs keep to the end: those are what the venues' decisions are about. */
function hasContractsAtStake({ contracts, yes, no }: HeldPairFacts): boolean {
  return greatest(left(yes), left(no)) < contracts;
}

function endOf({ yes, no }: HeldPairFacts): HeldPairState {
  const ways = new Set([...yes.gone, ...no.gone].map(({ how }) => how));
  if (ways.has('sold')) return 'sold';
  if (ways.has('merged')) return 'merged';
  return yes.pays !== undefined && isPart(yes.pays) ? 'voided' : 'paid';
}

function openState(facts: HeldPairFacts): HeldPairState {
  if (isAlone(facts)) return 'selling';
  const decided = [facts.yes, facts.no].filter(({ pays }) => pays !== undefined).length;
  if (decided === 0) return 'waiting';
  return decided === 1 ? 'resolved_on_one' : 'redeemable';
}

/** What is held counts at what it will pay; while that is open the loss is not known. */
function lossOf(facts: HeldPairFacts, isOver: boolean): Money | undefined {
  const { contracts, yes, no } = facts;
  const isDecided = yes.pays !== undefined && no.pays !== undefined;
  if (!isOver && !isDecided) return undefined;
  const toCome = [yes, no].map(({ held, pays }) =>
    pays === undefined ? ZERO_MONEY : notional(pays, held, 'floor'),
  );
  return subtract(notional(ONE_DOLLAR, contracts, 'floor'), [paidOf(facts), ...toCome].reduce(add));
}

const paidOf = ({ yes, no }: HeldPairFacts): Money =>
  [...yes.gone, ...no.gone].map(({ cash }) => cash).reduce(add, ZERO_MONEY);

/** A payment is rounded to a venue's smallest coin: the price that follows from it is a hair off. */
const HAIR = price('0.0005');
const isClose = (one: Price, other: Price): boolean =>
  subtract(one, other) <= HAIR && subtract(other, one) <= HAIR;

const isPart = (pays: Price): boolean => pays > HAIR && !isClose(pays, ONE_DOLLAR);

/** A held pair's claim on an instrument, oldest first where there are several. */
export interface Claim {
  readonly workflowId: string;
  readonly contracts: Quantity;
  /** Sold by its own trade's orders after it was held: of this claim, whatever the others' age. */
  readonly flattened?: readonly GoneContracts[];
}

export type LegShares = ReadonlyMap<string, Omit<HeldLeg, 'pays'>>;

/**
 * Whose contracts are gone. Contracts of one instrument are alike, so that has to be agreed on, apart
 * from what a claim's own trade has sold to flatten it:
 * 1. What nobody claims (a residual, a trade that still runs) is sold or merged before what is.
 * 2. Claims are used up oldest first; a payment goes to claims before what nobody claims.
 * 3. What is claimed beyond the position is missing from the youngest.
 * `taken` are the entries that took contracts from the instrument and are no exit of a trade (its
 * claim is net of those), oldest first; `position` is what the entries sum up to now.
 */
export function shareOut(
  claims: readonly Claim[],
  taken: readonly GoneContracts[],
  position: Quantity,
): LegShares {
  const shares = claims.map(ownShare);
  const claimed = sumOf(shares.map(({ held }) => held));
  const ever = add(greatest(position, ZERO_QUANTITY), sumOf(taken.map((one) => one.quantity)));
  let unclaimed = greatest(subtract(ever, claimed), ZERO_QUANTITY);
  for (const one of taken) {
    let open = one.quantity;
    if (one.how !== 'paid') {
      const free = least(unclaimed, open);
      unclaimed = subtract(unclaimed, free);
      open = subtract(open, free);
    }
    for (const share of shares) {
      const quantity = least(share.held, open);
      if (quantity === 0n) continue;
      share.held = subtract(share.held, quantity);
      open = subtract(open, quantity);
      share.gone.push({ ...one, quantity, cash: partOf(one, quantity) });
    }
  }
  return withMissing(shares, position);
}

/** What others may have taken from: the claim without what its own trade has sold. */
function ownShare({ workflowId, contracts, flattened = [] }: Claim) {
  const sold = sumOf(flattened.map(({ quantity }) => quantity));
  return { workflowId, held: subtract(contracts, sold), gone: [...flattened] };
}

interface Share {
  readonly workflowId: string;
  readonly held: Quantity;
  readonly gone: readonly GoneContracts[];
}

function withMissing(shares: readonly Share[], position: Quantity): LegShares {
  let there = greatest(position, ZERO_QUANTITY);
  return new Map(
    shares.map(({ workflowId, held, gone }) => {
      const found = least(held, there);
      there = subtract(there, found);
      return [workflowId, { held: found, missing: subtract(held, found), gone }] as const;
    }),
  );
}

/** Rounded down: what is left over of a payment for several claims is a count of 10⁻⁹. */
const partOf = ({ cash, quantity: whole }: GoneContracts, quantity: Quantity): Money =>
  quantity === whole ? cash : ((((cash as bigint) * quantity) / whole) as Money); // a share of money

const sumOf = (quantities: readonly Quantity[]): Quantity => quantities.reduce(add, ZERO_QUANTITY);
