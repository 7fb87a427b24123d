import { styleText } from 'node:util';
import {
  type TradeResult,
  type TradeState,
  toWire,
  type Wire,
  waitingFor,
} from '../domain/index.js';
import {
  findIntent,
  listEntries,
  orderEvents,
  ordersOf,
  type StoredIntent,
  storyOf,
} from '../store/index.js';
import { type Answer, CommandError } from './answer.js';
import { fillsTable } from './commands/fills.js';
import { orderData, ordersTable } from './commands/orders.js';
import { type Desk, within } from './desk.js';
import { exitCodes } from './exit-codes.js';
import { table } from './output.js';
import { clock, clockMs, resultText, signedMoney } from './text.js';
import { intentIdFrom } from './trade-name.js';
import { type StoryLine, tradeStory } from './trade-story.js';

/** A query needs a worker; without one the books tell the story alone. */
const LIVE_WAIT_MS = 1_500;

/** The story of one trade, from Postgres; what it waits for now, from its workflow if that answers. */
export async function tradeStatus(desk: Desk, id: string): Promise<Answer> {
  const intentId = intentIdFrom(id);
  const trade = await findIntent(desk.db, intentId);
  if (!trade) {
    throw new CommandError(exitCodes.notFound, `there is no trade "${intentId}"`, [
      '`legwork status` lists the latest ones.',
    ]);
  }
  const { workflowId, result } = trade;
  const [orders, rows, told, live] = await Promise.all([
    ordersOf(desk.db, workflowId),
    listEntries(desk.db, { workflowId }),
    storyOf(desk.db, workflowId),
    result ? undefined : liveState(desk, intentId),
  ]);
  const ids = orders.map(({ order }) => order.clientOrderId);
  const events = await orderEvents(desk.db, ids);
  const story = tradeStory({ trade, orders, events, entries: rows, told });
  const nowMs = desk.nowMs();
  return {
    exitCode: exitCodes.done,
    data: {
      ...{ ...trade, orders: orders.map(orderData) },
      ...toWire({ entries: rows, story, ...(live && { live }) }),
    },
    text: [
      heading(trade, nowMs),
      ...(result ? [resultLine(result)] : [liveLine(live, nowMs)]),
      section('orders', ordersTable(orders, nowMs)),
      section('fills', fillsTable(rows, nowMs)),
      section('story', storyTable(story, nowMs)),
    ].join('\n\n'),
  };
}

type Live =
  | { readonly kind: 'state'; readonly state: TradeState }
  | { readonly kind: 'silent'; readonly why: string };

async function liveState(desk: Desk, intentId: string): Promise<Live> {
  try {
    const client = await desk.client();
    const asked = client.trade(intentId).state();
    const state = await within(LIVE_WAIT_MS, asked, () => new Error('no worker answers'));
    return { kind: 'state', state };
  } catch (error) {
    return { kind: 'silent', why: error instanceof Error ? error.message : String(error) };
  }
}

function heading(
  { intent, workflowId, receivedAtMs, admission }: StoredIntent,
  nowMs: number,
): string {
  const { pairId, type, contractsMax, limitPrice, strategy, account, dryRun } = intent;
  const legs = `YES ≤ ${limitPrice.yes}, NO ≤ ${limitPrice.no}`;
  return [
    styleText('bold', workflowId),
    `${type} on ${pairId}, up to ${contractsMax} contracts, ${legs}${dryRun ? ', dry run' : ''}`,
    `asked at ${clock(receivedAtMs, nowMs)} by ${strategy} for account ${account}: ${admission?.kind ?? 'not admitted yet'}`,
  ].join('\n');
}

function resultLine(result: Wire<TradeResult>): string {
  const { kind, contracts, fees, gross, net, residual, denial, exitCost } = result;
  const parts = [
    resultText(kind),
    ...(denial ? [denial.code] : []),
    ...(residual ? [`${residual.quantity} ${residual.leg} left: ${residual.reason}`] : []),
    `${contracts} matched`,
    `net ${signedMoney(net)} (gross ${signedMoney(gross)}, fees ${fees}, exit cost ${exitCost})`,
  ];
  return parts.join('; ');
}

function liveLine(live: Live | undefined, nowMs: number): string {
  if (live?.kind === 'state') return `open: ${waitingFor(live.state, nowMs)}`;
  return `open; the workflow does not answer now (${live?.why ?? 'not asked'}), so this is as recorded`;
}

function storyTable(story: readonly StoryLine[], nowMs: number): string {
  return table(
    ['time', 'event', 'what'],
    story.map(({ atMs, event, text }) => [clockMs(atMs, nowMs), event, text]),
  );
}

const section = (title: string, content: string): string =>
  `${styleText('underline', title)}\n${content}`;
