import type { RowsQuery, SimulatedExchange } from '../exchange.js';
import type { Subject } from './rule.js';

/** A read of an account; `state`: its page lists such orders only. */
type AccountRead = Omit<Subject, 'atMs'> & Pick<RowsQuery, 'state'>;

/** What is younger than this is on no page of the account yet (`rows_hidden`, and the venue's lag). */
export function shownUntilMs(exchange: SimulatedExchange, read: AccountRead): number {
  const atMs = exchange.now();
  const hidden = exchange.faults.script.strike('rows_hidden', { ...read, atMs });
  const hiddenMs = Math.max(exchange.conditions.readLagMs, hidden?.newestMs ?? 0);
  if (hiddenMs > 0) noteMissed(exchange, read, atMs - hiddenMs);
  return atMs - hiddenMs;
}

/** A lag that every read came late enough for has changed nothing: what a read missed is counted. */
function noteMissed(exchange: SimulatedExchange, read: AccountRead, untilMs: number): void {
  const { missed } = exchange.conditions;
  for (const key of new Set(hiddenKeys(exchange, read, untilMs + 1))) {
    if (read.clientKey === undefined || read.clientKey === key) {
      missed.set(key, (missed.get(key) ?? 0) + 1);
    }
  }
}

/** The client keys of the orders that the read would have told of. */
function hiddenKeys(
  exchange: SimulatedExchange,
  { operation, account, market, state }: AccountRead,
  sinceMs: number,
): readonly string[] {
  if (account === undefined) return [];
  const query = { account, sinceMs, ...(market !== undefined && { market }) };
  if (operation === 'read_orders') {
    const orders = exchange.orders({ ...query, ...(state && { state }) });
    return orders.map(({ clientKey }) => clientKey);
  }
  return exchange
    .trades(query)
    .flatMap(({ parts }) =>
      parts
        .filter((part) => part.account === account)
        .flatMap(({ venueOrderId }) => exchange.order(venueOrderId)?.clientKey ?? []),
    );
}
