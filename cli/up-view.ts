import { join } from 'node:path';
import { styleText } from 'node:util';
import type { UpMessage } from '../schemas/process-messages.js';
import type { UpRequest } from '../schemas/up-request.js';
import { type Terminal, terminal } from './output.js';
import { createStartView } from './start-view.js';

export interface UpView {
  readonly show: (message: UpMessage) => void;
  /** The end was asked for: says so, since draining takes a moment. */
  readonly draining: () => void;
  /** The process is gone. */
  readonly close: (exitCode: number) => Promise<void>;
}

/** A live line per trade, until the signal says that nobody looks any more. */
export type TradeLines = (signal: AbortSignal) => AsyncIterable<string>;

export interface UpViewOptions {
  readonly request: UpRequest;
  readonly isJson: boolean;
  readonly trades?: TradeLines;
  readonly to?: Terminal;
}

/** What a person sees of `legwork up`: the start, one screen, then a line per trade. */
export function createUpView(options: UpViewOptions): UpView {
  return options.isJson ? jsonView(options) : textView(options);
}

function textView({ request, trades, to = terminal }: UpViewOptions): UpView {
  const start = createStartView();
  const closed = new AbortController();
  let isStarted = false;
  let failure: string | undefined;
  const line = (text: string): void => to.out(`${text}\n`);

  return {
    show: (message) => {
      switch (message.kind) {
        case 'step':
          start.step(message.part, message.line);
          return;
        case 'done':
          start.done(message.part, message.line);
          return;
        case 'line':
          start.afterwards(() => line(message.line));
          return;
        case 'ready':
          isStarted = true;
          start.afterwards(() => line(screenOf(request, message)));
          if (trades) void printTrades(trades(closed.signal), line);
          return;
        case 'failed':
          failure = message.message;
      }
    },
    draining: () =>
      start.afterwards(() =>
        line(styleText('dim', 'draining; what is on the wire is finished first')),
      ),
    close: async (exitCode) => {
      closed.abort();
      await start.close(exitCode === 0);
      if (failure !== undefined) to.err(`${styleText('red', 'error:')} ${failure}\n`);
      else if (exitCode !== 0) to.err(`${endedBadly(request, exitCode, isStarted)}\n`);
    },
  };
}

/** One JSON document per event, for a program that watches. */
function jsonView({ trades, to = terminal }: UpViewOptions): UpView {
  const closed = new AbortController();
  const say = (event: object): void => to.out(`${JSON.stringify(event)}\n`);
  return {
    show: (message) => {
      say(message);
      if (message.kind !== 'ready' || trades === undefined) return;
      void printTrades(trades(closed.signal), (line) => say({ kind: 'trade', line }));
    },
    draining: () => say({ kind: 'draining' }),
    close: async (exitCode) => {
      closed.abort();
      say({ kind: 'ended', exitCode });
    },
  };
}

async function printTrades(lines: AsyncIterable<string>, print: (line: string) => void) {
  try {
    for await (const text of lines) print(text);
  } catch (error) {
    print(`no more trade lines: ${String(error)}`); // the trades themselves go on
  }
}

type Ready = Extract<UpMessage, { kind: 'ready' }>;

function screenOf({ mode, dataFolder, faults, session }: UpRequest, ready: Ready): string {
  const rows: [string, string][] = [
    ['mode', mode === 'simulated' ? `${mode}, faults ${faults}` : mode],
    ...(ready.temporalWebUrl ? [['Temporal Web', webPage(ready, mode)] as [string, string]] : []),
    ...Object.entries(ready.venues),
    ['data', dataFolder],
    ...(session ? sessionRows(session) : []),
  ];
  const lines = rows.map(([name, value]) => `  ${styleText('dim', name.padEnd(14))}${value}`);
  const hint = 'Ctrl-C drains and stops. In another terminal: npx legwork status | freeze | --help';
  return ['', styleText('bold', 'legwork is ready'), ...lines, '', styleText('dim', hint), ''].join(
    '\n',
  );
}

function sessionRows({ arbs, outFolder }: NonNullable<UpRequest['session']>): [string, string][] {
  return [
    ['session', `${arbs} fired arbitrages, then every trade ends; report in ${outFolder}`],
    ['', 'of the folders that --once made for itself, the latest five before this one are kept'],
  ];
}

function webPage({ temporalWebUrl }: Ready, mode: string): string {
  return `${temporalWebUrl ?? ''}/namespaces/legwork-${mode}/workflows`;
}

function endedBadly({ dataFolder }: UpRequest, exitCode: number, wasReady: boolean): string {
  const log = join(dataFolder, 'logs', 'supervisor.log');
  return [
    `error: it ended with code ${exitCode}${wasReady ? '' : ' before it was ready'}`,
    `  → see ${log}; start again to go on where it was`,
  ].join('\n');
}
