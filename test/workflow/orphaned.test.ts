import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { money, price, quantity } from '../../domain/index.js';
import { auditLines, closeBreak, confirmKilled, openBreak } from '../../store/index.js';
import type { Start } from '../store/engine-desk.js';
import { openTestDesk, type TestDesk } from '../support/desk.js';
import {
  ArmedShots,
  armRequestOf,
  leasesOfPair,
  mustBeArmed,
  standsAt,
} from '../support/desk-armed.js';
import { soon } from '../support/desk-ends.js';
import { quickTerms } from '../support/desk-terms.js';
import { ACCOUNT } from '../support/desk-venues.js';
import { type StandInAnswers, startEngineStandIn } from '../support/engine-stand-in.js';
import { ownPairs } from '../support/own-pairs.js';

// Engines are stand-ins that are silent, die, and start again with their journal or without it.
let desk: TestDesk;
beforeAll(async () => {
  const named = ['silent', 'dies', 'kept', 'lost', 'stray'];
  const pairs = Object.fromEntries(named.map((name) => [name, {}]));
  desk = await openTestDesk({ pairs, hasEngine: false });
});
afterAll(async () => desk.close());

const armed = async (...asked: Parameters<typeof armRequestOf>) =>
  mustBeArmed(await desk.client.arm(armRequestOf(...asked)));

const leasesOf = async (pairId: string) => leasesOfPair(desk, pairId);

test('an engine that nobody hears is the verdict; it is asked until one has let the pair go', async () => {
  const silent = await ownPairs(desk, 'host-silent', ['silent']);
  const { verdict, handle } = await desk.client.arm(armRequestOf('silent'));
  expect(verdict).toMatchObject({
    denial: { code: 'NOT_ARMED', host: 'host-silent', reason: /no engine of its host/ },
  });
  await standsAt(handle, 'disarming');
  await expect(desk.client.arm(armRequestOf('silent'))).rejects.toThrow(/it ends/);
  const late = await startEngineStandIn(desk, 'host-silent', { start: silent });
  try {
    expect(await handle.result()).toMatchObject({ kind: 'denied', by: 'host-silent' });
    expect(await leasesOf('silent')).toMatchObject([{ closed_how: 'disarmed' }]);
  } finally {
    await late.close();
  }
});

