import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  connectFireFirst,
  type FireFirstClient,
  InvalidIntentError,
  isNeverFired,
} from '../../client/index.js';
import { fireRequest } from '../support/fire-request.js';

// The engine's side is written here byte by byte; test/native/fire-first.test.ts has a real door.

const vectors = JSON.parse(
  readFileSync(new URL('../vectors/frames.json', import.meta.url), 'utf8'),
) as { readonly frames: readonly { readonly name: string; readonly hex: string }[] };

/** The bytes of a golden frame; its answer is to request 1 unless told otherwise. */
function golden(name: string, number = 1): Buffer {
  const found = vectors.frames.find((vector) => vector.name === name);
  if (!found) throw new Error(`no frame is called "${name}"`);
  const bytes = Buffer.from(found.hex, 'hex');
  if (!name.startsWith('a greeting')) bytes.writeBigUInt64LE(BigInt(number), 8);
  return bytes;
}

const GREETING = golden('a greeting: simulated');
const DEADLINE_MS = 200;

let folder: string;
let server: Server;
let client: FireFirstClient | undefined;
const sockets: Socket[] = [];
const path = (): string => join(folder, 'door');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'legwork-door-'));
});

afterEach(async () => {
  client?.close();
  client = undefined;
  for (const socket of sockets.splice(0)) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

/** An engine that greets, and does `then` with each connection. */
async function engine(then: (socket: Socket) => void, greeting: Buffer = GREETING): Promise<void> {
  server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => socket.destroy());
    socket.write(greeting);
    then(socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(path(), resolve);
  });
}

const connected = async (): Promise<FireFirstClient> => {
  client = await connectFireFirst(path(), { mode: 'simulated', deadlineMs: DEADLINE_MS });
  return client;
};

const answering = (bytes: Buffer) => (socket: Socket) => {
  socket.on('data', () => socket.write(bytes));
};

test.each([
  ['another version', 'a greeting of another version', 'VERSION_MISMATCH'],
  ['another mode', 'a greeting: live', 'MODE_MISMATCH'],
  ['no engine at all', 'a greeting of something else', 'NOT_CONNECTED'],
  ['a full door', 'a refusal: TOO_MANY_CONNECTIONS', 'TOO_MANY_CONNECTIONS'],
  ['a door for somebody else', 'a refusal: PEER_NOT_ALLOWED', 'PEER_NOT_ALLOWED'],
])('%s is refused by name', async (_, name, code) => {
  await engine(() => undefined, golden(name));
  await expect(connected()).rejects.toMatchObject({ name: 'FireFirstError', refusal: { code } });
});

test('nobody there is told after the deadline', async () => {
  await engine(() => undefined);
  const elsewhere = connectFireFirst(`${path()}-none`, { mode: 'simulated', deadlineMs: 50 });
  await expect(elsewhere).rejects.toMatchObject({ refusal: { code: 'NOT_CONNECTED' } });
});

test('a greeting in pieces is a greeting, and an answer in pieces an answer', async () => {
  const receipt = golden('a receipt: both legs have left');
  await engine(
    (socket) => {
      socket.on('data', () => void slowly(socket, receipt));
    },
    GREETING.subarray(0, 5),
  );
  const connecting = connected();
  await expect.poll(() => sockets.length).toBe(1);
  if (sockets[0]) await slowly(sockets[0], GREETING.subarray(5));
  const answer = await (await connecting).fire(fireRequest('dawn.7.1'));
  expect(answer.kind).toBe('receipt');
});

test('an answer that cannot be read says nothing of the shot', async () => {
  await engine(answering(golden('a receipt of a wire that does not exist')));
  const answer = await (await connected()).fire(fireRequest('dawn.7.1'));
  expect(answer).toEqual({ kind: 'unknown', intentId: 'dawn.7.1', why: 'answer_unreadable' });
});

test('a receipt for another intent’s orders is not this one’s', async () => {
  await engine(answering(golden('a receipt: both legs have left')));
  const answer = await (await connected()).fire(fireRequest('dawn.7.9'));
  expect(answer).toMatchObject({ kind: 'unknown', why: 'answer_unreadable' });
});

test('bytes that are no frame end the connection, and what was asked is unknown', async () => {
  await engine(answering(golden('a frame from the engine that is too long')));
  const answer = await (await connected()).fire(fireRequest('dawn.7.1'));
  expect(answer).toMatchObject({ kind: 'unknown', why: 'connection_lost' });
});

test('an engine that says nothing leaves the shot unknown at its deadline, sent once', async () => {
  let bytes = 0;
  await engine((socket) => {
    socket.on('data', (chunk) => {
      bytes += chunk.length;
    });
  });
  const answer = await (await connected()).fire(fireRequest('dawn.7.1'));
  expect(answer).toMatchObject({ kind: 'unknown', why: 'no_answer_in_time' });
  expect(bytes).toBe(448);
});

