import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { TradeResult } from '../../domain/index.js';
import { venueStates } from '../../venues/simulation/index.js';
import { openTestDesk, type TestDesk } from '../support/desk.js';
import { atVenues, type Ended, expectEnd, soon } from '../support/desk-ends.js';
import { intentOf } from '../support/desk-intent.js';
import { quickTerms } from '../support/desk-terms.js';
import {
  booksAgree,
  boughtAfterAll,
  COMPLETED,
  commanded,
  counting,
  isFilledAtVenue,
  legs,
  nothingBeside,
  SOLD,
  scripted,
  soldAt,
  tellCommand,
  tellFault,
  tradedWhile,
} from './fault-desk.js';

// What befalls a venue as a whole. One after the other: it befalls every trade there.

const LONG_MS = 600_000;
const endOf = (result: Ended): TradeResult['kind'] | 'cancelled' => result.kind;

const pairs = legs.flatMap(({ letter }) => [
  ...venueStates.flatMap((state) => [`${state}${letter}`, `${state}exit${letter}`]),
  `rate${letter}`,
]);

const AN_HOUR_MS = 3_600_000;

let desk: TestDesk;
beforeAll(async () => {
  desk = await openTestDesk({
    pairs: Object.fromEntries(pairs.map((pairId) => [pairId.replaceAll('_', ''), {}])),
    terms: { exit: { ...quickTerms.exit, refusalWaitMsMax: 20_000 }, answerTimeoutMs: 3_000 },
    policy: { bookSilenceMsMax: 4_000 },
    // A look in the middle of one pause would deny the trades of those after it.
    marketWatchEveryMs: AN_HOUR_MS,
  });
});
afterEach(() => {
  for (const { venue } of legs) desk.venues.script.command(venue, { command: 'resume' });
});
afterAll(async () => desk.close());

for (const { venue, what, letter } of legs) {
  describe(`at ${venue}`, () => {
    test.for(venueStates)(
      '%s: the entry waits in its words and is bought when that is over',
      async (state, context) => {
        const intentId = `${state.replaceAll('_', '')}${letter}.1`;
        const refused = counting(desk, venue, state);
        const entered = commanded(desk, venue, { command: 'enter', state, forMs: LONG_MS });
        const result = await tradedWhile(
          desk,
          intentOf(intentId, intentId.split('.')[0] ?? ''),
          async () => {
            await soon(() => expect(refused()).toBeGreaterThanOrEqual(2));
            tellCommand(context, commanded(desk, venue, { command: 'resume' }), 'trading again');
          },
        );

        expectEnd(result, COMPLETED);
        const bought = withoutRungs(atVenues(desk, intentId));
        expect(bought).toEqual(withoutRungs(boughtAfterAll[venue]));
        tellCommand(context, { ...entered, injected: refused }, endOf(result));
      },
    );

    test.for(venueStates)(
      '%s in the middle of an exit: it waits at its price and is sold',
      async (state, context) => {
        const pairId = `${state.replaceAll('_', '')}exit${letter}`;
        const intentId = `${pairId}.1`;
        nothingBeside(desk, intentId, what);
        const refused = counting(desk, venue, state);
        const result = await tradedWhile(desk, intentOf(intentId, pairId), async () => {
          await isFilledAtVenue(desk, intentId, what);
          desk.venues.script.command(venue, { command: 'enter', state, forMs: LONG_MS });
          await soon(() => expect(refused()).toBeGreaterThanOrEqual(2));
          desk.venues.script.command(venue, { command: 'resume' });
        });

        expectEnd(result, SOLD);
        expect(atVenues(desk, intentId)).toEqual(soldAt[venue]);
        tellFault(context, {
          fault: `enter ${state} in an exit`,
          ...{ venue, injected: refused(), end: endOf(result) },
        });
      },
    );

    test('the rate is limited in the middle of an exit: it waits at its price and is sold', async (context) => {
      const intentId = `rate${letter}.1`;
      nothingBeside(desk, intentId, what);
      const leg = what === 'entry/yes' ? 'yes' : 'no';
      const answer = venue === 'kalshi' ? 'too_many_requests' : 'rate_limited';
      const [name = ''] = scripted(desk, intentId, [
        { what: `exit/${leg}/0`, fault: { kind: 'refuse', answer } },
      ]);
      const result = await tradedWhile(desk, intentOf(intentId, `rate${letter}`), () =>
        isFilledAtVenue(desk, intentId, what),
      );

      expectEnd(result, SOLD);
      expect(atVenues(desk, intentId)).toEqual(soldAt[venue]);
      tellFault(context, {
        fault: `refuse ${answer} in an exit`,
        ...{ venue, injected: desk.venues.script.injected(name).injected, end: endOf(result) },
      });
    });
  });
}

/** Which of its purchases is the one that is taken depends on how long the venue has said no. */
function withoutRungs(orders: readonly string[]): readonly string[] {
  return orders.map((order) => order.replace(/^(exit\/\w+)\/\d+/, '$1'));
}

test('afterwards our books are the venues’ ledgers', async () => {
  await booksAgree(desk);
});
