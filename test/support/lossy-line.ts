import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** What became of a request on its way. */
export type Fate = 'delivered' | 'lost';

export interface LossyLine {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/**
 * A line to a venue that loses what it is told to lose: such a request never arrives, and whoever
 * sent it hears nothing. Everything else, streams too, passes as it is.
 */
export async function openLossyLine(
  venueUrl: string,
  fateOf: (request: { readonly method: string; readonly body: string }) => Fate,
): Promise<LossyLine> {
  const { hostname, port } = new URL(venueUrl);
  const sockets = new Set<Socket>();
  const server = createServer((incoming, answer) => void pass(incoming, answer));
  server.on('connection', (socket) => keep(socket));
  server.on('upgrade', (incoming: IncomingMessage, socket: Socket) => {
    const venue = keep(connect(Number(port), hostname));
    const headers = pairsOf(incoming.rawHeaders).map(([name, value]) => `${name}: ${value}\r\n`);
    venue.write(`GET ${incoming.url ?? '/'} HTTP/1.1\r\n${headers.join('')}\r\n`);
    venue.pipe(socket).pipe(venue);
    venue.on('close', () => socket.destroy());
    socket.on('close', () => venue.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port: ours } = server.address() as AddressInfo; // it listens on TCP
  return {
    url: `http://127.0.0.1:${ours}`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  function keep(socket: Socket): Socket {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    return socket;
  }

  async function pass(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const { method = 'GET', url: path = '/', headers } = incoming;
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer); // no encoding was set
    const body = Buffer.concat(chunks);
    if (fateOf({ method, body: body.toString() }) === 'lost') return;
    const onward = request({ hostname, port, method, path, headers }, (from) => {
      answer.writeHead(from.statusCode ?? 502, from.rawHeaders);
      from.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    onward.end(body);
  }
}

function pairsOf(raw: readonly string[]): (readonly [string, string])[] {
  return raw.flatMap((name, index) =>
    index % 2 === 0 ? [[name, raw[index + 1] ?? ''] as const] : [],
  );
}
