import { setTimeout } from 'node:timers/promises';
import { HELD_BACK, isHeldBack, type SendOutcome } from '../domain/index.js';
import { legsHeard } from '../store/index.js';
import { tell } from './tell.js';
import type { AnswersRequest, LegOutcome } from './trade-activities.js';
import type { TradingDesk } from './trading-desk.js';

/** An answer is told within milliseconds of being heard; each look is a read by the shot's name. */
const LOOK_EVERY_MS = 10;

/**
 * What became of a shot that an engine has fired, in the words of `fireLegs`: waits until the answers
 * to both legs are told, as long as a trade waits for answers. What was not told by then is unknown,
 * and asked about. Asked again it says what is known by then; it never sends.
 */
export async function answersOf(
  desk: TradingDesk,
  { workflowId, shot, pair, terms, story }: AnswersRequest,
): Promise<readonly LegOutcome[]> {
  const untilMs = desk.nowMs() + terms.answerTimeoutMs;
  let legs = await legsHeard(desk.db, shot);
  while (legs.some(({ outcome }) => !outcome) && desk.nowMs() < untilMs) {
    await setTimeout(LOOK_EVERY_MS);
    legs = await legsHeard(desk.db, shot);
  }
  await tell(desk, workflowId, story);
  return legs.map(({ clientOrderId, venue, outcome = SILENCE }) => {
    const isAtHome = outcome.kind === 'notSent' && isHeldBack(pair, venue);
    return { clientOrderId, outcome: isAtHome ? HELD_BACK : outcome };
  });
}

const SILENCE: SendOutcome = {
  kind: 'unknown',
  code: 'NO_ANSWER',
  reason: 'its engine has told no answer for as long as the trade waits',
};
