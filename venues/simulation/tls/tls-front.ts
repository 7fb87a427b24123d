import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import type { ServerCertificate } from './authority.js';

export interface TlsFrontOptions {
  /** 0 takes a free one. */
  readonly port: number;
  /** Where the venue listens without TLS, on 127.0.0.1. */
  readonly venuePort: number;
  readonly certificate: ServerCertificate;
}

export interface TlsFront {
  /** `https://127.0.0.1:…` */
  readonly url: string;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
/** The engine speaks HTTP/1.1 and nothing else. */
const ALPN_PROTOCOLS = ['http/1.1'];

/**
 * TLS before a simulated venue, as the venues themselves have it before their servers: what arrives is
 * decrypted and handed on, byte by byte and no faster than it is taken. What the venue does to a
 * connection is done to its client's: a reset is a reset, silence is silence, an end is an end.
 */
export async function startTlsFront(options: TlsFrontOptions): Promise<TlsFront> {
  const { certificatePem: cert, keyPem: key } = options.certificate;
  const secureContext = createSecureContext({ cert, key, minVersion: 'TLSv1.2' });
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    open.add(client);
    client.on('close', () => open.delete(client));
    join(client, secureContext, options.venuePort);
  });
  server.listen(options.port, HOST);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return {
    url: `https://${HOST}:${port}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const client of open) client.destroy();
      await closed;
    },
  };
}

/** The venue hears of a client once it has proven that it speaks TLS. */
function join(client: Socket, secureContext: SecureContext, venuePort: number): void {
  const terms = { isServer: true, secureContext, ALPNProtocols: ALPN_PROTOCOLS };
  const secure = new TLSSocket(client, terms); // half open where the client is
  secure.on('error', () => client.destroy()); // a stranger, or gone: nobody is left to be told
  secure.once('secure', () => {
    const venue = connect({ port: venuePort, host: HOST, allowHalfOpen: true, noDelay: true });
    venue.on('error', () => reset(client));
    secure.on('error', () => reset(venue));
    // An end is handed on by the pipe; a connection that is gone without one takes the other along.
    venue.on('close', () => secure.destroySoon());
    secure.on('close', () => venue.destroy());
    secure.pipe(venue);
    venue.pipe(secure);
  });
}

/** Below TLS: no alert says that it was meant. */
function reset(connection: Socket): void {
  if (!connection.destroyed) connection.resetAndDestroy();
}
