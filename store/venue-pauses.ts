import type { Kysely } from 'kysely';
import type { Pause, VenueName } from '../domain/index.js';
import { at, ms } from './sql-values.js';
import type { Database } from './tables.js';

/** Keeps what a venue announces now in the place of what it announced before. */
export async function replacePauses(
  db: Kysely<Database>,
  { venue, pauses, atMs }: { venue: VenueName; pauses: readonly Pause[]; atMs: number },
): Promise<void> {
  const rows = longestOfEach(pauses).map(({ fromMs, untilMs }) => ({
    venue,
    from_at: at(fromMs),
    until_at: untilMs === undefined ? null : at(untilMs),
    read_at: at(atMs),
  }));
  await db.transaction().execute(async (tx) => {
    await tx.deleteFrom('venue_pauses').where('venue', '=', venue).execute();
    if (rows.length === 0) return;
    await tx.insertInto('venue_pauses').values(rows).execute();
  });
}

/** Of two that begin together the longer one counts; one without an end is the longest. */
function longestOfEach(pauses: readonly Pause[]): readonly Pause[] {
  const longest = new Map<number, Pause>();
  for (const pause of pauses) {
    const known = longest.get(pause.fromMs);
    if (!known || endOf(pause) > endOf(known)) longest.set(pause.fromMs, pause);
  }
  return [...longest.values()];
}

const endOf = ({ untilMs }: Pause): number => untilMs ?? Number.POSITIVE_INFINITY;

/** Those that run or are to come. */
export async function venuePauses(
  db: Kysely<Database>,
  nowMs: number,
): Promise<readonly (Pause & { readonly venue: VenueName })[]> {
  const rows = await db
    .selectFrom('venue_pauses')
    .selectAll()
    .where((where) => where.or([where('until_at', 'is', null), where('until_at', '>', at(nowMs))]))
    .orderBy('from_at')
    .execute();
  return rows.map(({ venue, from_at, until_at }) => ({
    venue,
    fromMs: ms(from_at),
    ...(until_at && { untilMs: ms(until_at) }),
  }));
}