describe('an engine that dies', () => {
  const HOST_DYING = 'host-dying';

  const readWhole =
    (dead: Start): NonNullable<StandInAnswers['sweep']> =>
    (epoch) => ({
      ...{ kind: 'journal_read', journal: dead.journal, epoch, isWhole: true, unacknowledged: [] },
    });

  test('its next start reads the journal; the rest of the budget is lent to that, under a new name', async () => {
    const dead = await ownPairs(desk, HOST_DYING, ['dies']);
    const dying = await startEngineStandIn(desk, HOST_DYING, { start: dead });
    const handle = await armed('dies');
    const fired = new ArmedShots(desk, dead);
    await fired.told('dies', 1);
    await fired.adopted('dies', 1);
    await dying.close();
    await confirmKilled(desk.db, { processId: dead.process, atMs: Date.now() });
    await standsAt(handle, 'sweeping');

    const next = await ownPairs(desk, HOST_DYING, ['dies']);
    const alive = await startEngineStandIn(desk, HOST_DYING, {
      ...{ start: next, sweep: readWhole(dead) },
    });
    try {
      await standsAt(handle, 'armed');
      expect(alive.swept).toContain(dead.epoch);
      const leases = await leasesOf('dies');
      expect(leases).toMatchObject([
        { exposure: '102.96', closed_how: 'journal_read', process_id: dead.process },
        { exposure: '102.96', closed_at: null, process_id: next.process },
      ]);
      expect(alive.armings.map(({ leaseId }) => leaseId)).toEqual([leases[1]?.lease_id]);
      await handle.disarm({ by: 'anna', why: 'over' });
      expect(await handle.result()).toMatchObject({
        ...{ kind: 'disarmed', shots: 1 },
        left: { exposure: money('102.96'), contracts: quantity('100') },
      });
    } finally {
      await alive.close();
    }
  });

  /** A pair whose engine has died, as lent until now, and the next start of its host. */
  async function orphaned(pairId: string, sweep: NonNullable<StandInAnswers['sweep']>) {
    const host = `host-${pairId}`;
    const dead = await ownPairs(desk, host, [pairId]);
    const dying = await startEngineStandIn(desk, host, { start: dead });
    const handle = await armed(pairId);
    await dying.close();
    await confirmKilled(desk.db, { processId: dead.process, atMs: Date.now() });
    const start = await ownPairs(desk, host, [pairId]);
    const alive = await startEngineStandIn(desk, host, { start, sweep });
    return { dead, handle, alive };
  }

  /** Its term is over, so that nothing more of it can arrive. */
  const expired = async (pairId: string): Promise<unknown> =>
    desk.db
      .updateTable('leases')
      .set({ expires_at: sql<Date>`clock_timestamp()` })
      .where('pair_id', '=', pairId)
      .execute();

  test('a journal that comes back in time closes it, whole; until then the lease stays counted, and says why', async () => {
    let dead: Start | undefined;
    const { handle, alive, ...was } = await orphaned('kept', (epoch) =>
      dead ? readWhole(dead)(epoch) : { kind: 'not_there' },
    );
    try {
      await soon(async () => {
        const { stage, pause } = await handle.state();
        expect([stage, pause?.why]).toEqual(['sweeping', expect.stringMatching(/journal is lost/)]);
      });
      expect(await leasesOf('kept')).toMatchObject([{ closed_at: null }]);
      ({ dead } = was);
      await handle.disarm({ by: 'anna', why: 'it is not coming back' });
      expect(await handle.result()).toMatchObject({ kind: 'disarmed' });
      expect(await leasesOf('kept')).toMatchObject([{ closed_how: 'journal_read' }]);
    } finally {
      await alive.close();
    }
  });

  test('where its journal is lost, venues that show none of its orders close it, and the rest is lent anew', async () => {
    const { handle, alive } = await orphaned('lost', () => ({ kind: 'not_there' }));
    try {
      await expired('lost');
      await soon(async () => {
        expect(await handle.state()).toMatchObject({ stage: 'armed', grants: 2 });
      });
      expect(alive.swept.length).toBeGreaterThanOrEqual(5);
      const [first, second] = await leasesOf('lost');
      expect([first, second]).toMatchObject([
        { closed_how: 'venue_pages', exposure: '200' },
        { closed_at: null, exposure: '200' },
      ]);
      const lines = await auditLines(desk.db, 20);
      const { latenessMs } = quickTerms;
      const page = { ordersResolved: 0 };
      expect(lines.find(({ subject }) => subject === first?.lease_id)).toMatchObject({
        ...{ action: 'close_lease', by: 'legwork' },
        detail: { evidence: { kind: 'venue_pages', latenessMs, venues: [page, page] } },
      });
      await handle.disarm({ by: 'anna', why: 'over' });
      await handle.result();
    } finally {
      await alive.close();
    }
  });

  test('an order that nobody explains keeps it counted, by its name, until an operator has looked', async () => {
    const { handle, alive } = await orphaned('stray', () => ({ kind: 'not_there' }));
    const venueOrderId = byHand('stray');
    try {
      await expired('stray');
      await soon(async () => {
        const { stage, pause } = await handle.state();
        expect([stage, pause?.why]).toEqual(['sweeping', expect.stringContaining(venueOrderId)]);
        expect(pause?.tries).toBeGreaterThanOrEqual(3);
      });
      expect(await leasesOf('stray')).toMatchObject([{ closed_at: null }]);
      await handle.disarm({ by: 'anna', why: 'it was mine' });
      await lookedAt(venueOrderId);
      expect(await handle.result()).toMatchObject({ kind: 'disarmed' });
      expect(await leasesOf('stray')).toMatchObject([{ closed_how: 'venue_pages' }]);
    } finally {
      await alive.close();
    }
  });
});

/** Seven contracts that somebody buys at the venue itself, or an engine whose journal is lost. */
function byHand(pairId: string): string {
  const { market } = desk.pairs.pair(pairId).kalshi;
  const id = randomUUID();
  const placed = desk.venues.kalshi.exchange.place({
    ...{ account: ACCOUNT, market, outcome: 'no', side: 'buy', limitPrice: price('0.99') },
    ...{ fixed: { kind: 'contracts', contracts: quantity('7') }, timeInForce: 'IOC' },
    ...{ venueOrderId: id, clientKey: id, isReduceOnly: false, isPostOnly: false },
  });
  if (placed.kind === 'refused') throw new Error(placed.reason);
  return id;
}

/** An operator closes the break of each of its fills, before it is one. */
async function lookedAt(venueOrderId: string): Promise<void> {
  const fills = await desk.db
    .selectFrom('venue_entries')
    .select(['venue', 'source', 'execution_id'])
    .where('source', '=', venueOrderId)
    .execute();
  for (const { venue, source, execution_id: execution } of fills) {
    const found = { kind: 'entry_without_order', key: `${venue}/${source}/${execution}` };
    await openBreak(desk.db, { ...found, detail: {}, atMs: Date.now() });
    await closeBreak(desk.db, { ...found, by: 'anna', why: 'by hand', atMs: Date.now() });
  }
}
