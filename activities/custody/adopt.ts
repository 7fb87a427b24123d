import type { StoredTrade } from '../../domain/index.js';
import {
  type Adoption,
  custodyPlaceOfTrade,
  formatAmount,
  heldInRows,
} from '../../domain/index.js';
import {
  claimExit,
  closeCase,
  keepFlattened,
  openCase,
  readStoredTrade,
  reviewHeldPairs,
  takeCase,
} from '../../store/index.js';
import { compareWithBooks } from '../late-rows.js';
import { recordEnd } from '../record.js';
import { tell } from '../tell.js';
import type { TradingDesk } from '../trading-desk.js';
import { adoptMatch } from './adopt-match.js';
import type { AdoptedClosing, AdoptRequest } from './custody-activities.js';

/**
 * Takes over a trade that lost its workflow, or whose exits an operator moved here.
 *
 * 1. A trade with a result is over, unless its match is to be flattened (`adoptMatch`).
 * 2. The claim comes first: from its epoch on nobody else records an exit of this trade.
 * 3. Then everything is read, so that what the last owner recorded is in it.
 */
export async function adopt(desk: TradingDesk, request: AdoptRequest): Promise<Adoption> {
  const { custodyId, place, workflowId, key, by, why } = request;
  const atMs = desk.nowMs();
  desk.reached('custody: asked to adopt, nothing claimed', workflowId);
  await tell(desk, custodyId, request.story);
  const known = await readStoredTrade(desk.db, workflowId);
  if (known?.isClosed) return adoptMatch(desk, request, known.trade);
  if (!known) {
    await closeCase(desk.db, { key, how: NO_TRADE, atMs });
    return { kind: 'over', text: NO_TRADE };
  }
  const { pairId } = known.trade.intent;
  // An operator's take-over comes without a sweep: then the case is opened here.
  const found = { kind: 'trade', key, workflowId, by, why } as const;
  await openCase(desk.db, { place, found, pairId, atMs });
  const ownership = await claimExit(desk.db, { key: workflowId, holder: custodyId });
  desk.reached('custody: exits claimed, case not taken', workflowId);
  await takeCase(desk.db, { key, place, atMs });
  const { trade: stored } = (await readStoredTrade(desk.db, workflowId)) ?? known;
  const policy = request.policy ?? desk.custody.policy;
  const text = `${custodyId} takes it over (${by}: ${why}), ${heldText(stored)}; policy ${policy}`;
  await tell(desk, workflowId, [{ atMs, event: 'custody', text }]);
  desk.reached('custody: adopted, not told', workflowId);
  return { kind: 'adopted', stored, ownership, policy };
}

const NO_TRADE = 'there is no such trade';

/**
 * The trade's own record, told by custody; only then is the case over. One that had its result keeps
 * it: what has been sold since is kept with its held pair. Rows that are told after that are late.
 */
export async function recordAdopted(
  desk: TradingDesk,
  { key, custodyId, story, tradeStory = [], ...closing }: AdoptedClosing,
): Promise<{ readonly recordedAtMs: number }> {
  await tell(desk, custodyId, story);
  const recorded = await recordEnd(desk, { ...closing, story: tradeStory });
  const { workflowId, result, intent } = closing;
  desk.reached('custody: end recorded, sales of a match not kept', workflowId);
  const isFlattened = await keepFlattened(desk.db, { workflowId, result });
  if (isFlattened) {
    const nowMs = desk.nowMs();
    await desk.db
      .transaction()
      .execute((tx) => reviewHeldPairs(tx, { account: intent.account, nowMs }));
  }
  desk.reached('custody: adopted trade recorded, case still open', workflowId);
  const how = `${result.kind}, ${isFlattened ? 'flattened' : 'recorded'} by custody`;
  await closeCase(desk.db, { key, how, atMs: desk.nowMs() });
  await compareWithBooks(desk, { workflowId, pairId: intent.pairId, by: custodyId });
  desk.reached('custody: adopted trade over, not told', workflowId);
  return recorded;
}

function heldText({ admission, rows }: StoredTrade): string {
  if (admission?.kind !== 'approved') return 'nothing was sent';
  const { instrument } = custodyPlaceOfTrade(admission.entries, rows);
  const held = formatAmount(heldInRows(rows, instrument));
  return `${held} ${instrument.outcome.toUpperCase()} held at ${instrument.venue}`;
}
