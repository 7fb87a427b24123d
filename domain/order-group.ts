import type { Freeze } from './freeze/freeze.js';
import { isInScope } from './freeze/freeze-of.js';
import type { Quantity } from './money.js';
import type { Pair } from './pair.js';

/** The group that the entries of a pair are put in, as we keep it. */
export interface PairGroup {
  readonly pairId: string;
  readonly account: string;
  readonly groupId: string;
  /** `decided`: no entry is admitted any more; `confirmed`: the venue has answered, too. */
  readonly trigger: 'none' | 'decided' | 'confirmed';
  /** The pair's hold up to which the venue counts nothing any more. */
  readonly resetGeneration: number;
  /** What the venue counts up to; absent where it was never written down. */
  readonly limit?: Quantity;
}

export interface GroupSituation {
  readonly group: PairGroup;
  readonly pair: Pair;
  readonly freezes: readonly Freeze[];
  /** The pair's last hold, if there was any. */
  readonly hold?: { readonly generation: number; readonly isReleased: boolean };
}

/**
 * What is to be done about a pair's group now.
 *
 * 1. A freeze that cancels or flattens triggers it: what a lost process may still send is refused.
 * 2. Triggered, it stays so while any freeze reaches the pair.
 * 3. It is reset when the hold of the pair is released, for that trade is over.
 */
export function groupStep(situation: GroupSituation): 'trigger' | 'reset' | undefined {
  const { group, hold } = situation;
  const freezes = freezesOf(situation);
  const isKilled = freezes.some(({ action }) => action !== 'leave');
  if (isKilled) return group.trigger === 'confirmed' ? undefined : 'trigger';
  if (hold && !hold.isReleased) return undefined;
  if (group.trigger !== 'none') return freezes.length === 0 ? 'reset' : undefined;
  return hold && hold.generation > group.resetGeneration ? 'reset' : undefined;
}

/** One strategy's freeze or one trade's leaves the pair to the others. */
function freezesOf({ group, pair, freezes }: GroupSituation): readonly Freeze[] {
  const { kalshi, polymarket, pairId } = pair;
  const instruments = [kalshi, polymarket].flatMap(({ venue, market }) =>
    (['yes', 'no'] as const).map((outcome) => ({ venue, market, outcome })),
  );
  const { account } = group;
  const venues = [kalshi.venue, polymarket.venue];
  const subject = { venues, account, pairId, instruments, strategy: '', workflowId: '' };
  return freezes.filter((freeze) => isInScope(freeze, subject));
}
