import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { SimulatedExchange } from '../../simulation/index.js';
import type { createGate } from './gate.js';
import { StreamSession } from './stream-session.js';

export const STREAM_PATH = '/trade-api/ws/v2';
const PING_MS = 10_000;

export interface StreamServerOptions {
  readonly exchange: SimulatedExchange;
  readonly gate: ReturnType<typeof createGate>;
  /** Epoch milliseconds, of the machine: headers are signed with it. */
  readonly nowMs: () => number;
}

export interface StreamServer {
  /** Breaks every connection, as a maintenance does. */
  dropConnections(): void;
  /** The next book changes are lost on the way; their sequence numbers are not. */
  loseDeltas(count: number): void;
  close(): void;
}

/** Takes the upgrades of an HTTP server; every connection must be signed. */
export function attachStreamServer(server: Server, options: StreamServerOptions): StreamServer {
  const { exchange, gate, nowMs } = options;
  const sockets = new WebSocketServer({ noServer: true });
  const sessions = new Set<StreamSession>();
  let lost = 0;
  const isLost = () => lost > 0 && lost-- > 0;

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const { url = '', method = 'GET', headers } = request;
    const admitted = gate({ method, url, headers, nowMs: nowMs() });
    if (url.split('?', 1)[0] !== STREAM_PATH || admitted.kind === 'refused') {
      socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      const send = (frame: object) => client.send(JSON.stringify(frame));
      const session = new StreamSession({ exchange, account: admitted.account, send, isLost });
      sessions.add(session);
      client.on('message', (data) => session.take(Buffer.isBuffer(data) ? data.toString() : ''));
      client.on('close', () => sessions.delete(session));
      client.on('error', () => client.terminate());
    });
  });

  const silence = exchange.onEvent((event) => {
    for (const session of sessions) session.hear(event);
  });
  const pings = setInterval(() => {
    for (const client of sockets.clients) client.ping('heartbeat');
  }, PING_MS);

  const dropConnections = () => {
    for (const client of sockets.clients) client.terminate();
  };
  return {
    dropConnections,
    loseDeltas: (count) => {
      lost += count;
    },
    close: () => {
      clearInterval(pings);
      silence();
      dropConnections();
      sockets.close();
    },
  };
}
