import {
  type CustodyTerms,
  defaultCustody,
  type RiskPolicy,
  type TradeTerms,
} from '../../domain/index.js';
import { quickPolicy, quickTerms } from './desk-terms.js';

/**
 * As quick as any test's, but an order is unknown, and its pair frozen, after a moment already; and
 * what was held up on a busy machine may be late at its venue, or refused until a worker that has just
 * started has its connections.
 */
export const crashTerms: TradeTerms = {
  ...quickTerms,
  exit: { ...quickTerms.exit, refusalWaitMsMax: 20_000 },
  unknownMaxMs: 300,
  latenessMs: 2_000,
};
export const crashPolicy: RiskPolicy = { ...quickPolicy, exit: crashTerms.exit };
/** What has no owner is sold, so that custody's own orders can be cut off too. */
export const crashCustody: CustodyTerms = { ...defaultCustody, policy: 'exit' };
