import pg from 'pg';

/**
 * One connection of its own, for what lives as long as a session: locks and listening. The caller
 * ends it, and attaches its own listener where it wants to know that the connection broke.
 */
export async function dedicatedClient(databaseUrl: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    application_name: 'legwork',
  });
  client.on('error', () => undefined); // Without a listener a broken connection ends the process.
  await client.connect();
  return client;
}
