import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import {
  type ArbitrageIntent,
  arbitrageWorkflowId,
  fromWire,
  intentDigest,
  type TradeState,
  toWire,
  type Wire,
} from '../domain/index.js';
import { stateQuery, type Verdict, verdictUpdate } from '../workflows/messages.js';

/**
 * What became of an intent that an engine fires: asked, never started, because only who has fired it
 * may start it. What no engine has brought to a workflow yet is denied here, and nothing is written:
 * its engine may still start it.
 */
export async function askVerdict(
  temporal: Client,
  { intentId, door }: ArbitrageIntent,
  wire: Wire<ArbitrageIntent>,
): Promise<Verdict> {
  const trade = temporal.workflow.getHandle(arbitrageWorkflowId(intentId));
  try {
    return await trade.executeUpdate(verdictUpdate);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
  const mismatch = { kind: 'denied', denial: { code: 'INTENT_MISMATCH', door } } as const;
  try {
    return verdictOf(fromWire<TradeState>(await trade.query(stateQuery))) ?? unheard();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return unheard();
    throw error;
  }

  function unheard(): Verdict {
    return { ...mismatch, digest: intentDigest(wire) };
  }
}

/** Of a trade that has ended; `undefined` where it ended before anything was decided. */
function verdictOf({ intent, admission }: TradeState): Verdict | undefined {
  const said = admission?.kind === 'repeated' ? admission.verdict : admission;
  if (!said) return undefined;
  const digest = intentDigest(toWire(intent));
  if (said.kind === 'approved') return { kind: 'approved', digest };
  return { kind: 'denied', digest, denial: toWire(said.denial) };
}
