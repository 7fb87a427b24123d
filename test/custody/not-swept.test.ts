import { expect, test } from 'vitest';
import { type VenueName, venueNames } from '../../domain/index.js';
import { unsweptVenue } from '../../store/index.js';
import { openTestDesk, type TestDesk } from '../support/desk.js';
import { atVenues, soon, traded } from '../support/desk-ends.js';
import { intentOf } from '../support/desk-intent.js';
import { ACCOUNT } from '../support/desk-venues.js';

/** Longer than any of this takes: the venue comes back when the test says so. */
const OUT_MS = 600_000;

const placedAt = ({ venues }: TestDesk) =>
  venueNames.flatMap((venue) => venues[venue].exchange.orders({ account: ACCOUNT }));

/** How a new intent is answered before the sweep; the venue that is waited for. */
async function deniedFor(desk: TestDesk, intentId: string): Promise<VenueName> {
  const { verdict } = await desk.client.arbitrage(intentOf(intentId, 'early'));
  expect(verdict).toMatchObject({ kind: 'denied', denial: { code: 'CUSTODY_NOT_SWEPT' } });
  const isUnswept = verdict.kind === 'denied' && verdict.denial.code === 'CUSTODY_NOT_SWEPT';
  if (!isUnswept) throw new Error(`${intentId} was not denied for the sweep`);
  return verdict.denial.venue;
}

test.each(venueNames)(
  'at start, until %s has been swept, nothing is entered; after one sweep it is',
  async (out) => {
    const desk = await openTestDesk({ pairs: { early: {} }, isTrading: false });
    const { conditions } = desk.venues[out].exchange;
    try {
      conditions.goOut('refused', OUT_MS);
      const starting = desk.startTrading();
      let asked = 0;
      // The other venue answers: before long only this one is waited for.
      await soon(async () => {
        asked += 1;
        expect(await deniedFor(desk, `early.${asked}`)).toBe(out);
      });
      expect(await unsweptVenue(desk.db, ACCOUNT)).toBe(out);
      expect(placedAt(desk)).toEqual([]);

      conditions.resume();
      await starting;
      expect(await unsweptVenue(desk.db, ACCOUNT)).toBeUndefined();
      expect(placedAt(desk)).toEqual([]);
      const ended = await traded(desk, intentOf('early.swept', 'early'));
      expect(ended).toMatchObject({ kind: 'matched', contracts: 10_000_000_000n });
      expect(atVenues(desk, 'early.swept')).toHaveLength(2);
    } finally {
      conditions.resume();
      await desk.close();
    }
  },
  90_000,
);
