import type { FaultStory } from './fault-desk.js';
import {
  boughtAfterAll,
  briefly,
  COMPLETED,
  legs,
  SOLD,
  soldAt,
  tellStoriesAtDesk,
} from './fault-desk.js';

/** A row of each class of each venue's table of answers; all rows: `error-tables.test.ts`. */
const definite = {
  polymarket: [
    ['funds', 'not_enough_balance'],
    ['rate', 'rate_limited'],
    ['state', 'engine_restarting'],
    ['closed', 'no_orderbook'],
    ['unmatched', 'fak_no_match'],
    ['engine', 'there are no matching orders'],
    ['terminal', 'bad_tick'],
  ],
  kalshi: [
    ['funds', 'available_balance_too_low'],
    ['rate', 'too_many_requests'],
    ['state', 'trading_is_paused'],
    ['closed', 'market_already_closed'],
    ['unmatched', 'fok_insufficient_volume'],
    ['group', 'order_group_cancel'],
    ['terminal', 'invalid_order_size'],
    ['odd', 'http_403'],
  ],
} as const;

/** What proves nothing: the order is asked for until it cannot arrive any more. */
const doubtful = {
  polymarket: [
    ['delayed', 'ORDER_DELAYED'],
    ['rounding', 'rounding'],
    ['dup', 'duplicated'],
  ],
  kalshi: [['dup', 'order_already_exists']],
} as const;

const stories: readonly FaultStory[] = legs.flatMap(({ venue, what, letter }) => {
  const told = { orders: boughtAfterAll[venue], result: COMPLETED };
  const wrongs = (answer: string) => [{ what, fault: { kind: 'refuse', answer } as const }];
  return [
    ...definite[venue].map(([name, answer]) => ({
      name: `what ${venue} refuses with "${answer}" is bought again under a new id`,
      ...{ ...told, pairId: `${name}${letter}`, wrongs: wrongs(answer) },
    })),
    ...doubtful[venue].map(([name, answer]) => ({
      name: `"${answer}" of ${venue} proves nothing: the order is looked for before it is replaced`,
      ...{ ...told, pairId: `${name}${letter}`, wrongs: wrongs(answer) },
      change: briefly,
    })),
  ];
});

/** The leg beside it comes to nothing, and what is held is sold: that is refused at first. */
const sales = {
  kalshi: { pulled: 'entry/yes', sale: 'exit/no/0' },
  polymarket: { pulled: 'entry/no', sale: 'exit/yes/0' },
} as const;

interface SaleEnd {
  readonly ends: string;
  readonly orders: readonly string[];
  readonly result: object;
}

/** What is refused waits at its price; what was taken and found nobody goes a step down. */
const again = (venue: keyof typeof sales): SaleEnd => ({
  ...{ ends: 'is sent again at its price', orders: soldAt[venue], result: SOLD },
});
const lower = (venue: keyof typeof sales): SaleEnd => ({
  ends: 'goes one step down',
  orders: soldAt[venue].map((line) =>
    line.replace('sells yes @ 0.38', 'sells yes @ 0.37').replace('no @ 0.46', 'no @ 0.45'),
  ),
  result: SOLD,
});
/** Kalshi nets: there the other outcome is bought, and its book is another way out. */
const closedForGood: SaleEnd = {
  ends: 'is not tried again: its contracts are kept, and somebody has to look',
  orders: soldAt.polymarket.slice(0, 2),
  result: { kind: 'residual', residual: { leg: 'yes', reason: 'loss_limit' } },
};

const saleEnds: Readonly<Record<string, SaleEnd>> = {
  unmatchedp: lower('polymarket'),
  enginep: lower('polymarket'),
  closedp: closedForGood,
  unmatchedk: lower('kalshi'),
};

const exits: readonly FaultStory[] = legs.flatMap(({ venue, letter }) =>
  definite[venue].map(([name, answer]): FaultStory => {
    const { pulled, sale } = sales[venue];
    const { ends, orders, result } = saleEnds[`${name}${letter}`] ?? again(venue);
    return {
      name: `a sale that ${venue} refuses with "${answer}" ${ends}`,
      ...{ pairId: `sale${name}${letter}`, result, orders },
      wrongs: [
        { what: pulled, fault: { kind: 'pulled_liquidity', part: 1 } },
        { what: sale, fault: { kind: 'refuse', answer } },
      ],
    };
  }),
);

tellStoriesAtDesk([...stories, ...exits], { terms: { answerTimeoutMs: 1_000 } });
