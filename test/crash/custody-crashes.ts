import type { CustodyEnd, CustodyStory } from '../support/custody-stories.js';
import type { AdoptedPoint, CustodyPoint } from './crashes.js';

export interface CustodyCrash {
  readonly in: CustodyStory;
  /** Every end that the death may lead to. */
  readonly endsAs: readonly CustodyEnd[];
}

const TRADE = {
  in: 'a trade is terminated',
  endsAs: ['a terminated trade is carried to its end'],
} as const;
const EXCESS = {
  in: 'a trade that holds one leg is terminated',
  endsAs: ['the excess of a terminated trade is sold once'],
} as const;
const ORDER = {
  in: 'a stranger leaves an order',
  endsAs: ['the order of a stranger is canceled'],
} as const;
const CONTRACTS = {
  in: 'a stranger buys contracts',
  endsAs: ['contracts of a stranger are sold once'],
} as const;

const MATCH = {
  in: 'a held match is to be flattened',
  endsAs: ['both legs of a match are sold once'],
} as const;

const LEFTOVER = {
  in: 'an ended trade has left its reservation',
  endsAs: ['what an ended trade had reserved is released'],
} as const;

/** How each story ends where nobody dies. */
export const custodyOwnEnds = {
  [TRADE.in]: TRADE.endsAs,
  [EXCESS.in]: EXCESS.endsAs,
  [ORDER.in]: ORDER.endsAs,
  [CONTRACTS.in]: CONTRACTS.endsAs,
  [MATCH.in]: MATCH.endsAs,
  [LEFTOVER.in]: LEFTOVER.endsAs,
} as const satisfies Record<CustodyStory, readonly CustodyEnd[]>;

/** Every point of custody's work, and what becomes of what it looks after. */
export const custodyCrashes: Record<CustodyPoint | AdoptedPoint, CustodyCrash> = {
  'sweep: case written, custody not told': ORDER,
  'flatten: case written, custody not told': MATCH,
  'custody: asked to adopt, nothing claimed': TRADE,
  'custody: exits claimed, case not taken': TRADE,
  'custody: adopted, not told': TRADE,
  'booking: case written, custody not told': TRADE,
  'custody: adopted trade recorded, case still open': TRADE,
  'custody: adopted trade over, not told': TRADE,
  'exit: asked, nothing priced': MATCH,
  'exit: priced, nothing recorded': EXCESS,
  'exit: recorded, nothing sent': EXCESS,
  'exit: sent, no answer': EXCESS,
  'exit: answered, nothing recorded': EXCESS,
  'exit: answer recorded, not told': MATCH,
  'custody: match marked, exits not claimed': MATCH,
  'custody: match claimed, case not taken': MATCH,
  'custody: match adopted, not told': MATCH,
  'custody: end recorded, sales of a match not kept': MATCH,
  'custody: asked to look, nothing looked at': ORDER,
  'custody: order of a stranger canceled, not looked for': ORDER,
  'custody: looked, case not closed': LEFTOVER,
  'custody: case closed, not told': ORDER,
  'custody: case taken, not told': CONTRACTS,
  'custody exit: asked, nothing priced': CONTRACTS,
  'custody exit: priced, nothing recorded': CONTRACTS,
  'custody exit: recorded, nothing sent': CONTRACTS,
  'custody exit: sent, no answer': CONTRACTS,
  'custody exit: answered, nothing recorded': CONTRACTS,
  'custody exit: answer recorded, not told': CONTRACTS,
};
