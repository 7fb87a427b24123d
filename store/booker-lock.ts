import type { VenueName } from '../domain/index.js';
import { dedicatedClient } from './dedicated-client.js';

/** We alone do a thing for as long as this connection lives. */
export interface ProcessLock {
  /** The connection broke: another process may be doing it by now. */
  readonly isLost: () => boolean;
  readonly release: () => Promise<void>;
}
export type BookerLock = ProcessLock;

/**
 * Tries to become the booker of one of our accounts at a venue (DESIGN §3). `undefined` while another
 * process is.
 */
export async function tryBookerLock(
  databaseUrl: string,
  venue: VenueName,
  account: string,
): Promise<BookerLock | undefined> {
  return tryProcessLock(databaseUrl, `booker/${venue}/${account}`);
}

/**
 * Tries to become the one process that does what the name says. The lock is a session's: when its
 * process dies, Postgres gives it to the next.
 */
export async function tryProcessLock(
  databaseUrl: string,
  name: string,
): Promise<ProcessLock | undefined> {
  const client = await dedicatedClient(databaseUrl);
  let hasEnded = false;
  client.on('end', () => {
    hasEnded = true;
  });
  const answer = await client.query<{ readonly is_ours: boolean }>(
    'select pg_try_advisory_lock(hashtextextended($1, 0)) as is_ours',
    [name],
  );
  if (answer.rows[0]?.is_ours === true) {
    return { isLost: () => hasEnded, release: async () => client.end() };
  }
  await client.end();
  return undefined;
}
