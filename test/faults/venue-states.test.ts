import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { TradeResult } from '../../domain/index.js';
import { outageKinds, venueStates } from '../../venues/simulation/index.js';
import { openTestDesk, readyToTrade, type TestDesk } from '../support/desk.js';
import { atVenues, type Ended, sentOrder, soon } from '../support/desk-ends.js';
import { intentOf } from '../support/desk-intent.js';
import { quickTerms } from '../support/desk-terms.js';
import {
  booksAgree,
  bothFilled,
  boughtAfterAll,
  COMPLETED,
  commanded,
  counting,
  legs,
  MATCHED,
  SOLD,
  scripted,
  tellCommand,
  tellFault,
  tradedWhile,
} from './fault-desk.js';

// What befalls a venue as a whole. One after the other: it befalls every trade there.

const LONG_MS = 600_000;
/** As long as a minute is to the durations of trading. */
const OUTAGE_MS = 1_500;
/** The exits that this venue's contracts can be sold with, when the other leg has come to nothing. */
const sold = {
  polymarket: [
    'entry/no kalshi buys no @ 0.48: 0',
    'entry/yes polymarket buys yes @ 0.4: 10 CONFIRMED',
    'exit/yes/0 polymarket sells yes @ 0.38: 10 CONFIRMED',
  ],
  kalshi: ['entry/no kalshi buys no @ 0.48: 10', 'exit/no/0 kalshi reduces, sells no @ 0.46: 10'],
} as const;
const endOf = (result: Ended): TradeResult['kind'] | 'cancelled' => result.kind;

const pairs = legs.flatMap(({ letter }) => [
  ...venueStates.flatMap((state) => [`${state}${letter}`, `${state}exit${letter}`]),
  ...outageKinds.flatMap((how) => [`${how}${letter}`, `${how}exit${letter}`, `${how}no${letter}`]),
  `rate${letter}`,
]);

let desk: TestDesk;
beforeAll(async () => {
  desk = await openTestDesk({
    pairs: Object.fromEntries(pairs.map((pairId) => [pairId.replaceAll('_', ''), {}])),
    terms: { exit: { ...quickTerms.exit, refusalWaitMsMax: 20_000 }, answerTimeoutMs: 3_000 },
    policy: { bookSilenceMsMax: 4_000 },
  });
});
afterEach(() => {
  for (const { venue } of legs) desk.venues.script.command(venue, { command: 'resume' });
});
afterAll(async () => desk.close());

