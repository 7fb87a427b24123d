import type { FaultStory } from './fault-desk.js';
import { boughtAfterAll, briefly, COMPLETED, legs, SOLD, tellStoriesAtDesk } from './fault-desk.js';

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

const exits: readonly FaultStory[] = [
  {
    name: 'an exit that is refused for the rate waits at its price and is sent again',
    ...{ pairId: 'exitrate', result: SOLD },
    wrongs: [
      { what: 'entry/yes', fault: { kind: 'pulled_liquidity', part: 1 } },
      { what: 'exit/no/0', fault: { kind: 'refuse', answer: 'too_many_requests' } },
    ],
    orders: ['entry/no kalshi buys no @ 0.48: 10', 'exit/no/0 kalshi reduces, sells no @ 0.46: 10'],
  },
];

tellStoriesAtDesk([...stories, ...exits], { terms: { answerTimeoutMs: 200 } });
