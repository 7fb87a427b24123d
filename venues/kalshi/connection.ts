import type { RawData } from 'ws';
import { WebSocket } from 'ws';
import type { KalshiSigner } from './signing.js';
import type { Frame } from './wire.js';
import { frame } from './wire.js';

/** What a feed needs from a connection that keeps coming back. */
export interface KalshiConnection {
  /** When it last spoke: data, a ping of its own or the answer to ours. Epoch milliseconds. */
  heardAtMs(): number;
  isOpen(): boolean;
  /** Sends a command and returns its id; dropped while the connection is down. */
  command(cmd: string, params: object): number;
  /** Ends this connection and makes another: what was subscribed starts again from nothing. */
  restart(): void;
  close(): Promise<void>;
}

export interface KalshiConnectionOptions {
  /** `wss://…/trade-api/ws/v2`. */
  readonly wsUrl: string;
  readonly signer: KalshiSigner;
  /** Epoch milliseconds. */
  readonly nowMs: () => number;
  readonly timing?: Partial<ConnectionTiming>;
}

export interface ConnectionTiming {
  /** Our own ping; its answer shows that a quiet connection is alive. */
  readonly pingMs: number;
  /** Silence after which a connection is given up. */
  readonly silenceMsMax: number;
  readonly handshakeMsMax: number;
  /** The pause before a new connection doubles from the first to the last of these. */
  readonly backOffMs: { readonly least: number; readonly most: number };
}

const TIMING: ConnectionTiming = {
  pingMs: 1_000,
  silenceMsMax: 5_000,
  handshakeMsMax: 3_000,
  backOffMs: { least: 100, most: 5_000 },
};

/** The feed's side: `onOpen` for each new connection, then its frames. */
export interface ConnectionEvents {
  onOpen(): void;
  onFrame(frame: Frame): void;
  onDown(): void;
}

/** Signed at every upgrade (the timestamp is part of it); server pings are answered by `ws` itself. */
export function createKalshiConnection(
  options: KalshiConnectionOptions,
  events: ConnectionEvents,
): KalshiConnection {
  const { nowMs } = options;
  const timing = { ...TIMING, ...options.timing };
  let socket: WebSocket | undefined;
  let heardAtMs = 0;
  let openedAtMs = 0;
  let attempts = 0;
  let commands = 0;
  let isClosed = false;
  let retry: NodeJS.Timeout | undefined;
  const watch = setInterval(() => pingOrGiveUp(), timing.pingMs);

  function open(): void {
    const opening = upgrade(options, timing);
    socket = opening;
    const heard = () => {
      heardAtMs = nowMs();
    };
    opening.on('open', () => {
      heard();
      openedAtMs = heardAtMs;
      events.onOpen();
    });
    opening.on('message', (data) => {
      heard();
      const read = readFrame(data);
      if (read) events.onFrame(read);
    });
    opening.on('ping', heard);
    opening.on('pong', heard);
    opening.on('error', () => undefined); // 'close' follows, and that is where we come back from
    opening.on('close', () => {
      if (socket !== opening) return;
      socket = undefined;
      // Only a connection that held has earned a fresh start; one that falls at once is not hammered.
      if (openedAtMs > 0 && nowMs() - openedAtMs > timing.silenceMsMax) attempts = 0;
      openedAtMs = 0;
      events.onDown();
      if (!isClosed) retry = setTimeout(open, pauseMs(timing, attempts++));
    });
  }

  function pingOrGiveUp(): void {
    if (socket?.readyState !== WebSocket.OPEN) return;
    if (nowMs() - heardAtMs > timing.silenceMsMax) socket.terminate();
    else socket.ping();
  }

  open();
  return {
    heardAtMs: () => heardAtMs,
    isOpen: () => socket?.readyState === WebSocket.OPEN,
    command: (cmd, params) => {
      commands += 1;
      if (socket?.readyState === WebSocket.OPEN) {
        socket.send(JSON.stringify({ id: commands, cmd, params }));
      }
      return commands;
    },
    restart: () => socket?.terminate(),
    close: async () => {
      isClosed = true;
      clearInterval(watch);
      clearTimeout(retry);
      await closed(socket);
    },
  };
}

function upgrade(options: KalshiConnectionOptions, timing: ConnectionTiming): WebSocket {
  const { wsUrl, signer, nowMs } = options;
  const path = new URL(wsUrl).pathname;
  const headers = signer({ method: 'GET', path, timestampMs: nowMs() });
  return new WebSocket(wsUrl, {
    headers: { ...headers },
    handshakeTimeout: timing.handshakeMsMax,
    perMessageDeflate: false,
  });
}

/** A frame that is not the venue's says nothing; what it replaced shows as a hole in `seq`. */
function readFrame(data: RawData): Frame | undefined {
  if (!Buffer.isBuffer(data)) return undefined; // `ws` hands over Buffers unless told otherwise
  try {
    return frame.safeParse(JSON.parse(data.toString('utf8'))).data;
  } catch {
    return undefined; // not JSON
  }
}

function pauseMs({ backOffMs }: ConnectionTiming, attempts: number): number {
  return Math.min(backOffMs.most, backOffMs.least * 2 ** Math.min(attempts, 16));
}

async function closed(socket: WebSocket | undefined): Promise<void> {
  if (!socket || socket.readyState === WebSocket.CLOSED) return;
  await new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
    socket.terminate();
  });
}
