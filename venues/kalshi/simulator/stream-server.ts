import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { SimulatedExchange, StreamControls } from '../../simulation/index.js';
import type { createGate } from './gate.js';
import { StreamSession } from './stream-session.js';

export const STREAM_PATH = '/trade-api/ws/v2';
const PING_MS = 10_000;

export interface StreamServerOptions {
  readonly exchange: SimulatedExchange;
  readonly gate: ReturnType<typeof createGate>;
  /** Epoch milliseconds, of the machine: headers are signed with it. */
  readonly nowMs: () => number;
  readonly streams: StreamControls;
}

export interface StreamServer {
  close(): void;
}

/** Takes the upgrades of an HTTP server; every connection must be signed. */
export function attachStreamServer(server: Server, options: StreamServerOptions): StreamServer {
  const { exchange, gate, nowMs, streams } = options;
  const sockets = new WebSocketServer({ noServer: true });
  const sessions = new Set<StreamSession>();
  const isLost = () => {
    const isThisOne = streams.isChangeLost();
    if (isThisOne) exchange.faults.script.count('book_change_lost');
    return isThisOne;
  };

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy()); // who is refused may hang up before it has read that
    if (exchange.conditions.outage !== undefined) {
      exchange.faults.script.count('outage_stream_met');
      if (exchange.conditions.outage === 'refused') socket.destroy();
      else streams.leaveUnanswered(socket);
      return;
    }
    const { url = '', method = 'GET', headers } = request;
    const admitted = gate({ method, url, headers, nowMs: nowMs() });
    if (url.split('?', 1)[0] !== STREAM_PATH || admitted.kind === 'refused') {
      socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      streams.add(client);
      const send = (frame: object) => streams.send(client, JSON.stringify(frame));
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

  return {
    close: () => {
      clearInterval(pings);
      silence();
      streams.close();
      sockets.close();
    },
  };
}
