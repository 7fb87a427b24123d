import { afterEach, expect, test, vi } from 'vitest';
import { failure } from '../../cli/answer.js';
import { upCommand } from '../../cli/commands/up.js';
import { externalServers } from '../../cli/config.js';

afterEach(() => vi.unstubAllEnvs());

test.each([
  ['DATABASE_URL', 'postgres//desk:s3cr3t@db/legwork'],
  ['DATABASE_URL', 'mysql://desk:s3cr3t@db/legwork'],
  ['DATABASE_URL', 'postgres://desk:s3cr3t@db:port/legwork'],
  ['DATABASE_URL', 'desk:s3cr3t@db'],
  ['TEMPORAL_ADDRESS', 'http://me:s3cr3t@temporal:7233'],
  ['TEMPORAL_ADDRESS', 's3cr3t'],
  ['TEMPORAL_ADDRESS', 's3cr3t:70000'],
])('%s="%s" is refused by its name and never printed', (name, value) => {
  vi.stubEnv(name, value);
  const said = failure(refusalOf(externalServers));
  expect(said).toMatchObject({ exitCode: 1 });
  expect(said.text).toMatch(new RegExp(`^error: ${name} is not a .*, such as `));
  expect(JSON.stringify(said)).not.toContain('s3cr3t');
});

test.each([
  ['postgres://desk:pw@db:5432/legwork', 'temporal.internal:7233'],
  ['postgresql:///legwork?host=/run/postgresql', '[::1]:7233'],
  ['', ''],
])('DATABASE_URL="%s" and TEMPORAL_ADDRESS="%s" are taken', (databaseUrl, temporalAddress) => {
  vi.stubEnv('DATABASE_URL', databaseUrl);
  vi.stubEnv('TEMPORAL_ADDRESS', temporalAddress);
  expect(externalServers()).toEqual(databaseUrl === '' ? {} : { databaseUrl, temporalAddress });
});

test('what `legwork up` cannot do is refused by the names of its options, and nothing is started', async () => {
  const exit = vi.fn();
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  await upCommand(exit).parseAsync(['--pace', '9', '--arbs', '0', '--once'], { from: 'user' });
  const [[text]] = said.mock.calls as [[string]];
  said.mockRestore();
  expect(exit).toHaveBeenCalledExactlyOnceWith(1);
  expect(text).toMatch(/^error: nothing was started: pace: .*5; session\.arbs: .*1/);
});

function refusalOf(ask: () => unknown): unknown {
  try {
    return ask();
  } catch (error) {
    return error;
  }
}
