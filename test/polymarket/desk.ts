import type { ChildOrder, Side } from '../../domain/child-order.js';
import { clientOrderIdOf } from '../../domain/ids.js';
import type { Market, Outcome } from '../../domain/instrument.js';
import { price, quantity, ratio } from '../../domain/money.js';
import { sizedOrder } from '../../domain/order-sizing.js';
import type { Approved } from '../../domain/risk/approved.js';

/** The market that the desk's Polymarket tests trade: one cent ticks, five shares at least. */
export const rain: Market = {
  venue: 'polymarket',
  market: `0x${'ab'.repeat(32)}`,
  title: 'Rain in Lisbon tomorrow',
  priceBands: [{ start: price('0.01'), end: price('0.99'), step: price('0.01') }],
  lot: quantity('0.01'),
  minimumQuantity: quantity('5'),
  fees: { kind: 'polymarket_taker', rate: ratio('0.05'), powerOfVariance: 1 },
  closesAtMs: 4_000_000_000_000,
  isTakerDelayed: false,
  netsOutcomes: false,
  tokens: { yesToken: '1111', noToken: '2222', isNegRisk: false, domainVersion: '2' },
};

export interface Ticket {
  readonly name: string;
  readonly side?: Side;
  readonly outcome?: Outcome;
  readonly limit: string;
  readonly contracts: string;
  readonly timeInForce?: ChildOrder['timeInForce'];
  readonly createdAtMs?: number;
}

/** An order as the desk would have approved it; the same name is the same order. */
export function orderOf(ticket: Ticket, market: Market = rain): Approved<ChildOrder> {
  const {
    side = 'buy',
    outcome = 'yes',
    timeInForce = 'IOC',
    createdAtMs = 1_700_000_000_000,
  } = ticket;
  const instrument = { venue: 'polymarket', market: market.market, outcome } as const;
  const limitPrice = price(ticket.limit);
  const contracts = quantity(ticket.contracts);
  const sized = sizedOrder({ market, instrument, side, limitPrice, contracts });
  if (sized.kind !== 'sized') throw new Error(`${ticket.name}: ${sized.reason}`);
  const order: ChildOrder = {
    clientOrderId: clientOrderIdOf('arbitrage/test', ticket.name, 0),
    workflowId: 'arbitrage/test',
    account: 'desk',
    purpose: { kind: 'entry', leg: outcome },
    instrument,
    side,
    timeInForce,
    limitPrice: sized.limitPrice,
    fixed: sized.fixed,
    legalMaximum: sized.legalMaximum,
    isReduceOnly: false,
    notAfterMs: 4_000_000_000_000,
    createdAtMs,
  };
  return order as Approved<ChildOrder>; // a venue's tests stand behind the risk review
}
