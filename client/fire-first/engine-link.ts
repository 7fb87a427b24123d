import type { Socket } from 'node:net';
import type { Mode } from '../../domain/index.js';
import type { Greeting } from '../../schemas/index.js';
import { connectOnce, type EngineConnection, type NotGreeted } from './engine-connection.js';
import { FireFirstError, type Refusal } from './fire-first-client.js';

const RECONNECT_MS_MIN = 100;
const RECONNECT_MS_MAX = 5_000;

/** A connection that is made anew whenever it ends, unless the engine is one of another mode. */
export class EngineLink {
  readonly #path: string;
  readonly #mode: Mode;
  #connection: EngineConnection | undefined;
  #socket: Socket | undefined;
  /** Why there is none; one that stays is never tried again. */
  #trouble: FireFirstError = notConnected('not connected yet');
  #isOver = false;
  #timer: NodeJS.Timeout | undefined;
  #delayMs = RECONNECT_MS_MIN;
  readonly #watching = new Set<() => void>();

  constructor(path: string, mode: Mode) {
    this.#path = path;
    this.#mode = mode;
    this.#connect();
  }

  get connection(): EngineConnection | undefined {
    return this.#connection;
  }

  get trouble(): FireFirstError {
    return this.#trouble;
  }

  /** A connection, or nothing where there is none in time or never will be. */
  async connected(deadlineMs: number): Promise<EngineConnection | undefined> {
    if (this.#connection || this.#isOver) return this.#connection;
    return new Promise((resolve) => {
      const look = (): void => {
        if (this.#connection || this.#isOver) done();
      };
      const done = (): void => {
        clearTimeout(timer);
        this.#watching.delete(look);
        resolve(this.#connection);
      };
      const timer = setTimeout(done, deadlineMs);
      this.#watching.add(look);
    });
  }

  close(): void {
    this.#end(notConnected('closed'));
    this.#socket?.destroy();
  }

  #connect(): void {
    this.#socket = connectOnce(this.#path, {
      onGreeted: (connection) => this.#greeted(connection),
      onNotGreeted: (why) => this.#notGreeted(why),
      onEnded: () => this.#lost(notConnected('the connection has ended')),
    });
  }

  #greeted(connection: EngineConnection): void {
    const mismatch = mismatchOf(connection.greeting, this.#mode);
    if (mismatch) {
      this.#end(mismatch);
      connection.close();
      return;
    }
    this.#delayMs = RECONNECT_MS_MIN;
    this.#connection = connection;
    this.#tell();
  }

  #notGreeted(why: NotGreeted): void {
    const trouble = troubleOf(this.#path, why);
    if (why.kind === 'other_version') this.#end(trouble);
    else this.#lost(trouble);
  }

  #lost(trouble: FireFirstError): void {
    this.#connection = undefined;
    if (this.#isOver) return;
    this.#trouble = trouble;
    this.#timer = setTimeout(() => this.#connect(), this.#delayMs);
    this.#delayMs = Math.min(2 * this.#delayMs, RECONNECT_MS_MAX);
  }

  #end(trouble: FireFirstError): void {
    if (!this.#isOver) this.#trouble = trouble;
    this.#isOver = true;
    this.#connection = undefined;
    clearTimeout(this.#timer);
    this.#tell();
  }

  #tell(): void {
    for (const look of [...this.#watching]) look();
  }
}

function notConnected(why: string): FireFirstError {
  return new FireFirstError(`the engine is not connected: ${why}`, refusal('NOT_CONNECTED'));
}

const refusal = (code: string, advice: Refusal['advice'] = 'wait'): Refusal => ({
  code,
  detail: '',
  advice,
});

function mismatchOf({ mode, host }: Greeting, wanted: Mode): FireFirstError | undefined {
  if (mode === wanted) return undefined;
  const message = `the engine of ${host} is ${mode}, and this client is ${wanted}`;
  return new FireFirstError(message, refusal('MODE_MISMATCH', 'call_operator'));
}

function troubleOf(path: string, why: NotGreeted): FireFirstError {
  switch (why.kind) {
    case 'other_version': {
      const message = `the engine at ${path} speaks version ${why.version}: bring both to one version`;
      return new FireFirstError(message, refusal('VERSION_MISMATCH', 'call_operator'));
    }
    case 'no_engine':
      return new FireFirstError(`what listens at ${path} is no engine`, refusal('NOT_CONNECTED'));
    case 'refused':
      return new FireFirstError(`the door says ${why.refusal.code}`, why.refusal);
    case 'unreachable':
      return notConnected(why.cause);
  }
}
