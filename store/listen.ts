import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { dedicatedClient } from './dedicated-client.js';

export interface Listening {
  readonly close: () => Promise<void>;
}

const RECONNECT_MS = 250;

/**
 * Calls back for every announcement on a channel, and once without a payload after each connection:
 * what was announced while nobody listened is found by looking. Reconnects for ever. An announcement
 * only wakes; whoever must not miss anything polls as well.
 */
export async function listen(
  databaseUrl: string,
  channel: string,
  onNotify: (payload?: string) => void,
): Promise<Listening> {
  const listener = new Listener(databaseUrl, channel, onNotify);
  await listener.connect();
  return { close: async () => listener.close() };
}

class Listener {
  #client: pg.Client | undefined;
  readonly #closing = new AbortController();
  readonly #databaseUrl: string;
  readonly #channel: string;
  readonly #onNotify: (payload?: string) => void;

  constructor(databaseUrl: string, channel: string, onNotify: (payload?: string) => void) {
    this.#databaseUrl = databaseUrl;
    this.#channel = channel;
    this.#onNotify = onNotify;
  }

  async connect(): Promise<void> {
    const client = await dedicatedClient(this.#databaseUrl);
    client.on('notification', ({ payload }) => this.#onNotify(payload));
    try {
      await client.query(`listen ${client.escapeIdentifier(this.#channel)}`);
    } catch (error) {
      await client.end();
      throw error;
    }
    if (this.#closing.signal.aborted) return client.end();
    client.on('end', () => void this.#reconnect());
    this.#client = client;
    this.#onNotify();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#client?.end();
  }

  /** Never rejects: a connection that cannot be made is tried again until somebody closes. */
  async #reconnect(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      try {
        await delay(RECONNECT_MS, undefined, { signal: this.#closing.signal });
        await this.connect();
        return;
      } catch {
        // Postgres is away, or we are closing: the loop's condition knows which.
      }
    }
  }
}