test('what would wait for an engine that does not read is refused, and never leaves late', async () => {
  await engine((socket) => socket.pause());
  const strategy = await connected();
  const answers = await Promise.all(
    Array.from({ length: 2_000 }, (_, index) => strategy.fire(fireRequest(`dawn.${index}`))),
  );
  const codes = answers.map((answer) =>
    answer.kind === 'refused' ? answer.refusal.code : answer.kind,
  );
  expect(new Set(codes)).toEqual(new Set(['unknown', 'DOOR_NOT_READING']));
});

test('a question is asked again where its connection breaks, a shot never', async () => {
  const asked: number[] = [];
  await engine((socket) => {
    const connection = asked.push(0);
    socket.on('data', (bytes) => {
      asked[connection - 1] = bytes.readUInt8(4);
      if (connection <= 2) socket.destroy();
      else socket.write(golden('unheard of', 3));
    });
  });
  client = await connectFireFirst(path(), { mode: 'simulated', deadlineMs: 5_000 });
  const shot = await client.fire(fireRequest('dawn.7.1'));
  expect(shot).toMatchObject({ kind: 'unknown', why: 'connection_lost' });
  expect(await client.fire(fireRequest('dawn.7.2'))).toMatchObject({
    kind: 'refused',
    refusal: { code: 'NOT_CONNECTED' },
  });
  const standing = await client.ask('dawn.7.1');
  expect(standing).toMatchObject({ kind: 'told', told: { became: 'unheard' } });
  expect(asked).toEqual([0x01, 0x02, 0x02]);
});

test('an engine that comes back in another mode is not used again', async () => {
  let connections = 0;
  server = createServer((socket) => {
    sockets.push(socket);
    connections += 1;
    socket.write(golden(connections === 1 ? 'a greeting: simulated' : 'a greeting: shadow'));
    if (connections === 1) socket.end();
  });
  await new Promise<void>((resolve) => {
    server.listen(path(), resolve);
  });
  const strategy = await connected();
  const code = async () => {
    const answer = await strategy.fire(fireRequest('dawn.7.1'));
    return answer.kind === 'refused' ? answer.refusal.code : answer.kind;
  };
  await expect.poll(code).toBe('MODE_MISMATCH');
  expect(strategy.engine()).toBeUndefined();
});

test('an intent of another host, door or form is refused before anything is sent', async () => {
  let bytes = 0;
  await engine((socket) => {
    socket.on('data', (chunk) => {
      bytes += chunk.length;
    });
  });
  const strategy = await connected();
  const elsewhere = fireRequest('dawn.7.1', { host: 'engine-2' });
  expect(await strategy.fire(elsewhere)).toMatchObject({ refusal: { code: 'HOST_MISMATCH' } });
  const byWorkflow = fireRequest('dawn.7.1', { door: 'workflow', host: undefined });
  await expect(strategy.fire(byWorkflow)).rejects.toThrow('intent.door: is fire_first');
  const tooMany = { ...fireRequest('dawn.7.1'), quantity: { yes: '31', no: '30' } };
  await expect(strategy.fire(tooMany)).rejects.toThrow('quantity.yes: is at most 30');
  const beyond = fireRequest('dawn.7.1', { contractsMax: '18446744073.709551616' });
  await expect(strategy.fire(beyond)).rejects.toThrow('intent.contractsMax: is at most');
  await expect(strategy.ask('a/b')).rejects.toThrow(InvalidIntentError);
  expect(bytes).toBe(0);
});

test('what nobody has heard of is never fired once its own deadline has passed', () => {
  const at = (lookedUnixNs: bigint) => ({ became: 'unheard', lookedUnixNs }) as const;
  expect(isNeverFired(at(1_999_999_999n), 2_000)).toBe(false);
  expect(isNeverFired(at(2_000_000_000n), 2_000)).toBe(true);
  const hourLater = 2_000_000_000n + 59n * 60_000_000_000n;
  expect(isNeverFired(at(hourLater - 1n), 2_000)).toBe(true);
  expect(isNeverFired(at(hourLater), 2_000)).toBe(false);
  expect(isNeverFired({ became: 'unknown', lookedUnixNs: 9_000_000_000n }, 2_000)).toBe(false);
});

/** A few bytes at a time, each in a turn of its own. */
async function slowly(socket: Socket, bytes: Buffer): Promise<void> {
  for (let start = 0; start < bytes.length; start += 7) {
    socket.write(bytes.subarray(start, start + 7));
    await new Promise((resolve) => setImmediate(resolve));
  }
}
