import { expect } from 'vitest';
import type { ArmedHandle, FireAnswer, FireFirstClient } from '../../client/index.js';
import type { ArbitrageIntent, ArmRequest, Wire } from '../../domain/index.js';
import type { TestDesk } from './desk.js';
import { armRequestOf, mustBeArmed } from './desk-armed.js';
import { endOf, expectEnd, inTime } from './desk-ends.js';
import { intentOf } from './desk-intent.js';

// What a strategy does at the doors of a real engine of its host.

export async function arm(
  desk: TestDesk,
  pairId: string,
  change: Partial<Wire<ArmRequest>>,
): Promise<ArmedHandle> {
  return mustBeArmed(await desk.client.arm(armRequestOf(pairId, change)));
}

/** Over, with its lease closed. */
export async function disarm(armed: ArmedHandle): Promise<void> {
  await armed.disarm({ by: 'test', why: 'it is over' });
  expect(await armed.result()).toMatchObject({ kind: 'disarmed' });
}

/** Whoever fires first has a receipt before its trade has begun. */
export async function isMatched(desk: TestDesk, intentId: string): Promise<void> {
  const trade = desk.client.trade(intentId);
  await inTime(() => trade.state());
  expectEnd(await endOf(trade), { kind: 'matched' });
}

export const fireFirst = (
  intentId: string,
  pairId: string,
  of: Pick<Wire<ArbitrageIntent>, 'host'> & Partial<Wire<ArbitrageIntent>>,
): Wire<ArbitrageIntent> => intentOf(intentId, pairId, { door: 'fire_first', ...of });

/** All that it may buy, of both legs. */
export const fire = (
  door: Pick<FireFirstClient, 'fire'>,
  intent: Wire<ArbitrageIntent>,
): Promise<FireAnswer> =>
  door.fire({ intent, quantity: { yes: intent.contractsMax, no: intent.contractsMax } });
