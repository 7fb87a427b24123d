import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CrashDesk, openCrashDesk } from '../support/crash-desk.js';
import { endsAs } from '../support/crash-ends.js';
import { recoveryFigures, recoveryOf } from '../support/crash-recovery.js';
import { ownEnds, playOut, scenarios } from '../support/crash-scenarios.js';
import { type CrashServers, openCrashServers } from '../support/crash-servers.js';
import { rulesOfFault } from '../support/desk-venues.js';
import { tellFigures } from '../support/figures.js';
import { KillableVenue } from '../support/killable-venue.js';

/** Its legs are out, one is in doubt and will fill: a trade that has everything still to do. */
const OPEN_TRADE = 'YES is taken, not answered and filled late';
/** Longer than any of them is away: without them its end is not reached. */
const LATE_FILL_MS = 6_000;
const TRIES_MAX = 20;

const names = ['temporal', 'postgres', 'simulator'] as const;
const pairs = Object.fromEntries(names.map((name) => [name, {}]));

let servers: CrashServers;
let venue: KillableVenue;
let desk: CrashDesk;

beforeAll(async () => {
  servers = await openCrashServers();
  venue = new KillableVenue(pairs, names.flatMap(silentOf));
  const openVenues = venue.open.bind(venue);
  desk = await openCrashDesk(pairs, { servers, openVenues, lateFillMs: LATE_FILL_MS });
});
afterAll(async () => {
  await desk.close();
  await servers.stop();
});

test.for(names)(
  '%s is killed while a trade is open, and comes back',
  { timeout: 180_000 },
  async (name, context) => {
    let killedAtMs = 0;
    const meanwhile = async (): Promise<void> => {
      killedAtMs = await (name === 'simulator' ? venue.killed() : servers.killed(name));
    };
    const played = await playOut(desk, { name: OPEN_TRADE, pairId: name, meanwhile });

    // A busy machine may be too late with YES before anybody is killed.
    const end = await endsAs(desk, played, [...ownEnds(OPEN_TRADE), 'YES bought by an exit']);
    expect(killedAtMs).toBeGreaterThan(0);
    const recovery = await recoveryOf(desk.temporal, played.tried, killedAtMs);
    // It was open, or nothing would have been left to decide.
    if (recovery.decidedMs === undefined) throw new Error('the trade had ended before the kill');
    tellFigures(context, 'servers killed', {
      ...{ server: name, end, ...recoveryFigures(recovery) },
    });
  },
);

/** The venue in a process of its own is told before it starts, whichever try it will be. */
function silentOf(pairId: string) {
  return Array.from({ length: TRIES_MAX }, (_, index) =>
    rulesOfFault({
      ...{ intentId: `${pairId}.${index + 1}`, what: 'entry/yes' },
      kinds: scenarios[OPEN_TRADE].faults['entry/yes'],
    }),
  ).flat();
}
