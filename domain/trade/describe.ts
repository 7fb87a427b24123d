import { formatAmount } from '../money.js';
import type { TradeRow } from '../venue-entry.js';
import type { ExitOwnership } from './exit-ownership.js';
import type { OperatorWord, SaidEvidence } from './operator-word.js';
import { grossOf, standingFills } from './order-rows.js';
import type { ExitOutcome, OrderState, SendOutcome, TradeResult, TradeState } from './trade.js';

/** One line per fact, for timelines, Temporal Web and the console. Never parsed again. */
export function describeOutcome(outcome: SendOutcome): string {
  switch (outcome.kind) {
    case 'accepted':
      return `accepted, ${outcome.state}, ${formatAmount(outcome.cumulativeQuantity)} traded`;
    case 'refused':
      return `refused (${outcome.refusal}): ${outcome.code}`;
    case 'notSent':
      return `not sent: ${outcome.code}`;
    case 'unknown':
      return `unknown: ${outcome.code}`;
  }
}

export function describeExit(outcome: ExitOutcome): string {
  switch (outcome.kind) {
    case 'sent': {
      const { how, order, outcome: answer } = outcome;
      return `${how} at ${formatAmount(order.limitPrice)}: ${describeOutcome(answer)}`;
    }
    case 'waited':
      return `waits: ${outcome.why}`;
    case 'kept':
      return `kept: ${outcome.reason}`;
    case 'fenced':
      return `fenced: its exits belong to ${ownerText(outcome.owner)}`;
    case 'unknown':
      return `unknown: ${outcome.clientOrderId}`;
  }
}

/** `custody/kalshi/main/… (epoch 2)`. */
export const ownerText = ({ holder, epoch }: ExitOwnership): string => `${holder} (epoch ${epoch})`;

export function describeWord({ evidence, by, why }: OperatorWord): string {
  const reason = why === undefined ? '' : ` (${why})`;
  return `${by} says: ${saidOf(evidence)}${reason}`;
}

function saidOf(evidence: SaidEvidence): string {
  switch (evidence.kind) {
    case 'never_arrived':
      return 'it never arrived';
    case 'filled': {
      const trades = evidence.trades.map(
        ({ quantity, price }) => `${formatAmount(quantity)} @ ${formatAmount(price)}`,
      );
      return `filled, ${trades.join(', ')}`;
    }
    case 'canceled':
      return `canceled, ${formatAmount(evidence.filled)} traded`;
  }
}

export function describeRow(row: TradeRow): string {
  const { instrument, side, quantity, price } = row;
  const what = row.kind === 'reversal' ? 'reversed' : row.finality;
  const where = `${instrument.venue} ${side} ${instrument.outcome.toUpperCase()}`;
  return `${where} ${formatAmount(quantity)} @ ${formatAmount(price)} ${what}`;
}

export function describeResult(result: TradeResult): string {
  const { kind, contracts, net, denial, residual } = result;
  if (denial) return `${kind}: ${denial.code}`;
  const left = residual
    ? `, ${formatAmount(residual.quantity)} ${residual.leg.toUpperCase()} left (${residual.reason})`
    : '';
  return `${kind}: ${formatAmount(contracts)} matched, net ${formatAmount(net)}${left}`;
}

/** One line of the list of legs that Temporal Web shows (it draws tables without any space). */
export function describeLeg(state: TradeState, order: OrderState): string {
  const { instrument, limitPrice, purpose, side, clientOrderId } = order.order;
  const leg = purpose.kind === 'entry' ? purpose.leg : `exit ${purpose.leg}`;
  const wanted = `${instrument.venue} ${side} ${instrument.outcome.toUpperCase()}`;
  const fills = standingFills(state, order);
  const isFinal = fills.every((fill) => fill.finality === 'final');
  const traded = `${formatAmount(grossOf(state, order))} traded${isFinal ? '' : ', provisional'}`;
  const why = order.refusal ? ` (${order.refusal.code})` : '';
  const word = order.word ? `; ${describeWord(order.word)}` : '';
  const what = `${wanted} at ${formatAmount(limitPrice)}`;
  return `- **${leg}** ${what}: **${order.status}**${why}, ${traded}${word} · \`${clientOrderId}\``;
}
