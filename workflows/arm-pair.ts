import { CancellationScope } from '@temporalio/workflow';
import type { ArmingEnd, ArmRequest, Wire } from '../domain/index.js';
import {
  closeLease,
  engineAt,
  lend,
  pagesOfLease,
  recall,
  stopLease,
} from './arming-activities.js';
import { openArmingDesk } from './arming-desk.js';
import type { CarriedArming } from './arming-messages.js';

/**
 * Lends a part of the limits to the engine that owns a pair, for as long as it is armed
 * (docs/architecture.md, "Armed").
 *
 * 1. Nothing is armed that was not reviewed and set aside; each start of an engine gets a lease of its
 *    own.
 * 2. A lease counts until evidence shows that nothing of it can be spent unseen and each of its shots
 *    is a trade. What cannot be closed is tried again, for ever, and shown.
 * 3. Whether an engine has heard is never guessed: one that did not answer is disarmed.
 * 4. Cancelling it is disarming it.
 */
export async function armPair(
  request: Wire<ArmRequest>,
  carried?: CarriedArming,
): Promise<Wire<ArmingEnd>> {
  const desk = openArmingDesk(request, carried); // state and every handler, before the first await

  return CancellationScope.nonCancellable(async () => {
    for (let next = desk.nextStep(); next.kind !== 'done'; next = desk.nextStep()) {
      switch (next.kind) {
        case 'lend':
          desk.lendAnswered(await lend(desk.lendRequest()));
          break;
        case 'recall':
          desk.recalled(await recall(desk.recalling()));
          break;
        case 'arm':
          desk.armAnswered(desk.version(), await engineAt(desk.host(), 'Arm').arm(desk.arming()));
          break;
        case 'stop':
          desk.stopped(await stopLease(desk.lease()), next.ending);
          break;
        case 'disarm':
          desk.disarmAnswered(await engineAt(desk.host(), 'Disarm').disarm(desk.disarming()));
          break;
        case 'sweep':
          desk.sweepAnswered(await engineAt(desk.host(), 'Sweep').sweep(desk.sweeping()));
          break;
        case 'search':
          desk.pagesAnswered(await pagesOfLease(desk.lease()));
          break;
        case 'close':
          desk.closeAnswered(await closeLease(desk.closing()));
          break;
        case 'wait':
          await desk.changes(next);
          break;
      }
      await desk.continueInNewRunIfLong();
    }
    return desk.end();
  });
}
