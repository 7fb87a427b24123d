import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { Client as Postgres } from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { clusterFolder } from '../../stack/folders.js';
import {
  isAlive,
  type ProcessIdentity,
  type Stack,
  startStack,
  stopStack,
} from '../../stack/index.js';
import { searchAttributes } from '../../stack/temporal-settings.js';

const HELD_MS = 500;
/** Where Temporal is by default. */
const TEMPORAL_PORT = 7_233;

// A data folder below a private one, as a clone in somebody's home is.
const folder = join(mkdtempSync(join(tmpdir(), 'legwork-stack-')), 'data');

const start = async (): Promise<Stack> =>
  startStack({
    ...{ folder, namespace: 'legwork-simulated', isDurable: true },
    onTemporalStep: () => undefined,
    onPostgresStep: () => undefined,
  });

describe('the servers of a data folder', () => {
  let stack: Stack;
  beforeAll(async () => {
    // A port of its own: the usual one, once free, is the next desk's that a suite beside this one starts.
    const usual = createServer();
    await new Promise<void>((resolve) => {
      usual
        .once('error', () => resolve())
        .listen({ port: TEMPORAL_PORT, host: '127.0.0.1' }, resolve);
    });
    stack = await start();
    usual.close();
    expect(stack.temporal.address).not.toBe(`127.0.0.1:${TEMPORAL_PORT}`);
  }, 600_000);
  afterAll(async () => {
    await stopStack(folder);
    for (const made of [clusterFolder(folder), dirname(folder)]) {
      rmSync(made, { recursive: true, force: true });
    }
  });

  test('have our namespace with a month of histories and our search attributes', async () => {
    const connection = await Connection.connect({ address: stack.temporal.address });
    const namespace = 'legwork-simulated';
    const { config } = await connection.workflowService.describeNamespace({ namespace });
    const known = await connection.operatorService.listSearchAttributes({ namespace });
    await connection.close();
    expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(30 * 24 * 3_600);
    expect(Object.keys(known.customAttributes)).toEqual(
      expect.arrayContaining(Object.keys(searchAttributes)),
    );
  });

  test('may belong to somebody else, who lacks our namespace: it is made', async () => {
    const { temporal, postgres } = await startStack({
      ...{ folder, namespace: 'legwork-elsewhere', isDurable: true },
      ...{ temporalAddress: stack.temporal.address, databaseUrl: stack.postgres.databaseUrl },
      onTemporalStep: () => undefined,
      onPostgresStep: () => undefined,
    });
    expect([temporal.wasRunning, postgres.wasRunning]).toEqual([true, true]);
    await temporal.stop(); // what we did not start we do not stop
    expect(isAlive(identity('temporal'))).toBe(true);
    const connection = await Connection.connect({ address: stack.temporal.address });
    const known = await connection.operatorService.listSearchAttributes({
      namespace: 'legwork-elsewhere',
    });
    await connection.close();
    expect(Object.keys(known.customAttributes)).toEqual(
      expect.arrayContaining(Object.keys(searchAttributes)),
    );
  });

  test('are found again by a second start, not started twice', async () => {
    const again = await start();
    expect(again.temporal).toMatchObject({ wasRunning: true, address: stack.temporal.address });
    expect(again.postgres).toMatchObject({
      wasRunning: true,
      databaseUrl: stack.postgres.databaseUrl,
    });
  });

  test('come back with what was written after both were killed', async () => {
    await query('create table kept (what text)');
    await query("insert into kept values ('this')");
    for (const server of ['temporal', 'postgres']) process.kill(identity(server).pid, 'SIGKILL');
    const again = await start();
    expect(again.temporal.wasRunning || again.postgres.wasRunning).toBe(false);
    expect(again.postgres.databaseUrl).toBe(stack.postgres.databaseUrl);
    expect(await query('select what from kept')).toEqual([{ what: 'this' }]);
  });

  test('come back where they were, though the port of the dead is not free for a moment', async () => {
    const port = Number(stack.temporal.address.split(':')[1]);
    process.kill(identity('temporal').pid, 'SIGKILL');
    const holder = createServer();
    const take = () =>
      new Promise<void>((resolve, reject) => {
        holder.once('error', reject).listen({ port, host: '127.0.0.1' }, resolve);
      });
    await vi.waitFor(take, { timeout: 15_000, interval: 10 });
    const starting = start();
    await delay(HELD_MS);
    holder.close();
    expect((await starting).temporal.address).toBe(stack.temporal.address);
  });

  test('leave no process, port or lock after a stop', async () => {
    const servers = [identity('temporal'), identity('postgres')];
    await (await start()).stop();
    expect(servers.map(isAlive)).toEqual([false, false]);
    expect(await isListening(Number(new URL(stack.postgres.databaseUrl).port))).toBe(false);
    expect(await isListening(Number(stack.temporal.address.split(':')[1]))).toBe(false);
    expect(readdirSync(folder).filter((name) => /lock|[.]new|[.]pid/.test(name))).toEqual([]);
  });

  async function query(sql: string): Promise<unknown[]> {
    const client = new Postgres({ connectionString: stack.postgres.databaseUrl });
    await client.connect();
    const { rows } = await client.query<Record<string, unknown>>(sql);
    await client.end();
    return rows;
  }
});

test('an address where no Temporal answers is refused with what to do', async () => {
  const starting = startStack({
    ...{ folder, namespace: 'legwork-simulated', isDurable: false },
    ...{ temporalAddress: '127.0.0.1:1', databaseUrl: 'postgres://u:secret@127.0.0.1:1/x' },
    onTemporalStep: () => undefined,
    onPostgresStep: () => undefined,
  });
  await expect(starting).rejects.toThrow(/127.0.0.1:1.*\n.*TEMPORAL_ADDRESS/s);
  await expect(starting).rejects.not.toThrow(/secret/);
});

function identity(server: string): ProcessIdentity {
  const text = readFileSync(join(folder, `${server}.json`), 'utf8');
  const state = JSON.parse(text) as { process: ProcessIdentity }; // the server is running
  return state.process;
}

async function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' }, () => resolve(true));
    socket.on('error', () => resolve(false)).on('connect', () => socket.destroy());
  });
}
