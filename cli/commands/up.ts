import { fork } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { modes } from '../../domain/mode.js';
import { problemsOf } from '../../schemas/problems.js';
import { drainMessage, type UpMessage, upMessageSchema } from '../../schemas/process-messages.js';
import { faultProfiles, type UpRequest, upRequestSchema } from '../../schemas/up-request.js';
import { ensureFolder, newDataFolder } from '../../stack/index.js';
import { CommandError, failure } from '../answer.js';
import {
  dataFolder,
  engineFromEnvironment,
  externalServers,
  modeFromEnvironment,
  upEnvironment,
} from '../config.js';
import { exitCodes } from '../exit-codes.js';
import { print } from '../output.js';
import { tradeLinesOf } from '../trade-lines.js';
import { createUpView } from '../up-view.js';

interface UpOptions {
  readonly mode: string;
  readonly once?: true;
  readonly seed?: number;
  readonly arbs: number;
  readonly faults?: string;
  readonly pace?: number;
  readonly traders?: number;
  readonly out: string;
  readonly data?: string;
  readonly terms?: string;
  readonly withoutEngine?: true;
  readonly json?: true;
  readonly watch?: true;
}

export function upCommand(exit: (code: number) => void): Command {
  return new Command('up')
    .description('run everything on this machine: servers, venues, trading; until Ctrl-C')
    .addOption(
      new Option('--mode <mode>', 'what orders may do')
        .choices(modes)
        .default(modeFromEnvironment() ?? 'simulated'),
    )
    .option('--once', 'run a bounded session on a new data folder, report, and end')
    .option('--seed <n>', 'what the simulated markets and faults are drawn from', wholeNumber)
    .option('--arbs <n>', 'with --once: end after so many fired arbitrages', wholeNumber, 60)
    .addOption(
      new Option('--faults <profile>', 'how badly the venues behave').choices(faultProfiles),
    )
    .option('--pace <n>', 'how many times as often the simulated venues misprice', wholeNumber)
    .option('--traders <n>', 'how many trading workers share the work', wholeNumber)
    .option('--out <dir>', 'with --once: where the report goes', 'out')
    .option('--data <dir>', 'the data folder (default: one per user and checkout)')
    .option(
      '--terms <file>',
      'exit policy, bounds and durations (default: terms.json of the data folder)',
    )
    .option('--without-engine', 'fire nothing, look after what is open: exits, settlement, custody')
    .option('--json', 'print one JSON document per event')
    .option('--watch', 'compile on change and restart the processes')
    .addHelpText(
      'after',
      '\nExit codes: 0 stopped by Ctrl-C, or with --once a clean session; 1 it could not start or go on, ' +
        'or the session was not clean: the last lines say what.',
    )
    .action(async (options: UpOptions) => {
      try {
        exit(await up(requestOf(options), options.json === true));
      } catch (error) {
        exit(print(failure(error), options.json === true));
      }
    });
}

/** Starts everything in one child process, shows what it tells, and ends with its exit code. */
async function up(request: UpRequest, isJson: boolean): Promise<number> {
  const logs = ensureFolder(join(request.dataFolder, 'logs'));
  const output = openSync(join(logs, 'supervisor.log'), 'a', 0o600);
  const entry = new URL('../../workers/all-in-one.js', import.meta.url);
  const child = fork(entry, [], {
    // A group of its own: Ctrl-C reaches us alone, and we ask for the drain.
    detached: true,
    env: upEnvironment(request),
    execArgv: process.execArgv,
    stdio: ['ignore', output, output, 'ipc'],
  });
  closeSync(output);
  const view = createUpView({ request, isJson, trades: tradeLinesOf(request) });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      view.draining();
      if (child.connected) child.send(drainMessage);
    });
  }
  child.on('message', (message) => {
    const said: UpMessage | undefined = upMessageSchema.safeParse(message).data;
    if (said !== undefined) view.show(said);
  });
  const exitCode = await new Promise<number>((done) =>
    child.once('exit', (code) => done(code ?? exitCodes.invalid)),
  );
  await view.close(exitCode);
  return exitCode;
}

function requestOf(options: UpOptions): UpRequest {
  if (options.once && options.withoutEngine) {
    throw new CommandError(
      exitCodes.invalid,
      'nothing was started: --once counts what is fired, and --without-engine fires nothing',
      ['leave out one of the two.'],
    );
  }
  const { once, mode, seed, arbs, out, data, watch, pace, traders } = options;
  const folder = once && data === undefined ? newDataFolder(Date.now()) : dataFolder(data);
  const asked = upRequestSchema.safeParse({
    ...{ mode, seed, pace, traders, dataFolder: folder, isWatching: watch === true },
    ...{ faults: options.faults ?? 'light', hasEngine: !options.withoutEngine },
    ...(once && { session: { arbs, outFolder: resolve(out) } }),
    ...(options.terms !== undefined && { termsFile: resolve(options.terms) }),
    ...externalServers(),
    ...engineFromEnvironment(),
  });
  if (asked.success) return asked.data;
  const problems = problemsOf(asked.error).map(({ path, message }) => `${path}: ${message}`);
  throw new CommandError(exitCodes.invalid, `nothing was started: ${problems.join('; ')}`, [
    '`legwork up --help` says what each option may be.',
  ]);
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(number)) return number;
  throw new InvalidArgumentError('a whole number is needed');
}
