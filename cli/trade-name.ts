import { arbitrageWorkflowId } from '../domain/index.js';

const PREFIX = arbitrageWorkflowId('');

/** Operators paste either: "arbitrage/scan.7.12" from Temporal Web, or "scan.7.12". */
export function intentIdFrom(id: string): string {
  return id.startsWith(PREFIX) ? id.slice(PREFIX.length) : id;
}

export const workflowIdFrom = (id: string): string => arbitrageWorkflowId(intentIdFrom(id));
