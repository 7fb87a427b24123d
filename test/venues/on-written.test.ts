import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Pool } from 'undici';
import { expect, test } from 'vitest';
import { withOnWritten } from '../support/on-written.js';

test('the last byte is told while the venue still keeps its answer', async () => {
  const held: (() => void)[] = [];
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      if (request.method === 'GET') response.end();
      else held.push(() => response.end('answer'));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on TCP
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 2, pipelining: 1 });
  await (await pool.request({ method: 'GET', path: '/warm' })).body.text();

  const story: string[] = [];
  const answered = withOnWritten(
    () => story.push('written'),
    () => pool.request({ method: 'POST', path: '/order', body: '{"size":"1"}' }),
  ).then(async ({ body }) => story.push(await body.text()));
  await expect.poll(() => story).toEqual(['written']);
  await expect.poll(() => held.length).toBe(1);
  held[0]?.();
  await answered;
  expect(story).toEqual(['written', 'answer']);

  await pool.close();
  server.close();
});
