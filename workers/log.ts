import { type DestinationStream, type Logger, multistream, pino } from 'pino';
import { PinoPretty } from 'pino-pretty';

export interface LogOptions {
  /** The process, in every line. */
  readonly component: string;
  /** Told of warnings and worse, as JSON: the person at the terminal should see them. */
  readonly onWarning?: (record: string) => void;
}

const CENSOR = '[secret]';

/** Wherever these appear in a record, the value is left out. */
const secretPaths = [
  'password',
  'databaseUrl',
  'privateKey',
  'privateKeyPem',
  'secret',
  'passphrase',
  'apiKey',
  'signature',
  'authorization',
]
  .flatMap((name) => [name, `*.${name}`, `*.*.${name}`, `*.*.*.${name}`])
  .concat(['headers', '*.headers', '*.*.headers']);

/** What may stand in the middle of a text, such as an error's message. */
const secretTexts: readonly (readonly [RegExp, string])[] = [
  // The password of a URL, up to the last @ before its path.
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@"]*:)[^\s/"]*@/gi, `$1${CENSOR}@`],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----/gs, CENSOR],
];

/**
 * Log lines: pretty on a terminal, JSON otherwise. They are written before the call returns, so that
 * the last words of a process that dies are there to read.
 */
export function createLogger({ component, onWarning }: LogOptions): Logger {
  const streams = [
    { level: 'trace' as const, stream: withoutSecrets(outputStream()) },
    ...(onWarning
      ? [{ level: 'warn' as const, stream: withoutSecrets({ write: onWarning }) }]
      : []),
  ];
  return pino(
    {
      base: { component },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: secretPaths, censor: CENSOR },
    },
    multistream(streams),
  );
}

const withoutSecrets = (stream: DestinationStream): DestinationStream => ({
  write: (record) =>
    stream.write(
      secretTexts.reduce((text, [secret, instead]) => text.replace(secret, instead), record),
    ),
});

function outputStream(): DestinationStream {
  if (process.stdout.isTTY) return PinoPretty({ sync: true, ignore: 'pid,hostname' });
  return pino.destination({ dest: 1, sync: true });
}
