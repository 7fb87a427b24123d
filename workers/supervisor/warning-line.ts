import { prettyFactory } from 'pino-pretty';

const pretty = prettyFactory({
  colorize: false,
  singleLine: true,
  ignore: 'pid,hostname,component,time',
  messageFormat: '{component}: {msg}',
});

/** One line for a person, from the JSON of a log record. */
export function warningLine(record: string): string {
  return pretty(record).trimEnd();
}
