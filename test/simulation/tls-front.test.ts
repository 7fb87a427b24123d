import { once } from 'node:events';
import {
  type AddressInfo,
  connect as connectTcp,
  createServer,
  type Server,
  type Socket,
} from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { Client } from 'undici';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { createKalshiSigner } from '../../venues/kalshi/signing.js';
import {
  type Authority,
  createAuthority,
  type ServerCertificate,
  startTlsFront,
} from '../../venues/simulation/index.js';
import { openStage } from '../kalshi/fixtures/stage.js';

const HOST = '127.0.0.1';
let authority: Authority;
let certificate: ServerCertificate;
const opened: { close(): unknown }[] = [];

beforeAll(() => {
  authority = createAuthority('the venues of this test');
  certificate = authority.issue('a venue');
});
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close();
});

test('Kalshi answers by TLS what it answers without', async () => {
  const stage = await openStage();
  opened.push(stage);
  const { origin, pathname } = new URL(stage.simulator.url);
  const url = await front(Number(new URL(origin).port));
  const path = `${pathname}/exchange/status`;
  const plain = new Client(origin);
  const secure = new Client(url, { connect: { ca: authority.certificatePem } });
  opened.push(plain, secure);
  const answers = await Promise.all([plain, secure].map((client) => asked(client, path)));
  expect(answers[0]?.status).toBe(200);
  expect(answers[1]).toEqual(answers[0]);
});

test('a signed stream is opened by TLS, and an unsigned one is refused as without', async () => {
  const stage = await openStage();
  opened.push(stage);
  const url = await front(Number(new URL(stage.simulator.url).port));
  const path = new URL(stage.simulator.wsUrl).pathname;
  const trusting = { ca: authority.certificatePem };
  const address = `${url.replace('https', 'wss')}${path}`;
  const signer = createKalshiSigner(stage.credentials);
  const unsigned = new WebSocket(address, trusting);
  const [{ message }] = (await once(unsigned, 'error')) as [Error];
  expect(message).toBe('Unexpected server response: 401');

  const signed = new WebSocket(address, {
    ...trusting,
    headers: { ...signer({ method: 'GET', path, timestampMs: Date.now() }) },
  });
  opened.push({ close: () => signed.terminate() });
  await once(signed, 'open');
  signed.send(JSON.stringify({ id: 1, cmd: 'subscribe', params: { channels: ['fill'] } }));
  const [text] = (await once(signed, 'message')) as [Buffer];
  expect(JSON.parse(text.toString())).toMatchObject({ id: 1, type: 'subscribed' });
});

test('who does not know the authority, or asks for another name, ends before the venue hears of it', async () => {
  const heard: Socket[] = [];
  const url = await front(await listening((client) => heard.push(client)));
  const ca = authority.certificatePem;
  const another = createAuthority('the venues of this test').certificatePem;
  expect(await refused(url, {})).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  expect(await refused(url, { ca: another })).toBe('CERT_SIGNATURE_FAILURE');
  expect(await refused(url, { ca, servername: 'kalshi.com' })).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  const plain = new Client(url.replace('https', 'http'));
  opened.push(plain);
  await expect(asked(plain, '/')).rejects.toThrow();
  expect(heard.length).toBeLessThanOrEqual(1); // the one who knew us by another name
});

test('what goes through is the same, byte by byte, and either side may be the first to end', async () => {
  const sent = Buffer.alloc(3_000_000, 'a venue’s answer, ');
  const url = await front(await listening((client) => client.pipe(client)));
  const client = await connected(url);
  const back: Buffer[] = [];
  client.on('data', (chunk: Buffer) => back.push(chunk));
  client.end(sent);
  await once(client, 'end');
  expect(Buffer.concat(back).equals(sent)).toBe(true);

  const ending = await front(await listening((venue) => venue.end('no more')));
  const told = await connected(ending);
  const [last] = (await once(told, 'data')) as [Buffer];
  expect(last.toString()).toBe('no more');
  await once(told, 'end');
});

