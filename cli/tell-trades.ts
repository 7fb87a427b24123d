import type { ArbitrageHandle } from '../client/index.js';
import type { OpenTrade } from '../store/index.js';
import { type Desk, within } from './desk.js';
import { intentIdFrom } from './trade-name.js';

/** Which running trades heard of it. One that did not is told again by running the command again. */
export interface Told {
  readonly told: readonly string[];
  readonly untold: readonly { readonly workflowId: string; readonly why: string }[];
}

const SIGNAL_WAIT_MS = 2_000;

/** Signals trades one by one, all at once; each has its own deadline, so a lost one delays no other. */
export async function tellTrades(
  desk: Desk,
  trades: readonly OpenTrade[],
  tell: (handle: ArbitrageHandle) => Promise<void>,
): Promise<Told> {
  const outcomes = await Promise.all(trades.map(async (trade) => outcomeOf(desk, trade, tell)));
  return {
    told: outcomes.filter(({ why }) => why === undefined).map(({ workflowId }) => workflowId),
    untold: outcomes.flatMap(({ workflowId, why }) =>
      why === undefined ? [] : [{ workflowId, why }],
    ),
  };
}

async function outcomeOf(
  desk: Desk,
  { workflowId }: OpenTrade,
  tell: (handle: ArbitrageHandle) => Promise<void>,
): Promise<{ readonly workflowId: string; readonly why?: string }> {
  try {
    const client = await desk.client();
    await within(
      SIGNAL_WAIT_MS,
      tell(client.trade(intentIdFrom(workflowId))),
      () => new Error('no answer'),
    );
    return { workflowId };
  } catch (error) {
    return { workflowId, why: error instanceof Error ? error.message : String(error) };
  }
}
