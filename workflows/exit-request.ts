import type { ExitRequest } from '../activities/trade-activities.js';
import type { Step, TradeState } from '../domain/index.js';
import * as domain from '../domain/index.js';

type ExitStep = Pick<Extract<Step, { readonly kind: 'exit' }>, 'excess' | 'ladder'>;
type Asked = Pick<ExitRequest, 'ownership' | 'story'> & { readonly trade: TradeState };

/** What the next rung of a trade's exit is asked for with, by the trade itself or by its custodian. */
export function exitRequestOf(
  { trade, ownership, story }: Asked,
  { excess, ladder }: ExitStep,
): ExitRequest {
  const { pair, terms, entries } = domain.approvedOf(trade);
  const { workflowId, intent } = trade;
  const purpose = { kind: 'exit', leg: ladder.leg, rung: ladder.rung } as const;
  const line = domain.purposeLine({ ...purpose, attempt: ladder.attempt });
  return {
    ...{ workflowId, pair, strategy: intent.strategy, ownership },
    clientOrderId: domain.clientOrderIdOf(workflowId, line, ladder.attempt),
    ...{ entries, excess, ladder },
    isOtherLegTerminal: domain.isLegTerminal(trade, domain.opposite(excess.leg)),
    isFrozen: trade.freezes.length > 0,
    ...{ terms, story },
  };
}
