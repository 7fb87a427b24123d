import { CancellationScope } from '@temporalio/workflow';
import type { ArbitrageIntent, TradeResult, Wire } from '../domain/index.js';
import type { CarriedTrade, FiredBefore } from './carried-trade.js';
import { endAs, recordEnd } from './close-trade.js';
import {
  admit,
  adoptFired,
  answersOf,
  evidenceOf,
  exitOnce,
  fireLegs,
  freezeForUnknown,
  reportBreak,
} from './desk-activities.js';
import { openTradeDesk, type TradeDesk } from './trade-desk.js';

/**
 * One arbitrage, from intent to the last cent: docs/architecture.md, "How an order travels".
 *
 * 1. Nothing is fired that was not admitted; a second run of the same intent only tells what was.
 * 2. A shot is one attempt. Its silence is `unknown`, and only evidence ends the doubt.
 * 3. What is on the wire cannot be un-asked: cancelling stops new risk, the rest runs on.
 * 4. What an engine has `fired` before it was a trade is adopted, not admitted: it was sent, and is
 *    never sent again, whatever happens in between.
 * 5. The certain excess is got rid of at once; the trade ends when every row is final, and its end
 *    has every row that it was told of.
 */
export async function arbitrage(
  intent: Wire<ArbitrageIntent>,
  carried?: CarriedTrade | null,
  fired?: FiredBefore,
): Promise<Wire<TradeResult>> {
  const desk = openTradeDesk(intent, carried, fired); // state and every handler, before the first await

  return CancellationScope.nonCancellable(async () => {
    if (!desk.isAdmitted()) await takeIn(desk, fired);
    if (desk.mayFire()) desk.fired(await fireLegs(desk.shot(), desk.engineHost()));
    if (fired && desk.awaitsAnswers()) {
      desk.fired(await answersOf(desk.answersRequest(fired.shot)));
    }

    for (;;) {
      await takeSteps(desk);
      const result = await recordEnd(desk);
      if (result) return endAs(result);
    }
  });
}

async function takeIn(desk: TradeDesk, fired: FiredBefore | undefined): Promise<void> {
  if (fired) desk.adopted(await adoptFired(desk.adoptRequest(fired.shot)));
  else desk.admitted(await admit(desk.admitRequest()));
}

/** Until there is nothing left to do. */
async function takeSteps(desk: TradeDesk): Promise<void> {
  for (let next = desk.nextStep(); next.kind !== 'done'; next = desk.nextStep()) {
    switch (next.kind) {
      case 'ask':
        desk.learned(await evidenceOf(desk.question(next.clientOrderIds)));
        break;
      case 'exit':
        desk.exitTried(await exitOnce(desk.exitRequest(next)));
        break;
      case 'freeze':
        desk.frozenForUnknown(await freezeForUnknown(desk.unknownFreeze(next.clientOrderId)));
        break;
      case 'report':
        desk.overruledReported(await reportBreak(desk.breakReport(next.found)));
        break;
      case 'wait':
        await desk.changes(next);
        break;
    }
    await desk.continueInNewRunIfLong();
  }
}
