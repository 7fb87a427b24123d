import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { outageKinds } from '../../venues/simulation/index.js';
import { openTestDesk, type TestDesk } from '../support/desk.js';
import { atVenues, expectEnd, frozenPairs, soon } from '../support/desk-ends.js';
import { intentOf } from '../support/desk-intent.js';
import { quickTerms } from '../support/desk-terms.js';
import {
  booksAgree,
  bothFilled,
  commanded,
  counting,
  isFilledAtVenue,
  legs,
  MATCHED,
  nothingBeside,
  PATIENCE_MS,
  reconnecting,
  SOLD,
  scripted,
  soldAt,
  tellCommand,
  tellFault,
  tradedWhile,
} from './fault-desk.js';

// A venue is away for a minute. One after the other: it is away from every trade there.

const LONG_MS = 600_000;
/**
 * A minute, in the durations of these terms: in trading an answer is given up after 3 s, a pair with
 * an unknown order freezes after 5 s, and both are long past when the venue is back.
 */
const OUTAGE_MS = 2_000;
const UNKNOWN_MS_MAX = 150;

const pairs = legs.flatMap(({ letter }) =>
  outageKinds.flatMap((how) => [`${how}${letter}`, `${how}exit${letter}`, `${how}no${letter}`]),
);

let desk: TestDesk;
beforeAll(async () => {
  desk = await openTestDesk({
    pairs: Object.fromEntries(pairs.map((pairId) => [pairId, {}])),
    terms: {
      exit: { ...quickTerms.exit, refusalWaitMsMax: 20_000 },
      answerTimeoutMs: PATIENCE_MS,
      unknownMaxMs: UNKNOWN_MS_MAX,
    },
    policy: { bookSilenceMsMax: 4_000 },
  });
});
afterEach(() => {
  for (const { venue } of legs) desk.venues.script.command(venue, { command: 'resume' });
});
afterAll(async () => desk.close());

for (const { venue, what, letter } of legs) {
  describe(`at ${venue}`, () => {
    /** It goes out once it has filled this leg; nobody has heard of that, or all of it is left to sell. */
    const outOnceFilled = async (intentId: string, how: (typeof outageKinds)[number]) => {
      await isFilledAtVenue(desk, intentId, what);
      desk.venues.script.command(venue, { command: 'outage', how, forMs: OUTAGE_MS });
    };

    test.for(outageKinds)(
      'an outage (%s) after the order: its pair freezes, the order is found when the venue is back, and it thaws',
      async (how, context) => {
        const pairId = `${how}${letter}`;
        const intentId = `${pairId}.1`;
        scripted(desk, intentId, [
          { what, fault: { kind: 'reset', at: 'after' } },
          { what, fault: { kind: 'report_lost' } },
        ]);
        const met = counting(desk, venue, 'outage_met');
        const reconnected = reconnecting(desk, venue);
        const result = await tradedWhile(desk, intentOf(intentId, pairId), async () => {
          await outOnceFilled(intentId, how);
          await soon(async () => expect(await frozenPairs(desk)).toContain(pairId));
          expect(desk.venues[venue].exchange.conditions.outage, 'it froze while out').toBe(how);
        });

        expectEnd(result, MATCHED);
        expect(atVenues(desk, intentId)).toEqual(bothFilled);
        expect(await frozenPairs(desk)).not.toContain(pairId);
        tellFault(context, { fault: `outage ${how}`, venue, injected: met(), end: result.kind });
        await reconnected();
      },
    );

    test.for(outageKinds)(
      'an outage (%s) in the middle of an exit: it is sold when the venue is back',
      async (how, context) => {
        const pairId = `${how}exit${letter}`;
        const intentId = `${pairId}.1`;
        nothingBeside(desk, intentId, what);
        const met = counting(desk, venue, 'outage_met');
        const reconnected = reconnecting(desk, venue);
        const result = await tradedWhile(desk, intentOf(intentId, pairId), () =>
          outOnceFilled(intentId, how),
        );

        expectEnd(result, SOLD);
        // One that never arrived may have gone before: the rung of the sale is not said.
        const ends = (lines: readonly string[]) => lines.map((line) => line.replace(/\/\d+ /, ' '));
        expect(ends(atVenues(desk, intentId))).toEqual(ends(soldAt[venue]));
        expect(await frozenPairs(desk)).not.toContain(pairId);
        const fault = `outage ${how} in an exit`;
        tellFault(context, { fault, venue, injected: met(), end: result.kind });
        await reconnected();
      },
    );

    test.for(outageKinds)('while it is out (%s) no trade begins', async (how, context) => {
      const pairId = `${how}no${letter}`;
      const intentId = `${pairId}.1`;
      const connected = counting(desk, venue, 'outage_stream_met');
      const reconnected = reconnecting(desk, venue);
      const out = commanded(desk, venue, { command: 'outage', how, forMs: LONG_MS });
      let denied = '';
      await soon(async () => {
        const { verdict } = await desk.client.arbitrage(
          intentOf(`${intentId}.${Date.now()}`, pairId, { edgeMin: '0.99' }),
        );
        denied = verdict.kind === 'denied' ? verdict.denial.code : '';
        expect(denied).toMatch(/BOOK|STALE/);
      });
      const { verdict } = await desk.client.arbitrage(intentOf(intentId, pairId));
      await soon(() => expect(connected() + out.injected()).toBeGreaterThanOrEqual(1));
      desk.venues.script.command(venue, { command: 'resume' });
      expect(verdict).toMatchObject({ kind: 'denied', denial: { code: denied } });
      expect(atVenues(desk, intentId)).toEqual([]);
      const met = () => connected() + out.injected();
      tellCommand(context, { ...out, injected: met }, `denied: ${denied}`);
      await reconnected();
    });
  });
}

test('afterwards our books are the venues’ ledgers', async () => {
  await booksAgree(desk);
});
