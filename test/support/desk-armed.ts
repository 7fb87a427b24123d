import { expect } from 'vitest';
import type { ArmedHandle, StartedArming } from '../../client/index.js';
import type { ArmRequest, Wire } from '../../domain/index.js';
import { adoptShot } from '../../store/index.js';
import {
  adoptionOf,
  callsOver,
  plainPool,
  project,
  recordOf,
  type Start,
  shotOf,
} from '../store/engine-desk.js';
import type { TestDesk } from './desk.js';
import { soon } from './desk-ends.js';
import { ACCOUNT } from './desk-venues.js';

/** Twenty dollars and a hundred contracts of the usual opportunity, for a minute. */
export function armRequestOf(
  pairId: string,
  change: Partial<Wire<ArmRequest>> = {},
): Wire<ArmRequest> {
  return {
    ...{ pairId, account: ACCOUNT, strategy: 'desk', fires: 'at_ticks' },
    types: ['poly_yes_kalshi_no'],
    ...{ contractsMax: '10', edgeMin: '0.01', validMs: 250 },
    budget: { exposure: '200', contracts: '200' },
    expiresAtMs: Date.now() + 60_000,
    ...change,
  };
}

/** A verdict that is no "armed" says why. */
export function mustBeArmed({ verdict, handle }: StartedArming): ArmedHandle {
  if (verdict.kind === 'denied') throw new Error(`denied: ${JSON.stringify(verdict.denial)}`);
  return handle;
}

export async function standsAt(handle: ArmedHandle, stage: string): Promise<void> {
  await soon(async () => expect((await handle.state()).stage).toBe(stage));
}

/** Every lease of a pair, oldest first. */
export async function leasesOfPair({ db }: TestDesk, pairId: string) {
  return db
    .selectFrom('leases')
    .select(['lease_id', 'exposure', 'closed_how', 'closed_at', 'process_id'])
    .where('pair_id', '=', pairId)
    .orderBy('first_epoch')
    .execute();
}

/** What an engine has fired from its lease of a pair: 97.04 dollars for a hundred contracts of each leg. */
export class ArmedShots {
  readonly #desk: TestDesk;
  readonly #start: Start;

  constructor(desk: TestDesk, start: Start) {
    this.#desk = desk;
    this.#start = start;
  }

  /** Told to Postgres, and nobody's trade. */
  async told(pairId: string, sequence: number): Promise<void> {
    const pool = plainPool(this.#desk.config.databaseUrl, 1);
    try {
      const shot = recordOf(this.#start, { pairId, sequence, leaseEpoch: 1 });
      await project(
        callsOver(() => pool),
        this.#start,
        [shot],
      );
    } finally {
      await pool.end();
    }
  }

  async adopted(pairId: string, sequence: number): Promise<void> {
    const adopted = await adoptShot(this.#desk.db, adoptionOf(this.#start, pairId, sequence));
    expect(adopted).toMatchObject({ kind: 'adopted' });
  }

  slot(sequence: number): { readonly thread: number; readonly sequence: number } {
    const { thread } = shotOf(this.#start, sequence);
    return { thread, sequence };
  }
}
