import { z } from 'zod';
import type { ExchangeEvent, SimulatedExchange, Subject } from '../../simulation/index.js';
import { disturbedReports } from '../../simulation/index.js';
import type { Channel, Subscriber } from './channel.js';
import type { SimulatedAccount } from './desk-accounts.js';
import { orderEvent, type RowWriter, tradeEvent } from './rows.js';

const messageShape = z.object({
  type: z.literal('user'),
  auth: z.object({ apiKey: z.string(), secret: z.string(), passphrase: z.string() }),
  /** Condition ids; none means all. */
  markets: z.array(z.string()).default([]),
});

interface Subscription {
  readonly account: string;
  readonly markets: ReadonlySet<string>;
  readonly report: ReturnType<typeof disturbedReports>;
}

/** `/ws/user`: an account's orders and trades as they change. What was missed is not replayed. */
export function createUserChannel(
  exchange: SimulatedExchange,
  writer: RowWriter,
): Channel & { close(): void } {
  const subscriptions = new Map<Subscriber, Subscription>();
  const stop = exchange.onEvent((event) => {
    for (const { report, ...subscription } of subscriptions.values()) {
      const message = messageOf(event, subscription, writer);
      const subject = subjectOf(event, subscription.account);
      if (message && subject) report(subject, message);
    }
  });
  return {
    onMessage: (subscriber, message) => {
      const read = messageShape.safeParse(message);
      const account = read.data && accountOf(writer.accounts, read.data.auth);
      if (!read.data || !account) {
        subscriber.refuse();
        return;
      }
      const report = disturbedReports(exchange.faults, (message) => subscriber.send(message));
      subscriptions.set(subscriber, { account, markets: new Set(read.data.markets), report });
    },
    onClose: (subscriber) => void subscriptions.delete(subscriber),
    close: stop,
  };
}

/** A trade is told of once, whatever number of our orders are in it: it is about the first. */
function subjectOf(event: ExchangeEvent, account: string): Subject | undefined {
  if (event.kind === 'order') {
    return { ...event.order, operation: 'report_order', atMs: event.order.updatedAtMs };
  }
  if (event.kind !== 'trade') return undefined;
  const { market, parts, updatedAtMs: atMs } = event.trade;
  const part = parts.find((one) => one.account === account);
  return part && { ...part, operation: 'report_trade', market, atMs };
}

type Subscribed = Omit<Subscription, 'report'>;

function messageOf(event: ExchangeEvent, subscription: Subscribed, writer: RowWriter) {
  const { account, markets } = subscription;
  const isWanted = (market: string) => markets.size === 0 || markets.has(market);
  if (event.kind === 'order') {
    const { order } = event;
    return order.account === account && isWanted(order.market) && orderEvent(order, writer);
  }
  if (event.kind !== 'trade') return undefined;
  const { trade } = event;
  const isOurs = trade.parts.some((part) => part.account === account);
  return isOurs && isWanted(trade.market) && tradeEvent(trade, account, writer);
}

function accountOf(
  accounts: readonly SimulatedAccount[],
  { apiKey, secret, passphrase }: z.infer<typeof messageShape>['auth'],
): string | undefined {
  const known = accounts.find(({ credentials }) => credentials.apiKey === apiKey);
  const isRight =
    known?.credentials.secret === secret && known.credentials.passphrase === passphrase;
  return isRight ? known.account : undefined;
}
