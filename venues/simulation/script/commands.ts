import { z } from 'zod';
import { price, quantity } from '../../../domain/index.js';
import { drawHex } from '../draws.js';
import type { OpenExchange } from '../open-exchange.js';
import { outageKinds, venueStates } from './conditions.js';
import type { StreamControls } from './stream-controls.js';

const DAY_MS = 86_400_000;
const forMs = z.int().positive().max(DAY_MS);
const market = z.string().min(1);
const account = z.string().min(1);
const outcome = z.enum(['yes', 'no']);
const contracts = z.string().regex(/^\d{1,9}(\.\d{1,2})?$/, 'contracts, e.g. "12.5"');
const dollars = z.string().regex(/^(0(\.\d{1,6})?|1)$/, 'dollars per contract, from 0 to 1');

/** What may be done to a simulated venue and its world, whatever anybody trades there. */
export const commandShape = z.discriminatedUnion('command', [
  /** The venue refuses orders in its own words for that state, until then. */
  z.strictObject({ command: z.literal('enter'), state: z.enum(venueStates), forMs }),
  z.strictObject({ command: z.literal('outage'), how: z.enum(outageKinds), forMs }),
  z.strictObject({ command: z.literal('resume') }),
  /** Ahead of the machine's clock where positive. */
  z.strictObject({ command: z.literal('skew_clock'), byMs: z.int().min(-DAY_MS).max(DAY_MS) }),
  /** Kalshi: orders and fills are on the pages so much later, and its stamp says so. */
  z.strictObject({ command: z.literal('lag_pages'), byMs: z.int().min(0).max(DAY_MS) }),
  z.strictObject({ command: z.literal('drop_streams') }),
  z.strictObject({ command: z.literal('half_open_streams') }),
  z.strictObject({ command: z.literal('lose_book_changes'), count: z.int().min(1).max(1_000) }),
  z.strictObject({ command: z.literal('change_rule_text'), market, text: z.string().min(1) }),
  /** The venue says that it will not trade then (Kalshi's schedule); saying so does not stop it. */
  z.strictObject({
    command: z.literal('announce_maintenance'),
    fromMs: z.int().positive(),
    untilMs: z.int().positive(),
  }),
  z.strictObject({ command: z.literal('close_market'), market }),
  z.strictObject({ command: z.literal('resolve_market'), market, winner: outcome }),
  z.strictObject({ command: z.literal('void_market'), market, yesPays: dollars.optional() }),
  z.strictObject({ command: z.literal('hold_redemptions'), isHeldBack: z.boolean() }),
  z.strictObject({ command: z.literal('redeem'), account, market }),
  z.strictObject({ command: z.literal('merge'), account, market, contracts }),
  /** Somebody at the desk trades on the venue's own page. */
  z.strictObject({
    command: z.literal('place_by_hand'),
    ...{ account, market, outcome, contracts },
    side: z.enum(['buy', 'sell']),
    limitPrice: dollars,
    timeInForce: z.enum(['IOC', 'GTC']),
  }),
]);
export type Command = z.infer<typeof commandShape>;

export interface Commanded {
  readonly exchange: OpenExchange;
  readonly streams: StreamControls;
}

export type CommandResult =
  | { readonly kind: 'done'; readonly result?: unknown }
  | { readonly kind: 'refused'; readonly reason: string };

/** Does one thing to the venue, and counts it where it was done. What it cannot do it says. */
export function runCommand(commanded: Commanded, command: Command): CommandResult {
  const { exchange } = commanded;
  if ('market' in command && !exchange.market(command.market)) {
    return { kind: 'refused', reason: `${exchange.venue} lists no market ${command.market}` };
  }
  const result = run(commanded, command);
  if (result.kind === 'done') exchange.faults.script.count(command.command);
  return result;
}

function run({ exchange, streams }: Commanded, command: Command): CommandResult {
  const { conditions, faults } = exchange;
  // Told is not met: what a command really befell is counted by a name of its own.
  const met = (kind: string, count: number) => {
    faults.script.count(kind, count);
    return counted(count);
  };
  const drop = () => met('stream_dropped', streams.drop());
  const halfOpen = () => met('stream_half_opened', streams.halfOpen());
  switch (command.command) {
    case 'enter':
      return done(() => conditions.enter(command.state, command.forMs));
    case 'outage':
      conditions.goOut(command.how, command.forMs);
      return command.how === 'refused' ? drop() : halfOpen();
    case 'resume':
      return done(() => conditions.resume());
    case 'skew_clock':
      return done(() => {
        conditions.skewMs = command.byMs;
      });
    case 'lag_pages':
      return done(() => {
        conditions.readLagMs = command.byMs;
      });
    case 'drop_streams':
      return drop();
    case 'half_open_streams':
      return halfOpen();
    case 'lose_book_changes':
      return done(() => streams.loseChanges(command.count));
    case 'change_rule_text':
      return done(() => conditions.ruleTexts.set(command.market, command.text));
    case 'announce_maintenance': {
      const { fromMs, untilMs } = command;
      return done(() => {
        conditions.maintenance = [...conditions.maintenance, { fromMs, untilMs }];
      });
    }
    case 'close_market':
    case 'resolve_market':
    case 'void_market':
    case 'hold_redemptions':
    case 'redeem':
    case 'merge':
    case 'place_by_hand':
      return inTheWorld(exchange, command);
  }
}

type WorldCommand = Extract<
  Command,
  {
    command:
      | 'close_market'
      | 'resolve_market'
      | 'void_market'
      | 'hold_redemptions'
      | 'redeem'
      | 'merge'
      | 'place_by_hand';
  }
>;

function inTheWorld(exchange: OpenExchange, command: WorldCommand): CommandResult {
  switch (command.command) {
    case 'close_market':
      return done(() => exchange.closeMarket(command.market));
    case 'resolve_market':
      return done(() => exchange.resolveMarket(command.market, command.winner));
    case 'void_market':
      return done(() => exchange.voidMarket(command.market, price(command.yesPays ?? '0.5')));
    case 'hold_redemptions':
      return done(() => exchange.holdRedemptions(command.isHeldBack));
    case 'redeem':
      return counted(exchange.redeem(command.account, command.market).length);
    case 'merge': {
      const merged = exchange.merge(command.account, command.market, quantity(command.contracts));
      return { kind: 'done', result: merged.kind };
    }
    case 'place_by_hand':
      return placeByHand(exchange, command);
  }
}

function placeByHand(
  exchange: OpenExchange,
  command: Extract<Command, { command: 'place_by_hand' }>,
): CommandResult {
  const { account, market, outcome, side, timeInForce } = command;
  const key = drawHex(
    exchange.now(),
    'by hand',
    account,
    market,
    exchange.orders({ account }).length,
  );
  const venueOrderId = exchange.venue === 'polymarket' ? `0x${key}` : key.slice(0, 32);
  const result = exchange.place({
    ...{ account, market, outcome, side, timeInForce, venueOrderId, clientKey: key.slice(0, 12) },
    limitPrice: price(command.limitPrice),
    fixed: { kind: 'contracts', contracts: quantity(command.contracts) },
    isReduceOnly: false,
    isPostOnly: false,
  });
  if (result.kind === 'refused') return { kind: 'refused', reason: result.reason };
  return { kind: 'done', result: { venueOrderId, state: result.order.state } };
}

const counted = (count: number): CommandResult => ({ kind: 'done', result: { count } });

function done(work: () => unknown): CommandResult {
  work();
  return { kind: 'done' };
}
