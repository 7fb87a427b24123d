import { styleText } from 'node:util';
import { type Freeze, toWire } from '../domain/index.js';
import {
  type Acknowledgement,
  acknowledgements,
  type ClockReading,
  clockReadings,
  latestStoryLines,
  type OpenBreak,
  openBreaks,
  readControl,
  type StoredIntent,
  type ToldLine,
  tradesList,
} from '../store/index.js';
import type { Answer } from './answer.js';
import { breakerTable, countingBreakers } from './breaker-table.js';
import type { Desk } from './desk.js';
import { exitCodes } from './exit-codes.js';
import { table } from './output.js';
import { scopeText } from './scope.js';
import { clock, duration, resultText, signedMoney } from './text.js';

const TRADES_SHOWN = 20;

/** What an operator looks at first: who runs, what is frozen, what is open, what is broken. */
export async function deskStatus(desk: Desk): Promise<Answer> {
  const { db } = desk;
  const nowMs = desk.nowMs();
  const [control, breakers, processes, clocks, breaks, trades] = await Promise.all([
    readControl(db),
    countingBreakers(db, nowMs),
    acknowledgements(db),
    clockReadings(db),
    openBreaks(db),
    tradesList(db, TRADES_SHOWN),
  ]);
  const latest = await latestStoryLines(
    db,
    trades.map(({ workflowId }) => workflowId),
  );
  const data = { mode: desk.mode, ...control, breakers, processes, clocks, breaks };
  return {
    exitCode: exitCodes.done,
    data: { ...toWire(data), trades: trades.map(tradeData) },
    text: [
      `mode ${styleText('bold', desk.mode)}, freeze epoch ${control.epoch}`,
      section('processes', processTable(processes, clocks, nowMs)),
      section('freezes in force', freezeTable(control.freezes, nowMs)),
      section('breakers that count', breakerTable(breakers, nowMs)),
      section('open breaks', breakTable(breaks, nowMs)),
      section('trades, newest first', tradeTable(trades, latest, nowMs)),
    ].join('\n\n'),
  };
}

const section = (title: string, content: string): string =>
  `${styleText('underline', title)}\n${content}`;

function processTable(
  processes: readonly Acknowledgement[],
  clocks: readonly ClockReading[],
  nowMs: number,
): string {
  return table(
    ['process', 'pid#', 'host', 'heard#', 'epoch#', 'clock off by#'],
    processes.map(({ processId, component, pid, host, heartbeatAtMs, epochAcknowledged }) => [
      component,
      String(pid),
      host,
      `${duration(nowMs - heartbeatAtMs)} ago`,
      String(epochAcknowledged),
      clockError(clocks.find(({ process }) => process === processId)),
    ]),
  );
}

/** Of whoever has told: the most that its kernel says. */
function clockError(reading: ClockReading | undefined): string {
  if (!reading) return '';
  const { isSynchronised, maximumErrorUs } = reading;
  if (!isSynchronised || maximumErrorUs === undefined) return 'nobody keeps it';
  return `≤ ${(maximumErrorUs / 1_000).toFixed(1)} ms`;
}

function freezeTable(freezes: readonly Freeze[], nowMs: number): string {
  return table(
    ['freeze', 'scope', 'cause', 'action', 'by', 'age#', 'why'],
    freezes.map((frozen) => [
      frozen.freezeId,
      scopeText(frozen.scope),
      frozen.cause,
      frozen.action,
      frozen.by,
      duration(nowMs - frozen.atMs),
      frozen.why,
    ]),
  );
}

function breakTable(breaks: readonly OpenBreak[], nowMs: number): string {
  const found = table(
    ['break#', 'kind', 'about', 'pair', 'age#'],
    breaks.map(({ breakId, kind, key, pairId, atMs }) => [
      ...[String(breakId), kind, key, pairId ?? ''],
      duration(nowMs - atMs),
    ]),
  );
  if (breaks.length === 0) return found;
  const isStuck = breaks.some(({ kind }) => kind === 'workflow_task_failing');
  const stuck = isStuck ? '; what cannot go on: legwork take-over <trade> --why "…"' : '';
  const hint = `look at each, then close it: legwork resolve <break> --why "…"${stuck}`;
  return `${found}\n${styleText('dim', hint)}`;
}

function tradeTable(
  trades: readonly StoredIntent[],
  latest: ReadonlyMap<string, ToldLine>,
  nowMs: number,
): string {
  return table(
    ['time', 'trade', 'pair', 'contracts#', 'net#', 'state', ''],
    trades.map((trade) => [
      clock(trade.receivedAtMs, nowMs),
      trade.intent.intentId,
      trade.intent.pairId,
      trade.result?.contracts ?? trade.intent.contractsMax,
      trade.result ? signedMoney(trade.result.net) : '',
      trade.result ? resultText(trade.result.kind) : styleText('cyan', 'open'),
      lastWord(trade, latest.get(trade.workflowId)),
    ]),
  );
}

/** Why it ended so, or the newest line of a story that goes on. */
function lastWord({ result }: StoredIntent, latest: ToldLine | undefined): string {
  if (result) return result.denial?.code ?? result.residual?.reason ?? '';
  return latest?.text ?? '';
}

const tradeData = ({ intent, admission, result, ...rest }: StoredIntent) => ({
  ...rest,
  pairId: intent.pairId,
  type: intent.type,
  ...(admission && { admission: admission.kind }),
  ...(result && { result }),
});
