import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { encodeFire, encodeStatus } from '../../client/fire-first/encode-request.js';
import { encodeFrame, FRAME_BYTES_MAX } from '../../client/fire-first/frames.js';
import { connectFireFirst, type FireFirstClient } from '../../client/index.js';
import {
  arbitrageWorkflowId,
  clientOrderIdOf,
  intentDigest,
  type Mode,
} from '../../domain/index.js';
import { parseFastExecutionRequest } from '../../schemas/index.js';
import { fireRequest } from '../support/fire-request.js';
import { nativeExample } from '../support/native-example.js';

/** native/door/examples/scripted.rs: the first word of an intent's id says what it answers. */
const BUILD_MS = 600_000;

let program: string;
let folder: string;
let engine: ChildProcess | undefined;
const clients: FireFirstClient[] = [];

beforeAll(async () => {
  program = await nativeExample('scripted');
}, BUILD_MS);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'legwork-engine-'));
  chmodSync(folder, 0o700);
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await kill();
  rmSync(folder, { recursive: true });
});

afterAll(kill);

const path = (): string => join(folder, 'door');

async function start(mode: Mode = 'simulated', epoch = 1): Promise<void> {
  const args = [path(), mode, String(epoch), join(folder, 'ledger')];
  engine = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  if (engine.stdout) await once(engine.stdout, 'data');
}

async function kill(): Promise<void> {
  if (engine?.exitCode === null && engine.signalCode === null) {
    const ended = once(engine, 'exit');
    engine.kill('SIGKILL');
    await ended;
  }
  engine = undefined;
}

async function connected(): Promise<FireFirstClient> {
  const client = await connectFireFirst(path(), { mode: 'simulated', deadlineMs: 5_000 });
  clients.push(client);
  return client;
}

const namesOf = (intentId: string) => ({
  yes: clientOrderIdOf(arbitrageWorkflowId(intentId), 'entry/yes', 0),
  no: clientOrderIdOf(arbitrageWorkflowId(intentId), 'entry/no', 0),
});

test('a shot has a receipt with the names of both orders', async () => {
  await start();
  const client = await connected();
  expect(client.engine()).toMatchObject({ version: 1, mode: 'simulated', host: 'engine-1' });
  const answer = await client.fire(fireRequest('fire.1'));
  expect(answer).toMatchObject({
    kind: 'receipt',
    receipt: {
      clientOrderIds: namesOf('fire.1'),
      written: { yes: 'whole', no: 'whole' },
      shot: { epoch: 1n },
    },
  });
  expect(await client.fire(fireRequest('fire.1'))).toMatchObject({
    kind: 'refused',
    refusal: { code: 'INTENT_EXISTS', advice: 'ask' },
  });
  expect(await client.status()).toMatchObject({ kind: 'told', told: { fired: 1n } });
});

test.each([
  ['TOO_LATE', 'decide_again'],
  ['BOOK_STALE', 'wait'],
  ['EDGE_TOO_SMALL', 'decide_again'],
  ['LIQUIDITY_TOO_SMALL', 'decide_again'],
  ['ORDER_TOO_LARGE', 'mend'],
  ['EXPOSURE_MISSTATED', 'mend'],
  ['PRICE_OUT_OF_BOUNDS', 'mend'],
  ['SHOT_TOO_LONG', 'mend'],
  ['PAIR_UNKNOWN', 'mend'],
  ['PAIR_IN_FLIGHT', 'wait'],
  ['PAIR_UNADOPTED', 'wait'],
  ['BACK_PRESSURE', 'wait'],
  ['LEASE_MISSING', 'call_operator'],
  ['LEASE_EXHAUSTED', 'wait'],
  ['NO_WIRE', 'wait'],
  ['JOURNAL_FULL', 'call_operator'],
  ['JOURNAL_FAILED', 'call_operator'],
  ['FROZEN', 'call_operator'],
  ['CONTROL_LOST', 'call_operator'],
  ['HEADERS_MISSING', 'wait'],
  ['CONTROL_CHANGED', 'wait'],
  ['DRY_RUN', 'decide_again'],
])('the engine refuses as %s: %s', async (code, advice) => {
  await start();
  const client = await connected();
  const answer = await client.fire(fireRequest(`refuse-${code}.1`));
  expect(answer).toEqual({
    kind: 'refused',
    refusal: { code, detail: '', advice, closes: false },
  });
});

test('an engine of another mode is refused before anything is asked of it', async () => {
  await start('live');
  await expect(connected()).rejects.toMatchObject({ refusal: { code: 'MODE_MISMATCH' } });
});