for (const { venue, what, letter } of legs) {
  describe(`at ${venue}`, () => {
    const otherWhat = what === 'entry/yes' ? 'entry/no' : 'entry/yes';

    /** The other leg comes to nothing, and we hear of it when there was time for something else. */
    const nothingElsewhere = (intentId: string) =>
      scripted(desk, intentId, [
        { what: otherWhat, fault: { kind: 'pulled_liquidity', part: 1 } },
        { what: otherWhat, fault: { kind: 'late_answer', afterMs: 1_000 } },
      ]);
    const isFilledHere = (intentId: string) =>
      soon(() => expect(sentOrder(desk, intentId, what).state).toBe('filled'));

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

        expect(atVenues(desk, intentId)).toEqual(boughtAfterAll[venue]);
        expect(result).toMatchObject(COMPLETED);
        tellCommand(context, { ...entered, injected: refused }, endOf(result));
      },
    );

    test.for(venueStates)(
      '%s in the middle of an exit: it waits at its price and is sold',
      async (state, context) => {
        const pairId = `${state.replaceAll('_', '')}exit${letter}`;
        const intentId = `${pairId}.1`;
        nothingElsewhere(intentId);
        const refused = counting(desk, venue, state);
        const result = await tradedWhile(desk, intentOf(intentId, pairId), async () => {
          await isFilledHere(intentId);
          desk.venues.script.command(venue, { command: 'enter', state, forMs: LONG_MS });
          await soon(() => expect(refused()).toBeGreaterThanOrEqual(2));
          desk.venues.script.command(venue, { command: 'resume' });
        });

        expect(atVenues(desk, intentId)).toEqual(sold[venue]);
        expect(result).toMatchObject(SOLD);
        tellFault(context, {
          fault: `enter ${state} in an exit`,
          ...{ venue, injected: refused(), end: endOf(result) },
        });
      },
    );

    test('the rate is limited in the middle of an exit: it waits at its price and is sold', async (context) => {
      const intentId = `rate${letter}.1`;
      nothingElsewhere(intentId);
      const leg = what === 'entry/yes' ? 'yes' : 'no';
      const answer = venue === 'kalshi' ? 'too_many_requests' : 'rate_limited';
      const [name = ''] = scripted(desk, intentId, [
        { what: `exit/${leg}/0`, fault: { kind: 'refuse', answer } },
      ]);
      const result = await tradedWhile(desk, intentOf(intentId, `rate${letter}`), () =>
        isFilledHere(intentId),
      );

      expect(atVenues(desk, intentId)).toEqual(sold[venue]);
      expect(result).toMatchObject(SOLD);
      tellFault(context, {
        fault: `refuse ${answer} in an exit`,
        ...{ venue, injected: desk.venues.script.injected(name).injected, end: endOf(result) },
      });
    });

    test.for(outageKinds)(
      'an outage (%s) after the order: it is found when the venue is back',
      async (how, context) => {
        const intentId = `${how}${letter}.1`;
        scripted(desk, intentId, [{ what, fault: { kind: 'reset', at: 'after' } }]);
        const met = counting(desk, venue, 'outage_met');
        const result = await tradedWhile(desk, intentOf(intentId, `${how}${letter}`), async () => {
          await isFilledHere(intentId);
          desk.venues.script.command(venue, { command: 'outage', how, forMs: OUTAGE_MS });
        });

        expect(atVenues(desk, intentId)).toEqual(bothFilled);
        expect(result).toMatchObject(MATCHED);
        tellFault(context, { fault: `outage ${how}`, venue, injected: met(), end: endOf(result) });
        await readyToTrade(desk);
      },
    );

    test.for(outageKinds)(
      'an outage (%s) in the middle of an exit: it is sold when the venue is back',
      async (how, context) => {
        const intentId = `${how}exit${letter}.1`;
        nothingElsewhere(intentId);
        const met = counting(desk, venue, 'outage_met');
        const result = await tradedWhile(
          desk,
          intentOf(intentId, `${how}exit${letter}`),
          async () => {
            await isFilledHere(intentId);
            desk.venues.script.command(venue, { command: 'outage', how, forMs: OUTAGE_MS });
          },
        );

        expect(result).toMatchObject(SOLD);
        // One that never arrived may have gone before: the rung of the sale is not said.
        const ends = (lines: readonly string[]) => lines.map((line) => line.replace(/\/\d+ /, ' '));
        expect(ends(atVenues(desk, intentId))).toEqual(ends(sold[venue]));
        tellFault(context, {
          fault: `outage ${how} in an exit`,
          venue,
          injected: met(),
          end: endOf(result),
        });
        await readyToTrade(desk);
      },
    );

    test.for(outageKinds)('while it is out (%s) no trade begins', async (how, context) => {
      const intentId = `${how}no${letter}.1`;
      const connected = counting(desk, venue, 'outage_stream_met');
      const out = commanded(desk, venue, { command: 'outage', how, forMs: LONG_MS });
      let denied = '';
      await soon(async () => {
        const { verdict } = await desk.client.arbitrage(
          intentOf(`${intentId}.${Date.now()}`, `${how}no${letter}`, { edgeMin: '0.99' }),
        );
        denied = verdict.kind === 'denied' ? verdict.denial.code : '';
        expect(denied).toMatch(/BOOK|STALE/);
      });
      const { verdict } = await desk.client.arbitrage(intentOf(intentId, `${how}no${letter}`));
      await soon(() => expect(connected() + out.injected()).toBeGreaterThanOrEqual(1));
      desk.venues.script.command(venue, { command: 'resume' });
      expect(verdict).toMatchObject({ kind: 'denied', denial: { code: denied } });
      expect(atVenues(desk, intentId)).toEqual([]);
      const met = () => connected() + out.injected();
      tellCommand(context, { ...out, injected: met }, `denied: ${denied}`);
      await readyToTrade(desk);
    });
  });
}

test('afterwards our books are the venues’ ledgers', async () => {
  await booksAgree(desk);
});
