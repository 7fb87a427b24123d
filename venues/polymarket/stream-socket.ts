import { WebSocket } from 'ws';

/** Every duration of a stream, in milliseconds. */
export interface StreamTimings {
  /** Our own ping control frame: its pong says that the connection lives. */
  readonly pingMs: number;
  /** The venue asks for the text PING at least every 10 s. */
  readonly textPingMs: number;
  /** Without a word for this long the connection is given up. */
  readonly silenceMs: number;
  /** A connection that takes longer to open is given up: a venue may accept and never answer. */
  readonly handshakeMs: number;
  /** The first wait before a new connection; it doubles up to the second. */
  readonly backoffMs: number;
  readonly backoffMsMax: number;
}

export const streamTimings: StreamTimings = {
  pingMs: 1_000,
  textPingMs: 10_000,
  silenceMs: 5_000,
  handshakeMs: 3_000,
  backoffMs: 100,
  backoffMsMax: 5_000,
};

export interface StreamOptions {
  readonly url: string;
  readonly nowMs: () => number;
  readonly timings: StreamTimings;
  /** Connected: say what is wanted. */
  readonly onOpen: () => void;
  readonly onText: (text: string) => void;
  /** The connection is gone: whatever was said since may be lost. */
  readonly onDown: () => void;
}

/** One WebSocket that comes back by itself until it is closed. */
export interface StreamSocket {
  /** Says nothing while there is no connection: `onOpen` says everything again. */
  send(text: string): void;
  /** When the connection last spoke, epoch milliseconds; 0 before the first word. */
  readonly heardAtMs: number;
  close(): Promise<void>;
}

export function openStreamSocket(options: StreamOptions): StreamSocket {
  const { url, nowMs, timings } = options;
  let socket: WebSocket | undefined;
  let heardAtMs = 0;
  let waitMs = timings.backoffMs;
  let isClosed = false;
  let reconnect: NodeJS.Timeout | undefined;
  const isOpen = () => socket?.readyState === WebSocket.OPEN;
  const heard = () => {
    heardAtMs = nowMs();
  };
  const send = (text: string) => {
    if (isOpen()) socket?.send(text);
  };

  const connect = () => {
    const next = new WebSocket(url, {
      handshakeTimeout: timings.handshakeMs,
      perMessageDeflate: false,
    });
    socket = next;
    next.on('open', () => {
      heard();
      waitMs = timings.backoffMs;
      options.onOpen();
    });
    next.on('message', (data: Buffer) => {
      heard();
      options.onText(data.toString('utf8'));
    });
    next.on('pong', heard);
    next.on('error', () => undefined); // `close` follows and brings the connection back
    next.on('close', () => {
      options.onDown();
      if (isClosed) return;
      reconnect = setTimeout(connect, waitMs);
      waitMs = Math.min(waitMs * 2, timings.backoffMsMax);
    });
  };
  const pinging = setInterval(() => {
    if (!isOpen()) return;
    socket?.ping();
    // After a pause of this process its own timers come first: what has arrived is heard before.
    setImmediate(() => {
      if (isOpen() && nowMs() - heardAtMs > timings.silenceMs) socket?.terminate();
    });
  }, timings.pingMs);
  const textPinging = setInterval(() => send('PING'), timings.textPingMs);
  connect();

  return {
    send,
    get heardAtMs() {
      return heardAtMs;
    },
    close: async () => {
      isClosed = true;
      clearInterval(pinging);
      clearInterval(textPinging);
      clearTimeout(reconnect);
      await closed(socket);
    },
  };
}

/** A socket that is still connecting throws away its handshake; the error is what we asked for. */
async function closed(socket: WebSocket | undefined): Promise<void> {
  if (!socket || socket.readyState === WebSocket.CLOSED) return;
  await new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
    socket.terminate();
  });
}
