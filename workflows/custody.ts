import { allHandlersFinished, CancellationScope, condition } from '@temporalio/workflow';
import type { CustodyPlace } from '../domain/index.js';
import { adopt, attend, exitPosition, recordAdopted } from './custody-activities.js';
import { type CarriedCustody, openCustodyDesk } from './custody-desk.js';
import { evidenceOf, exitOnce, freezeForUnknown } from './desk-activities.js';

/**
 * Looks after one instrument of one account, for as long as anything there has no other owner
 * (docs/architecture.md, "Nothing without an owner").
 *
 * 1. It is told of cases by sweeps, operators and bookers; told twice, a case is one case.
 * 2. A trade that lost its workflow is carried to its end by the rules it was started with.
 * 3. What is on the wire cannot be un-asked: cancelling custody changes nothing, its cases end it.
 */
export async function custody(place: CustodyPlace, carried?: CarriedCustody): Promise<void> {
  const desk = openCustodyDesk(place, carried); // state and every handler, before the first await

  await CancellationScope.nonCancellable(async () => {
    for (let next = desk.nextStep(); next.kind !== 'done'; next = desk.nextStep()) {
      switch (next.kind) {
        case 'adopt':
          desk.adopted(next.item, await adopt(desk.adoptRequest(next.item)));
          break;
        case 'ask':
          desk.learned(next.item, await evidenceOf(desk.question(next)));
          break;
        case 'freeze':
          desk.frozen(next.item, await freezeForUnknown(desk.unknownFreeze(next)));
          break;
        case 'exit':
          desk.exitTried(next.item, await exitOnce(desk.exitRequest(next)));
          break;
        case 'record':
          await recordAdopted(desk.closing(next.item));
          desk.recorded(next.item);
          break;
        case 'attend':
          desk.attended(next.item, await attend(desk.attendRequest(next.item)));
          break;
        case 'exitPosition':
          desk.positionExitTried(next.item, await exitPosition(desk.positionExit(next.item)));
          break;
        case 'askOwn':
          desk.ownLearned(next.item, await evidenceOf(desk.ownQuestion(next)));
          break;
        case 'wait':
          await desk.changes(next);
          break;
      }
      await desk.continueInNewRunIfLong();
    }
    await condition(allHandlersFinished);
  });
}
