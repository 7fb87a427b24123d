import { type Kysely, sql } from 'kysely';
import type { Instrument } from '../domain/index.js';
import type { Database } from './tables.js';

/** A leg as its journal's record tells it. */
export interface ToldLeg {
  readonly clientOrderId: string;
  readonly instrument: Instrument;
  /** What the wire took of it; absent: the journal does not say. */
  readonly written?: 'whole' | 'part' | 'nothing';
  /** From where its shot began to be checked until the wire had taken what it took. */
  readonly writtenAfterNs?: number;
  /** From there until its answer was whole; absent: none came that could be read. */
  readonly answeredAfterNs?: number;
}

/** A shot that an engine has told of. */
export interface ToldShot {
  readonly workflowId: string;
  /** Taken from a lease, before there was a trade; else fired for a trade that had reserved. */
  readonly isFromLease: boolean;
  /** Nothing of it has left. */
  readonly isRefused: boolean;
  readonly legs: readonly ToldLeg[];
}

/**
 * Every shot that any engine has told of, by its name. The stamps are whole nanoseconds as the engine
 * read them on its host's monotonic clock; that counts from the boot and soon passes what a number
 * holds, so Postgres subtracts.
 */
export async function toldShots(db: Kysely<Database>): Promise<readonly ToldShot[]> {
  const { rows } = await sql<ToldShot>`
    select shot.workflow_id as "workflowId", shot.lease_epoch is not null as "isFromLease",
      shot.refused is not null as "isRefused",
      jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
        'clientOrderId', leg.client_order_id,
        'instrument', jsonb_build_object(
          'venue', leg.venue, 'market', leg.market, 'outcome', leg.leg),
        'written', leg.written,
        'writtenAfterNs', leg.written_ns - shot.monotonic_ns,
        -- Where an answer was waited for in vain the stamp says when that was given up.
        'answeredAfterNs', case when (leg.answer_detail ->> 'status')::int4 > 0
          then leg.answered_ns - leg.written_ns end
      )) order by leg.leg desc) as legs
    from engine_shots as shot
    join engine_legs as leg using (host, epoch, thread, sequence)
    group by shot.host, shot.epoch, shot.thread, shot.sequence
    order by shot.host, shot.epoch, shot.thread, shot.sequence`.execute(db);
  return rows;
}
