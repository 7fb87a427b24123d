import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { Venue } from '../../domain/venue.js';
import {
  createPolymarketCredentials,
  createPolymarketVenue,
} from '../../venues/polymarket/index.js';
import { orderOf, rain } from './desk.js';

const credentials = createPolymarketCredentials('desk');
const open: { server: Server; venue: Venue }[] = [];

afterEach(async () => {
  for (const { server, venue } of open.splice(0)) {
    await venue.close();
    server.close();
  }
});

interface Arrived {
  readonly requests: readonly string[];
  readonly venue: Venue;
}

/** A venue whose socket does what the story says once a whole request has come in. */
async function venueThat(answers: (socket: Socket) => void): Promise<Arrived> {
  const requests: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined); // the story may cut it
    socket.on('data', (bytes) => {
      requests.push(bytes.toString('utf8'));
      answers(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on TCP
  const venue = createPolymarketVenue({
    ...{ account: 'desk', credentials, nowMs: () => 1_700_000_000_000, timeoutMs: 100 },
    baseUrl: `http://127.0.0.1:${port}`,
  });
  open.push({ server, venue });
  return { requests, venue };
}

const response = (status: string, body: string) =>
  `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;

const ticket = { name: 'a', limit: '0.50', contracts: '10' };

describe('on the wire', () => {
  test.each<[string, (socket: Socket) => void, string]>([
    ['a reset after the write', (socket) => socket.resetAndDestroy(), 'unknown'],
    ['a connection closed without a word', (socket) => socket.end(), 'unknown'],
    ['silence', () => undefined, 'unknown timeout'],
    ['words that are no HTTP', (socket) => socket.end('good morning\r\n\r\n'), 'unknown'],
    [
      'an answer cut in its middle',
      (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{"succ'),
      'unknown',
    ],
    [
      'an answer whose end does not come',
      (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{"succ'),
      'unknown timeout',
    ],
    [
      'a gateway’s page',
      (socket) => socket.write(response('502 Bad Gateway', '<html>')),
      'unknown unlisted_502',
    ],
    ['an empty answer', (socket) => socket.write(response('200 OK', '')), 'unknown unreadable'],
    [
      'a redirect',
      (socket) =>
        socket.write('HTTP/1.1 307 Temporary\r\nlocation: /order\r\ncontent-length: 0\r\n\r\n'),
      'unknown unlisted_307',
    ],
    [
      'a rate limit',
      (socket) => socket.write(response('429 Too Many Requests', '{}')),
      'refused rate_limited',
    ],
  ])('%s is told once, and the order is never sent again', async (_story, answers, expected) => {
    const { venue, requests } = await venueThat(answers);
    const order = await venue.prepare(orderOf(ticket), rain);
    const answer = await venue.place(order, 100);
    const code = answer.kind === 'accepted' ? '' : answer.code;
    expect(`${answer.kind} ${code}`).toContain(expected);
    expect(requests).toHaveLength(1);
  });

  test('the bytes are those that were recorded, and what is signed is what is sent', async () => {
    const { venue, requests } = await venueThat((socket) =>
      socket.write(response('425 Too Early', '')),
    );
    const order = await venue.prepare(orderOf(ticket), rain);
    const answer = await venue.place(order, 1_000);
    expect(answer).toMatchObject({ kind: 'refused', refusal: 'venue_state' });
    const [request = ''] = requests;
    const [head = '', body] = request.split('\r\n\r\n');
    expect(body).toBe(order.body);
    expect(head).toMatch(/^POST \/order HTTP\/1\.1/);
    for (const name of [
      'POLY_ADDRESS',
      'POLY_API_KEY',
      'POLY_PASSPHRASE',
      'POLY_TIMESTAMP',
      'POLY_SIGNATURE',
    ]) {
      expect(head.toUpperCase()).toContain(`${name}: `);
    }
  });

  test('pages that never end are given up', async () => {
    const page = JSON.stringify({ data: [], next_cursor: 'MQ==' });
    const { venue, requests } = await venueThat((socket) => socket.write(response('200 OK', page)));
    expect(await venue.openOrders()).toEqual({ kind: 'unavailable', code: 'too_many_pages' });
    expect(requests).toHaveLength(1_000);
  });
});
