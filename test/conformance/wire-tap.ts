import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { request } from 'undici';

/** A request on its way from a client to a venue. */
export interface Crossing {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Tap {
  /** What the client is told instead of the venue's address. */
  readonly url: string;
  /** What becomes of every signed request on the way; as it is, unless told. */
  alter: (crossing: Crossing) => Crossing;
  /** How the venue answered each signed request, in their order. */
  readonly statuses: number[];
  readonly close: () => Promise<void>;
}

/** Stands between a client and a venue, and may change a byte. */
export async function openTap(venueUrl: string): Promise<Tap> {
  const { origin, pathname } = new URL(venueUrl);
  const server = createServer((incoming, outgoing) => void pass(incoming, outgoing));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on TCP
  const tap: Tap = {
    url: `http://127.0.0.1:${port}${pathname === '/' ? '' : pathname}`,
    alter: (crossing) => crossing,
    statuses: [],
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const sent = await crossingOf(incoming);
    const isSigned = Object.keys(sent.headers).some((name) => name.endsWith('signature'));
    const { method, path, headers, body } = isSigned ? tap.alter(sent) : sent;
    const answer = await request(`${origin}${path}`, {
      ...{ method: method as 'GET', headers }, // undici names the methods; node gives a string
      body: body === '' ? null : body,
    });
    if (isSigned) tap.statuses.push(answer.statusCode);
    outgoing.writeHead(answer.statusCode, { 'content-type': 'application/json' });
    outgoing.end(await answer.body.text());
  }
  return tap;
}

/** What belongs to the connection, not to the request. */
const hopByHop = new Set(['host', 'connection', 'content-length', 'transfer-encoding']);

async function crossingOf(incoming: IncomingMessage): Promise<Crossing> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer); // no encoding is set
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (typeof value === 'string' && !hopByHop.has(name)) headers[name] = value;
  }
  const { method = 'GET', url: path = '/' } = incoming;
  return { method, path, headers, body: Buffer.concat(chunks).toString() };
}

/** Another value in place of one character: a digit for a digit, a letter for a letter. */
export function withChangedByte(text: string, at: number): string {
  const index = at % text.length;
  const old = text[index] ?? '';
  const next = /[0-9]/.test(old) ? String((Number(old) + 1) % 10) : old === 'q' ? 'k' : 'q';
  return `${text.slice(0, index)}${next}${text.slice(index + 1)}`;
}
