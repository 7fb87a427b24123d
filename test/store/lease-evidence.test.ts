import { expect, test } from 'vitest';
import type { VenuePages as Pages } from '../../domain/index.js';
import { closeLease, confirmKilled } from '../../store/index.js';
import { enoughPages, expired } from '../support/lease-evidence.js';
import { NOW_MS } from './desk.js';
import { lentStart, openEngineDesk } from './engine-desk.js';

const desk = openEngineDesk();

/** A lease whose holder was killed and that has expired; what would close it. */
async function lostWithItsHost(pairId: string): Promise<Pages> {
  const { process: processId } = await lentStart(desk, pairId);
  await confirmKilled(desk.db, { processId, atMs: NOW_MS });
  await expired(desk.db, `lease-${pairId}`);
  return enoughPages(desk.db, `lease-${pairId}`);
}

const close = async (pairId: string, evidence: Pages) =>
  closeLease(desk.db, { leaseId: `lease-${pairId}`, evidence, by: 'ada', why: 'a drill' });

test('where the journal is lost the venues’ pages close it, if they reach and show nothing', async () => {
  const enough = await lostWithItsHost('pages');
  const { venues, missedAtMs, latenessMs, asked } = enough;
  const [first = 0, ...others] = missedAtMs;
  const page = (change: object) => venues.map((venue) => ({ ...venue, ...change }));
  const moved = (ms: number) => missedAtMs.map((atMs) => atMs + ms);
  const aDay = 86_400_000;
  const tooShort: Readonly<Record<string, Partial<Pages>>> = {
    'of one venue alone': { venues: venues.slice(0, 1) },
    'from the grant, and its clock may be behind': {
      venues: page({ fromMs: (venues[0]?.fromMs ?? 0) + latenessMs }),
    },
    'whose last was of no venue': { venues: page({ untilMs: first }) },
    'of which four count': { missedAtMs: others },
    'of which one was told twice': { missedAtMs: [first, first, ...others.slice(1)] },
    'the first of which began while an order could arrive': {
      missedAtMs: [first - 2, ...others],
    },
    'too close together': { missedAtMs: [first + 1, ...others] },
    'of tomorrow': {
      missedAtMs: moved(aDay),
      venues: page({ untilMs: (venues[0]?.untilMs ?? 0) + aDay }),
    },
    'more than there were': { asked: asked - 1 },
    'that were never late': { latenessMs: 0 },
  };
  for (const [what, change] of Object.entries(tooShort)) {
    expect(await close('pages', { ...enough, ...change }), what).toBe('PAGES_TOO_SHORT');
  }
  expect(await close('pages', enough)).toBeUndefined();
});

test('evidence of before, which said neither how late nor how often, closes nothing any more', async () => {
  const { venues } = await lostWithItsHost('before');
  const shown = venues.map((venue) => ({ ...venue, ordersFound: 0 }));
  const before = { kind: 'venue_pages', venues: shown } as unknown as Pages; // of an older worker
  expect(await close('before', before)).toBe('PAGES_TOO_SHORT');
});
