import type { WebSocket } from 'ws';
import type { StreamControls } from '../../simulation/index.js';
import { parsed } from '../answers.js';

/** One client of a stream. */
export interface Subscriber {
  send(message: unknown): void;
  /** The venue hangs up on who is not authorised. */
  refuse(): void;
}

/** What a channel does with its clients' messages. */
export interface Channel {
  onMessage(subscriber: Subscriber, message: unknown): void;
  onClose(subscriber: Subscriber): void;
}

const POLICY_VIOLATION = 1008;

/** Serves one socket: text PING is answered with PONG, everything else is JSON. */
export function serve(socket: WebSocket, channel: Channel, streams: StreamControls): void {
  streams.add(socket);
  const subscriber: Subscriber = {
    send: (message) => streams.send(socket, JSON.stringify(message)),
    refuse: () => socket.close(POLICY_VIOLATION, 'unauthorized'),
  };
  socket.on('message', (data: Buffer) => {
    const text = data.toString('utf8');
    if (text === 'PING') streams.send(socket, 'PONG');
    else channel.onMessage(subscriber, parsed(text));
  });
  socket.on('close', () => channel.onClose(subscriber));
  socket.on('error', () => undefined); // `close` follows
}
