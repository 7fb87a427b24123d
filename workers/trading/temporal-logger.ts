import {
  DefaultLogger,
  type LogMetadata,
  Runtime,
  type Logger as TemporalLogger,
} from '@temporalio/worker';
import type { Logger } from 'pino';

const levels = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
} as const;

/** The worker of exits has no workflows by design. */
const expected = /^No workflows registered/;

/**
 * What the Temporal SDK has to say, in our log. Once per process and before any connection; signals
 * are the process' own business.
 */
export function installTemporalLogger(log: Logger): void {
  Runtime.install({ logger: temporalLogger(log), shutdownSignals: [] });
}

function temporalLogger(log: Logger): TemporalLogger {
  const child = log.child({ from: 'temporal' });
  return new DefaultLogger('INFO', ({ level, message, meta }) => {
    const isNews = level !== 'WARN' || !expected.test(message);
    child[isNews ? levels[level] : 'debug'](withError(meta), message);
  });
}

/** pino writes an error out whole only under its own name for it. */
function withError(meta: LogMetadata = {}): object {
  const { error }: { readonly error?: unknown } = meta;
  return error === undefined ? meta : { ...meta, error: undefined, err: error };
}
