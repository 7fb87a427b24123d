import type { Logger } from 'pino';
import { type ChildMessage, orderSchema } from '../schemas/process-messages.js';
import { type ProcessConfig, readProcessConfig } from './config.js';
import { createLogger } from './log.js';

export interface ProcessContext {
  readonly config: ProcessConfig;
  readonly log: Logger;
}

export interface RunningWork {
  /** Takes no new work, finishes what is begun and lets go of everything. Called once. */
  readonly stop: () => Promise<void>;
  /** What an operator wants to know of it, e.g. the address it listens on. */
  readonly info?: Readonly<Record<string, string>>;
}

export interface ProcessDefinition {
  /** Starts the work; when the promise is fulfilled the process is ready. */
  readonly start: (context: ProcessContext) => Promise<RunningWork>;
}

/**
 * The life of every process of ours.
 * 1. It reads its configuration, starts its work and tells its supervisor that it is ready.
 * 2. It drains when it is told to, on SIGTERM, and when its supervisor's channel closes: nobody
 *    would restart or stop it any more.
 * 3. Draining while it still starts waits for the start, so that nothing is left half open. Where the
 *    supervisor died before that, nothing is started: the channel's end was told to nobody yet.
 * 4. An error that nobody handled ends it at once, logged: a restart is safer than a guess.
 */
export function runProcess({ start }: ProcessDefinition): void {
  const config = readProcessConfig();
  const log = createLogger({
    component: config.component,
    onWarning: (record) => tell({ kind: 'warning', record }),
  });
  endOnUnhandled(log);
  if (hasLostItsSupervisor()) {
    log.info('its supervisor is gone: nothing is started');
    process.exit(0);
  }
  // A turn later, so that an entry may call this above the constants that its work needs.
  const work = Promise.resolve().then(async () => start({ config, log }));
  work.then(
    ({ info = {} }) => {
      tell({ kind: 'ready', info });
      log.info(info, 'ready');
    },
    (error: unknown) => end({ log, error, what: 'could not start' }),
  );
  onDrainRequest((why) => void drain({ work, log, why, drainMs: config.drainMs }));
}

function tell(message: ChildMessage): void {
  // A closed channel means that we drain already.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

/** Started by hand there was no channel, and nothing to send with. */
const hasLostItsSupervisor = (): boolean => process.send !== undefined && !process.connected;

function onDrainRequest(drainNow: (why: string) => void): void {
  process.on('message', (message) => {
    if (orderSchema.safeParse(message).success) drainNow('asked to');
  });
  process.on('disconnect', () => drainNow('its supervisor is gone'));
  process.on('SIGTERM', () => drainNow('SIGTERM'));
  // Ctrl-C in a terminal reaches a process that was started by hand.
  process.on('SIGINT', () => drainNow('SIGINT'));
}

interface Drain {
  readonly work: Promise<RunningWork>;
  readonly log: Logger;
  readonly why: string;
  readonly drainMs: number;
}

let isDraining = false;

async function drain({ work, log, why, drainMs }: Drain): Promise<void> {
  if (isDraining) return;
  isDraining = true;
  log.info({ why }, 'draining');
  // Without a supervisor nobody else would end a process that cannot drain.
  setTimeout(() => end({ log, error: drainMs, what: 'did not drain in time' }), drainMs).unref();
  try {
    const { stop } = await work;
    await stop();
    log.info('drained');
    process.exit(0);
  } catch (error) {
    end({ log, error, what: 'could not drain' });
  }
}

function endOnUnhandled(log: Logger): void {
  process.on('uncaughtException', (error) => end({ log, error, what: 'uncaught error' }));
  process.on('unhandledRejection', (error) => end({ log, error, what: 'unhandled rejection' }));
}

interface Ending {
  readonly log: Logger;
  readonly error: unknown;
  readonly what: string;
}

function end({ log, error, what }: Ending): never {
  log.fatal({ err: error }, what);
  process.exit(1);
}
