import { arbitrageWorkflowId, clientOrderIdOf, polymarketSalt } from '../../domain/index.js';
import { NOW_MS } from '../store/desk.js';
import type { ScriptedLedger } from './scripted-ledger.js';

// What a scripted ledger is given as its journal's.

/** A shot that was fired for a trade: YES by dollars at Polymarket, NO by contracts at Kalshi. */
export function shotOf(
  { epoch }: Pick<ScriptedLedger, 'epoch'>,
  sequence: number,
  change: object = {},
) {
  const intentId = `native.${epoch}.${sequence}`;
  const { yes, no } = ordersOf(intentId);
  return { sequence, intentId, unixMs: NOW_MS, legs: [yes, no], ...change };
}

export function ordersOf(intentId: string) {
  const workflowId = arbitrageWorkflowId(intentId);
  const [yesId, noId] = [
    clientOrderIdOf(workflowId, 'entry/yes', 0),
    clientOrderIdOf(workflowId, 'entry/no', 0),
  ];
  const yesBody = {
    order: { salt: polymarketSalt(yesId), makerAmount: '52000000', side: 'BUY', timestamp: '7' },
    orderType: 'FAK',
  };
  const noBody = {
    ...{ ticker: 'KXRAIN', client_order_id: noId, side: 'ask', count: '100.00' },
    ...{ time_in_force: 'immediate_or_cancel', reduce_only: false, order_group_id: 'group-1' },
  };
  const terms = { limitPrice: '0.52', legalMaximum: '100' };
  const yes = { instrument: '0xrain/yes', clientOrderId: yesId, ...terms };
  const no = { instrument: 'KXRAIN/no', clientOrderId: noId, ...terms };
  return {
    yes: { ...yes, body: JSON.stringify(yesBody) },
    no: { ...no, body: JSON.stringify(noBody) },
  };
}

export const named = (shot: ReturnType<typeof shotOf>, suffix: string) =>
  shot.legs.map((leg) => ({ ...leg, venueOrderId: `${leg.instrument}-${suffix}` }));

/** Whose answers both came. */
export function answeredOf(ledger: Pick<ScriptedLedger, 'epoch'>, sequence: number) {
  const shot = shotOf(ledger, sequence, { isWritten: true });
  return { ...shot, legs: named(shot, String(sequence)) };
}

export const idsOf = (intentId: string): readonly [string, string] => {
  const { yes, no } = ordersOf(intentId);
  return [yes.clientOrderId, no.clientOrderId];
};
