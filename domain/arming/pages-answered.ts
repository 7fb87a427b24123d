import { askAgainInMs, isAbsent, MISSES_MIN } from '../absence.js';
import { assert } from '../assert.js';
import { instrumentKey } from '../instrument.js';
import { calm, paused } from './arming-pause.js';
import type { ArmingState, HeldLease, LostJournal } from './arming-state.js';
import { type Heard, leaseOf } from './arming-transitions.js';
import type { PagesRead, StrayOrder, VenuePages } from './lease-pages.js';

type Reading = Extract<PagesRead, { kind: 'pages_read' }>;

/**
 * What the pages of its venues say of a lease whose journal cannot be read.
 *
 * 1. They close it once they have shown none of its orders as often as an absent order is missed
 *    (`isAbsent`): after none could arrive any more, and spread over as long again.
 * 2. An order that no row of ours explains may be of it: it stays counted, and what was missed before
 *    counts no more.
 * 3. A venue that does not answer proves nothing, and takes nothing back.
 * 4. Whatever they say, the journal is asked for again before they are: whole, it says more.
 */
export function pagesAnswered(
  state: ArmingState,
  answer: Heard<PagesRead>,
  nowMs: number,
): ArmingState {
  const lease = leaseOf(state);
  const { lost } = lease;
  assert(lost?.isSearchDue === true, 'pages are read for a journal that is not there');
  const unread = { ...lost, isSearchDue: false };
  const because = (why: string): string => `its journal is ${lost.journal}${why}`;
  if (answer.kind !== 'pages_read') {
    return paused(withLost(state, unread), because(unreadText(answer)), nowMs);
  }
  const asked = (lost.asked ?? lost.missedAtMs.length) + 1;
  const searched = { ...unread, asked };
  const strays = answer.venues.flatMap((venue) => venue.strays);
  const [first, ...others] = strays;
  if (first) {
    const missed = withLost(state, { ...searched, missedAtMs: [] });
    return paused(missed, because(strayText(first, others.length)), nowMs);
  }
  const { askedAtMs } = answer;
  const missedAtMs = isPastArrival(answer) ? [...lost.missedAtMs, askedAtMs] : [];
  if (isAbsent({ ...answer, missedAtMs })) {
    const evidence = evidenceOf(answer, { asked, missedAtMs });
    return { ...calm(state), stage: 'closing', lease: { ...lease, evidence } };
  }
  const tries = (state.pause?.tries ?? 0) + 1;
  const pause = {
    tries,
    untilMs: nowMs + askAgainInMs(answer),
    why: because(missedText(missedAtMs)),
  };
  return { ...withLost(state, { ...searched, missedAtMs }), pause };
}

const isPastArrival = ({ askedAtMs, notAfterMs, latenessMs }: Reading): boolean =>
  askedAtMs > notAfterMs + latenessMs;

function withLost(state: ArmingState, lost: LostJournal): ArmingState {
  const lease: HeldLease = { ...leaseOf(state), lost };
  return { ...state, lease };
}

function evidenceOf(
  { askedAtMs, latenessMs, venues }: Reading,
  counts: Pick<VenuePages, 'asked' | 'missedAtMs'>,
): VenuePages {
  const shown = venues.map(({ venue, fromMs, resolved }) => ({
    ...{ venue, fromMs, untilMs: askedAtMs, ordersResolved: resolved },
  }));
  return { kind: 'venue_pages', latenessMs, ...counts, venues: shown };
}

function unreadText(answer: Exclude<Heard<PagesRead>, { kind: 'pages_read' }>): string {
  if (answer.kind === 'silent') return `, and its venues' pages were not read: ${answer.reason}`;
  return `, and ${answer.venue} does not show its pages: ${answer.code}`;
}

/** Which order it is, and what an operator has to do about it. */
function strayText({ venueOrderId, instrument, isOpen }: StrayOrder, others: number): string {
  const more = others === 0 ? '' : ` (and ${String(others)} more)`;
  const order = `order ${venueOrderId} of ${instrumentKey(instrument)}${more}`;
  if (isOpen) return `, and no row of ours explains ${order}, which is open: custody cancels it`;
  const what = 'say whose it is by closing its break (legwork status, legwork resolve)';
  return `, and no row of ours explains ${order}, which traded since the grant: ${what}`;
}

function missedText({ length }: readonly number[]): string {
  const shown = ": its venues' pages show no order of it";
  if (length === 0) return `${shown}, but one may still arrive`;
  return `${shown}, ${String(length)} of ${String(MISSES_MIN)} times`;
}
