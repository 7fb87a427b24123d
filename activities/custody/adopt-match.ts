import { type Adoption, formatAmount, heldInRows, type StoredTrade } from '../../domain/index.js';
import {
  claimExit,
  closeCase,
  flattenOf,
  heldPairOf,
  markFlattening,
  readStoredTrade,
  reviewHeldPairs,
  takeCase,
  type WatchedPair,
} from '../../store/index.js';
import { tell } from '../tell.js';
import type { TradingDesk } from '../trading-desk.js';
import type { AdoptRequest } from './custody-activities.js';

/**
 * Takes over the match of a trade that has ended, for a freeze that says `flatten`.
 *
 * 1. Each freeze is one try: what no price within the loss bound takes stays held, and is told.
 * 2. A market that is decided pays; what somebody has taken out by hand is theirs to finish.
 * 3. Begun, it is finished, whoever had it before: one leg alone is no match.
 */
export async function adoptMatch(
  desk: TradingDesk,
  request: AdoptRequest,
  stored: StoredTrade,
): Promise<Adoption> {
  const { custodyId, place, workflowId, key } = request;
  const atMs = desk.nowMs();
  const { account } = stored.intent;
  await desk.db.transaction().execute((tx) => reviewHeldPairs(tx, { account, nowMs: atMs }));
  const pair = await heldPairOf(desk.db, workflowId);
  const found = await flattenOf(desk.db, workflowId);
  if (!pair || pair.closedAtMs !== undefined || !(found || pair.isFlattening)) {
    return over(desk, key, 'the trade has ended');
  }
  if (found) await markFlattening(desk.db, { workflowId, epoch: found.epoch });
  const why = whyNot(pair, stored);
  if (why !== undefined) {
    await tell(desk, workflowId, [{ atMs, event: 'custody', text: `not flattened: ${why}` }]);
    return over(desk, key, why);
  }
  desk.reached('custody: match marked, exits not claimed', workflowId);
  const ownership = await claimExit(desk.db, { key: workflowId, holder: custodyId });
  desk.reached('custody: match claimed, case not taken', workflowId);
  await takeCase(desk.db, { key, place, atMs });
  const { trade = stored } = (await readStoredTrade(desk.db, workflowId)) ?? {};
  const held = `${formatAmount(pair.yesHeld)} YES and ${formatAmount(pair.noHeld)} NO`;
  const text = `${custodyId} flattens its match, ${held} (${request.by}: ${request.why})`;
  await tell(desk, workflowId, [{ atMs, event: 'custody', text }]);
  desk.reached('custody: match adopted, not told', workflowId);
  const freeze = found ? { freeze: found.freeze } : {};
  return { kind: 'adopted', stored: trade, ownership, policy: 'exit', ...freeze };
}

function whyNot(pair: WatchedPair, { rows }: StoredTrade): string | undefined {
  const { state, yes, no, yesHeld, noHeld } = pair;
  if (state !== 'waiting' && state !== 'selling') return `its match is ${state}`;
  const isWhole = heldInRows(rows, yes) === yesHeld && heldInRows(rows, no) === noHeld;
  if (isWhole) return undefined;
  return `of its match ${formatAmount(yesHeld)} YES and ${formatAmount(noHeld)} NO are left`;
}

async function over(desk: TradingDesk, key: string, text: string): Promise<Adoption> {
  await closeCase(desk.db, { key, how: text, atMs: desk.nowMs() });
  return { kind: 'over', text };
}
