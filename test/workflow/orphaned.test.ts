import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { money, quantity } from '../../domain/index.js';
import { confirmKilled } from '../../store/index.js';
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
import { type StandInAnswers, startEngineStandIn } from '../support/engine-stand-in.js';
import { ownPairs } from '../support/own-pairs.js';

// Engines are stand-ins that are silent, die, and start again with their journal or without it.
let desk: TestDesk;
beforeAll(async () => {
  const named = ['silent', 'dies', 'lost'];
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

  test('a journal that is lost closes nothing: the lease stays counted, and it says why it waits', async () => {
    const dead = await ownPairs(desk, HOST_DYING, ['lost']);
    const dying = await startEngineStandIn(desk, HOST_DYING, { start: dead });
    const handle = await armed('lost');
    await dying.close();
    await confirmKilled(desk.db, { processId: dead.process, atMs: Date.now() });
    const next = await ownPairs(desk, HOST_DYING, []);
    let isFound = false;
    const alive = await startEngineStandIn(desk, HOST_DYING, {
      start: next,
      sweep: (epoch) => (isFound ? readWhole(dead)(epoch) : undefined) ?? { kind: 'not_there' },
    });
    try {
      await soon(async () => {
        const { stage, pause } = await handle.state();
        expect([stage, pause?.why]).toEqual(['sweeping', expect.stringMatching(/journal is lost/)]);
      });
      expect(await leasesOf('lost')).toMatchObject([{ closed_at: null }]);
      isFound = true;
      await handle.disarm({ by: 'anna', why: 'it is not coming back' });
      expect(await handle.result()).toMatchObject({ kind: 'disarmed' });
    } finally {
      await alive.close();
    }
  });
});
