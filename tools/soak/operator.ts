import { money, quantity } from '../../domain/index.js';
import { findStack } from '../../stack/index.js';
import {
  type Connection,
  connect,
  ensureAccount,
  firstLimits,
  liftFreeze,
  limitsOf,
  readControl,
  setLimits,
} from '../../store/index.js';

const ACCOUNT = 'main';
const BY = 'soak';

/**
 * What a soak asks for that a desk's first day does not: so many executions in so short a time, and
 * no end of the day at the loss that a thousand injected faults make.
 */
const limits = {
  ...firstLimits,
  ...{ positionMax: quantity('1000000'), positionsMaxCount: 500, exposureMax: money('1000000') },
  ...{ executionsPerMinuteMax: 1_000, errorsInARowMax: 20, lossPerDayMax: money('1000000') },
} as const;

/**
 * The person at the desk of a soak: states its limits once, and lifts the freeze that a residual has
 * left, as an operator does who has looked at it. Other freezes are nobody's to lift: they go when
 * their reason does, or the soak ends with them.
 */
export class SoakOperator {
  readonly #dataFolder: string;
  #lifted = 0;
  #hasStatedLimits = false;
  #connection: { readonly url: string; readonly books: Connection } | undefined;

  constructor(dataFolder: string) {
    this.#dataFolder = dataFolder;
  }

  /** Freezes after a residual that were lifted. */
  get liftedCount(): number {
    return this.#lifted;
  }

  /** One look at the desk. What cannot be done now (Postgres is away) is done at the next. */
  async look(): Promise<void> {
    const db = (await this.#books())?.db;
    if (!db) return;
    try {
      if (!this.#hasStatedLimits) {
        await ensureAccount(db, ACCOUNT);
        const version = (await limitsOf(db, ACCOUNT))?.version;
        if (version === 1) await setLimits(db, { account: ACCOUNT, limits, by: BY, why: 'a soak' });
        this.#hasStatedLimits = true;
      }
      for (const { cause, freezeId } of (await readControl(db)).freezes) {
        if (cause !== 'residual') continue;
        const why = 'counted as a residual; the soak goes on';
        await liftFreeze(db, { freezeId, by: BY, why, atMs: Date.now() });
        this.#lifted += 1;
      }
    } catch {
      // Postgres was killed under us, or is not migrated yet.
    }
  }

  async close(): Promise<void> {
    await this.#connection?.books.close();
    this.#connection = undefined;
  }

  async #books(): Promise<Connection | undefined> {
    const { databaseUrl: url } = findStack(this.#dataFolder);
    if (url === undefined) return undefined;
    if (this.#connection?.url !== url) {
      await this.close();
      this.#connection = { url, books: connect(url, { connectionsMax: 1 }) };
    }
    return this.#connection.books;
  }
}
