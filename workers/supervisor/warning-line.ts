import { styleText } from 'node:util';

/** A log record as pino writes it; a process may put anything else beside these. */
interface LogRecord {
  readonly level?: string;
  readonly component?: string;
  readonly msg?: string;
  readonly err?: { readonly message?: string };
}

/** One line for a person, from the JSON of a log record; the log file has the rest. */
export function warningLine(record: string): string {
  const { level, component, msg, err } = readRecord(record);
  const shout = styleText(level === 'warn' ? 'yellow' : 'red', level ?? 'warn');
  const words = [msg, err?.message].filter((text) => text !== undefined);
  return `${shout} ${component ?? 'a process'}: ${words.join(': ')}`;
}

/** What is no record, e.g. the last words of a native process, is a message. */
function readRecord(record: string): LogRecord {
  try {
    return JSON.parse(record) as LogRecord; // by createLogger, or by an engine's
  } catch {
    return { msg: record };
  }
}