test('a reset by the venue is a reset, and a connection that it drops is ended', async () => {
  const url = await front(
    await listening((venue) => onFirst(venue, () => venue.resetAndDestroy())),
  );
  const client = await connected(url);
  client.write('an order');
  const [error] = (await once(client, 'error')) as [Error & { code?: string }];
  expect(error.code).toBe('ECONNRESET');

  const dropping = await front(await listening((venue) => onFirst(venue, () => venue.destroy())));
  const dropped = await connected(dropping);
  dropped.resume().write('an order');
  await once(dropped, 'end');
});

test('a client that resets is gone at the venue, too', async () => {
  const heard = vi.fn<() => void>();
  const gone = vi.fn<() => void>();
  const url = await front(await listening((venue) => venue.once('data', heard).on('close', gone)));
  const socket = connectTcp({ host: HOST, port: Number(new URL(url).port) });
  const client = connect({ socket, ca: authority.certificatePem });
  client.on('error', () => undefined); // it is we who reset
  await once(client, 'secureConnect');
  client.write('an order');
  await vi.waitFor(() => expect(heard).toHaveBeenCalledOnce());
  socket.resetAndDestroy();
  await vi.waitFor(() => expect(gone).toHaveBeenCalledOnce());
});

test('while the venue is down connections are cut, and when it is back they stand', async () => {
  const venue = createServer((client) => client.pipe(client));
  await heardBy(venue, 0);
  const { port } = venue.address() as AddressInfo; // it listens on TCP
  venue.close();
  await once(venue, 'close');
  const url = await front(port);
  const early = await connected(url);
  await once(early, 'error');

  await heardBy(venue, port);
  opened.push(venue);
  const late = await connected(url);
  late.write('hello');
  const [back] = (await once(late, 'data')) as [Buffer];
  expect(back.toString()).toBe('hello');
});

test('a client that reads nothing makes the venue wait, not the memory grow', async () => {
  const most = 64 * 2 ** 20;
  let taken = 0;
  const url = await front(
    await listening((venue) => {
      const more = (): void => {
        while (taken < most && venue.write(Buffer.alloc(2 ** 16))) taken += 2 ** 16;
      };
      venue.on('drain', more);
      more();
    }),
  );
  const client = await connected(url);
  client.pause();
  await vi.waitFor(async () => {
    const before = taken;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(taken).toBe(before);
  });
  expect(taken).toBeLessThan(most);
});

async function front(venuePort: number): Promise<string> {
  const made = await startTlsFront({ port: 0, venuePort, certificate });
  opened.push(made);
  return made.url;
}

/** A venue that does one thing; its port. */
async function listening(onClient: (client: Socket) => void): Promise<number> {
  const clients = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    clients.add(client.on('error', () => client.destroy()));
    onClient(client);
  });
  const hangUp = (): void => {
    for (const client of clients) client.destroy();
  };
  opened.push(server, { close: hangUp });
  await heardBy(server, 0);
  return (server.address() as AddressInfo).port; // it listens on TCP
}

async function heardBy(server: Server, port: number): Promise<void> {
  server.listen(port, HOST);
  await once(server, 'listening');
}

const onFirst = (client: Socket, then: () => void): unknown => client.once('data', then);

async function connected(url: string): Promise<TLSSocket> {
  const client = connect({
    ...{ host: HOST, port: Number(new URL(url).port), allowHalfOpen: true },
    ca: authority.certificatePem,
  });
  opened.push({ close: () => client.destroy() });
  await once(client, 'secureConnect');
  return client;
}

async function refused(url: string, terms: { ca?: string; servername?: string }) {
  const client = connect({ host: HOST, port: Number(new URL(url).port), ...terms });
  const [error] = (await once(client, 'error')) as [Error & { code?: string }];
  return error.code;
}

async function asked(client: Client, path: string) {
  const { statusCode, body } = await client.request({ method: 'GET', path });
  return { status: statusCode, body: await body.json() };
}
