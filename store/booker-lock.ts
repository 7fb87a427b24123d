import type { VenueName } from '../domain/index.js';
import { dedicatedClient } from './dedicated-client.js';

/** We are the booker of an account at a venue for as long as this connection lives. */
export interface BookerLock {
  /** The connection broke: another process may be the booker by now. */
  readonly isLost: () => boolean;
  readonly release: () => Promise<void>;
}

/**
 * Tries to become the booker of one of our accounts at a venue (DESIGN §3). `undefined` while another
 * process is. The lock is a session's: when its process dies, Postgres gives it to the next.
 */
export async function tryBookerLock(
  databaseUrl: string,
  venue: VenueName,
  account: string,
): Promise<BookerLock | undefined> {
  const client = await dedicatedClient(databaseUrl);
  let hasEnded = false;
  client.on('end', () => {
    hasEnded = true;
  });
  const answer = await client.query<{ readonly is_ours: boolean }>(
    'select pg_try_advisory_lock(hashtextextended($1, 0)) as is_ours',
    [`booker/${venue}/${account}`],
  );
  if (answer.rows[0]?.is_ours === true) {
    return { isLost: () => hasEnded, release: async () => client.end() };
  }
  await client.end();
  return undefined;
}
