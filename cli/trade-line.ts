import { styleText } from 'node:util';
import {
  type ArbitrageType,
  add,
  formatAmount,
  negate,
  ONE_DOLLAR,
  type Outcome,
  type Price,
  price,
  type Quantity,
  type ResultKind,
  subtract,
  type TradeRow,
  ZERO_QUANTITY,
} from '../domain/index.js';
import type { StoredIntent, StoredOrder } from '../store/index.js';
import { clock, duration, resultText, shortened, signedMoney } from './text.js';

export interface SeenTrade {
  readonly trade: StoredIntent;
  readonly rows: readonly TradeRow[];
  /** What may still live on a venue. */
  readonly openOrders: readonly StoredOrder[];
}

const LINE_WIDTH = 100;
const ID_WIDTH = 12;
const PAIR_WIDTH = 16;
const RESULT_WIDTH = 8;

/** Whose YES against whose NO; ✗ is one venue's crossed book. */
const directions = {
  poly_yes_kalshi_no: 'pY kN',
  kalshi_yes_poly_no: 'kY pN',
  poly_same_market: 'p ✗',
  kalshi_same_market: 'k ✗',
} as const satisfies Record<ArbitrageType, string>;

/**
 * One trade on one line of a hundred columns: when it ended (or now), id, pair, whose YES against
 * whose NO, contracts asked at the gross edge of their limits, what is held of each leg, how it
 * ended, net dollars, and how long it took or what it waits for.
 */
export function tradeLine(seen: SeenTrade, nowMs: number): string {
  const { trade, rows } = seen;
  const { intent, result } = trade;
  const atMs = trade.closedAtMs ?? nowMs;
  const start = [
    clock(atMs, nowMs).slice(-8),
    shortened(intent.intentId, ID_WIDTH).padEnd(ID_WIDTH),
    shortened(intent.pairId, PAIR_WIDTH).padEnd(PAIR_WIDTH),
    directions[intent.type].padEnd(5),
    `${intent.contractsMax}@${edgeText(trade)}`.padEnd(10),
    `Y${held(rows, 'yes')} N${held(rows, 'no')}`.padEnd(10),
  ].join(' ');
  const left = LINE_WIDTH - start.length - RESULT_WIDTH - 2;
  const state = result ? coloured(result.kind) : styleText('cyan', 'open'.padEnd(RESULT_WIDTH));
  const line = `${start} ${state} ${ending(seen, nowMs).slice(0, left)}`.trimEnd();
  return result?.kind === 'denied' ? styleText('dim', line) : line;
}

/** "2.1¢": a dollar less both limits, before fees. */
function edgeText({ intent }: StoredIntent): string {
  const paid = add(price(intent.limitPrice.yes), price(intent.limitPrice.no));
  const edge: Price = subtract(ONE_DOLLAR, paid);
  return `${formatAmount(BigInt(edge) * 100n)}¢`;
}

/** Bought less sold, reversals undone: of one leg, whatever order it came by. */
function held(rows: readonly TradeRow[], leg: Outcome): string {
  const total = rows
    .filter(({ instrument }) => instrument.outcome === leg)
    .map(({ kind, side, quantity }): Quantity => {
      const isMore = (side === 'buy') === (kind === 'fill');
      return isMore ? quantity : negate(quantity);
    })
    .reduce(add, ZERO_QUANTITY);
  return formatAmount(total);
}

/** Padded first: escape codes have no width. */
const coloured = (kind: ResultKind): string =>
  `${resultText(kind)}${' '.repeat(Math.max(0, RESULT_WIDTH - kind.length))}`;

function ending({ trade, openOrders, rows }: SeenTrade, nowMs: number): string {
  const { result, intent, receivedAtMs, closedAtMs } = trade;
  if (result?.denial) return result.denial.code;
  const took = duration((closedAtMs ?? nowMs) - receivedAtMs);
  if (!result) return `${took}: ${waitsFor(openOrders, rows)}`;
  const notes = [
    ...(result.residual ? [`${result.residual.quantity} ${result.residual.leg} left`] : []),
    ...(result.isCanceled ? ['canceled'] : []),
    ...(intent.dryRun ? ['dry run'] : []),
    took,
  ];
  return `${signedMoney(result.net).padStart(8)} ${notes.join(', ')}`;
}

function waitsFor(openOrders: readonly StoredOrder[], rows: readonly TradeRow[]): string {
  const unknown = openOrders.find(({ status }) => status === 'unknown');
  if (unknown) return `${unknown.order.instrument.venue} unknown`;
  if (openOrders.length > 0) return 'an answer';
  const isProvisional = rows.some((row) => row.kind === 'fill' && row.finality === 'provisional');
  return isProvisional ? 'settlement' : 'next step';
}
