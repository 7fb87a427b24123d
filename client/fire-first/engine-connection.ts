import { connect, type Socket } from 'node:net';
import type { FireRefusal, Greeting } from '../../schemas/index.js';
import {
  decodeAnswer,
  decodeGreeting,
  type EngineAnswer,
  type ReadGreeting,
} from './decode-answer.js';
import { type Frame, FrameReader } from './frames.js';

/** What came of a request; whatever is not an answer says nothing about it. */
export type Settled =
  | { readonly kind: 'answered'; readonly answer: EngineAnswer }
  | { readonly kind: 'silent'; readonly why: Silence };

/** Why nothing is known of a request that may have been done. */
export type Silence = 'no_answer_in_time' | 'connection_lost' | 'answer_unreadable';

/** How a connection ended before it was one. */
export type NotGreeted =
  | Exclude<ReadGreeting, { kind: 'greeting' }>
  | { readonly kind: 'refused'; readonly refusal: FireRefusal }
  | { readonly kind: 'unreachable'; readonly cause: string };

/** One connection to an engine, from its greeting to its end. */
export class EngineConnection {
  readonly greeting: Greeting;
  readonly #socket: Socket;
  readonly #waiting = new Map<bigint, (settled: Settled) => void>();

  constructor(socket: Socket, greeting: Greeting) {
    this.#socket = socket;
    this.greeting = greeting;
  }

  /** Whether a frame would be the kernel's at once. One that waits here would arrive late. */
  canWrite(): boolean {
    return this.#socket.writable && this.#socket.writableLength === 0;
  }

  /** Writes a request and waits for its answer. From here on nothing but an answer is a no. */
  async ask(number: bigint, frame: Buffer, deadlineMs: number): Promise<Settled> {
    return new Promise((resolve) => {
      const settle = (settled: Settled): void => {
        clearTimeout(timer);
        this.#waiting.delete(number);
        resolve(settled);
      };
      const late = (): void => settle({ kind: 'silent', why: 'no_answer_in_time' });
      const timer = setTimeout(late, deadlineMs);
      this.#waiting.set(number, settle);
      this.#socket.write(frame);
    });
  }

  heard(frame: Frame): void {
    const settle = this.#waiting.get(frame.number); // late, or the door's own last word: nobody's
    const answer = decodeAnswer(frame);
    settle?.(answer ? { kind: 'answered', answer } : { kind: 'silent', why: 'answer_unreadable' });
  }

  ended(): void {
    for (const settle of [...this.#waiting.values()]) {
      settle({ kind: 'silent', why: 'connection_lost' });
    }
  }

  close(): void {
    this.#socket.destroy();
  }
}

export interface Listening {
  readonly onGreeted: (connection: EngineConnection) => void;
  readonly onNotGreeted: (why: NotGreeted) => void;
  /** Of a connection that was greeted. */
  readonly onEnded: () => void;
}

/** Connects once; tells exactly one of `onGreeted` and `onNotGreeted`. */
export function connectOnce(path: string, listening: Listening): Socket {
  const socket = connect(path);
  const reader = new FrameReader();
  let connection: EngineConnection | undefined;
  let isOver = false;
  const over = (why: NotGreeted): void => {
    if (isOver) return;
    isOver = true;
    socket.destroy();
    if (!connection) {
      listening.onNotGreeted(why);
      return;
    }
    connection.ended();
    listening.onEnded();
  };
  const greet = (frame: Frame): void => {
    const read = readFirst(frame);
    if (read.kind !== 'greeting') {
      over(read);
      return;
    }
    connection = new EngineConnection(socket, read.greeting);
    listening.onGreeted(connection);
  };
  socket.on('data', (bytes: Buffer) => {
    try {
      for (const frame of reader.read(bytes)) {
        if (connection) connection.heard(frame);
        else if (!isOver) greet(frame);
      }
    } catch {
      over({ kind: 'no_engine' }); // nothing after these bytes can be read
    }
  });
  socket.on('error', (cause) => over({ kind: 'unreachable', cause: cause.message }));
  socket.on('close', () => over({ kind: 'unreachable', cause: 'closed before its greeting' }));
  return socket;
}

/** A door that is full, or for somebody else, says so instead of greeting. */
function readFirst(frame: Frame): ReadGreeting | Extract<NotGreeted, { kind: 'refused' }> {
  const answer = decodeAnswer(frame);
  return answer?.kind === 'refused' ? answer : decodeGreeting(frame);
}