test('a second engine at one socket ends, and names the first', async () => {
  await start();
  const args = [path(), 'simulated', '2', join(folder, 'ledger')];
  const second = spawn(program, args, { stdio: ['pipe', 'ignore', 'pipe'] });
  let said = '';
  second.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const [code] = (await once(second, 'close')) as [number | null];
  expect(code).toBe(1);
  expect(said).toContain(`pid: "${engine?.pid}"`);
  expect(await (await connected()).fire(fireRequest('fire.1'))).toMatchObject({ kind: 'receipt' });
});

test('killed between request and answer: unknown, and its successor knows what was fired', async () => {
  await start('simulated', 1);
  const client = await connected();
  const answer = await client.fire(fireRequest('die.1'));
  expect(answer).toEqual({ kind: 'unknown', intentId: 'die.1', why: 'connection_lost' });
  await start('simulated', 2); // its socket is still there, and is replaced
  const standing = await client.ask('die.1');
  expect(standing).toMatchObject({
    kind: 'told',
    told: { became: 'fired', digest: digestOf('die.1') },
  });
  expect(client.engine()?.epoch).toBe(2n);
  expect(await client.ask('never.1')).toMatchObject({ told: { became: 'unheard' } });
  expect(await client.fire(fireRequest('die.1'))).toMatchObject({
    refusal: { code: 'INTENT_EXISTS' },
  });
});

test('one client that never reads is dropped, and the other’s answers come', async () => {
  await start();
  const client = await connected();
  const deaf = connect(path()).pause();
  deaf.on('error', () => undefined); // what it writes after it was dropped
  const flood = Buffer.concat(Array.from({ length: 100 }, (_, one) => encodeStatus(BigInt(one))));
  while (!deaf.closed) {
    if (deaf.writable) deaf.write(flood);
    expect((await client.status()).kind).toBe('told');
  }
  const status = await client.status();
  expect(status).toMatchObject({ kind: 'told', told: { connections: 1 } });
});

test('a frozen host fires no more, and says so when the last shot is over', async () => {
  await start();
  const client = await connected();
  const frozen = await client.freezeHere({ who: 'mira', why: 'the feed repeats itself' });
  expect(frozen.kind).toBe('told');
  expect(await client.fire(fireRequest('fire.1'))).toMatchObject({ refusal: { code: 'FROZEN' } });
  await expect(client.freezeHere({ who: 'mira', why: '' })).rejects.toThrow('why');
});

test('a shot in pieces is one shot, and frames that nobody knows cost nothing but an answer', async () => {
  await start();
  const socket = connect(path());
  const heard: Buffer[] = [];
  socket.on('data', (chunk) => heard.push(chunk));
  const bytes = Buffer.concat([
    encodeFrame({ kind: 0x7f, number: 5n, body: Buffer.alloc(3) }),
    encodedFire('fire.1', 6n),
    encodeFrame({ kind: 0x01, number: 7n, body: Buffer.alloc(10) }),
  ]);
  for (const byte of bytes) {
    socket.write(Buffer.of(byte));
    await new Promise((resolve) => setImmediate(resolve));
  }
  const GREETING = 96;
  const REFUSED = 88;
  const RECEIPT = 128;
  const length = () => Buffer.concat(heard).length;
  await expect.poll(length).toBe(GREETING + REFUSED + RECEIPT + REFUSED);
  const all = Buffer.concat(heard);
  expect(all.toString('latin1', GREETING + 16, GREETING + 28)).toBe('UNKNOWN_KIND');
  expect(all.readBigUInt64LE(GREETING + REFUSED + 8)).toBe(6n);
  expect(all.toString('latin1', GREETING + REFUSED + RECEIPT + 16).slice(0, 9)).toBe('MALFORMED');
  socket.write(Buffer.alloc(FRAME_BYTES_MAX, 0xff));
  await once(socket, 'close');
  const last = Buffer.concat(heard).subarray(all.length);
  expect(last.toString('latin1', 16, 30)).toBe('FRAME_TOO_LONG');
});

function parsedRequest(intentId: string) {
  const parsed = parseFastExecutionRequest(fireRequest(intentId));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed;
}

const digestOf = (intentId: string): string => intentDigest(parsedRequest(intentId).digested);

function encodedFire(intentId: string, number: bigint): Buffer {
  const { request } = parsedRequest(intentId);
  return encodeFire(number, { request, digest: digestOf(intentId), mode: 'simulated' });
}
