import { z } from 'zod';
import type { ExchangeEvent, SimulatedExchange } from '../../simulation/index.js';
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
}

/** `/ws/user`: an account's orders and trades as they change. What was missed is not replayed. */
export function createUserChannel(
  exchange: SimulatedExchange,
  writer: RowWriter,
): Channel & { close(): void } {
  const subscriptions = new Map<Subscriber, Subscription>();
  const stop = exchange.onEvent((event) => {
    for (const [subscriber, subscription] of subscriptions) {
      const message = messageOf(event, subscription, writer);
      if (message) subscriber.send(message);
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
      subscriptions.set(subscriber, { account, markets: new Set(read.data.markets) });
    },
    onClose: (subscriber) => void subscriptions.delete(subscriber),
    close: stop,
  };
}

function messageOf(event: ExchangeEvent, subscription: Subscription, writer: RowWriter) {
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
