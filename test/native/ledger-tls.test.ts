import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAuthority } from '../../venues/simulation/tls/authority.js';
import { openEngineDesk } from '../store/engine-desk.js';
import { buildScriptedLedger, startScriptedLedger } from './scripted-ledger.js';

const desk = openEngineDesk();
const BUILD_MS = 600_000;
const authority = createAuthority('roots of the test');

let program = '';
let folder = '';

/** Postgres reads its key for itself alone. */
function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, 0o600);
  giveToPostgres(path);
  return path;
}

function giveToPostgres(path: string): void {
  if (process.getuid?.() === 0) chownSync(path, 65_534, 65_534);
}

const configure = async (...settings: readonly string[]) => {
  for (const setting of settings) await desk.rows(`alter system ${setting}`);
  await desk.rows('select pg_reload_conf()');
};

beforeAll(async () => {
  program = await buildScriptedLedger();
  folder = mkdtempSync(join(tmpdir(), 'legwork-tls-'));
  giveToPostgres(folder);
  const { certificatePem, keyPem } = authority.issue('postgres');
  await configure(
    `set ssl_cert_file = '${write('server.pem', certificatePem)}'`,
    `set ssl_key_file = '${write('server.key', keyPem)}'`,
    'set ssl = on',
  );
}, BUILD_MS);

/** A session hears of it between two of its statements. */
const isOn = async () => expect.poll(async () => desk.rows('show ssl')).toEqual([{ ssl: 'on' }]);

afterAll(async () => {
  await configure('reset ssl', 'reset ssl_cert_file', 'reset ssl_key_file');
  rmSync(folder, { recursive: true });
});

async function startWith(roots: string) {
  const url = new URL(desk.databaseUrl);
  url.searchParams.set('sslmode', 'verify-full');
  url.searchParams.set('sslrootcert', write('roots.pem', roots));
  const of = { program, databaseUrl: url.href, host: 'host-n', process: 'native-tls' };
  return startScriptedLedger(of);
}

test('a database that proves its name is spoken to by TLS', async () => {
  await isOn();
  const ledger = await startWith(authority.certificatePem);
  expect(await ledger.say('register')).toEqual({ is: '[]' });
  const rows = await desk.rows(
    `select ssl, version from pg_stat_ssl join pg_stat_activity using (pid)
     where application_name = 'legwork-engine' and datname = current_database()`,
  );
  expect(rows).toMatchObject([{ ssl: true }]);
  await ledger.kill();
});

test('a database that somebody else vouches for is not spoken to at all', async () => {
  await isOn();
  const { certificatePem } = createAuthority('roots of somebody else');
  await expect(startWith(certificatePem)).rejects.toThrow(/cannot be reached.*UnknownIssuer/);
});
