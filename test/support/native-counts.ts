/**
 * How many tests each of cargo's targets has, at least: one that lost some would else stay green. A
 * name is that of its file, or of its crate; two files of one name count as one. Who adds a target
 * adds its line here; who takes tests away changes it.
 */
export const NATIVE_COUNTS: Readonly<Record<string, number>> = {
  allocation: 2,
  answers: 7,
  armed: 22,
  books: 6,
  books_allocation: 3,
  connecting: 8,
  door: 10,
  edges: 5,
  entries: 5,
  feeds: 4,
  fire_first: 7,
  firing: 14,
  hearing: 9,
  hearing_venues: 1,
  journal: 16,
  kalshi_ahead: 13,
  kalshi_feed: 11,
  kalshi_key: 12,
  kernel_clock: 1,
  keys_wiped: 1,
  legwork_engine_bench: 10,
  legwork_engine_config: 1,
  legwork_engine_core: 91,
  legwork_engine_desk: 16,
  legwork_engine_door: 7,
  legwork_engine_ledger: 50,
  legwork_engine_market_data: 1,
  market_data: 12,
  no_allocation: 12,
  order_properties: 2,
  orders: 9,
  orders_ahead: 8,
  place: 5,
  polymarket_feed: 7,
  requests: 5,
  reserved: 7,
  responses: 7,
  shot_sequence: 1,
  slot_room: 2,
  socket: 8,
  standing: 3,
  trades: 3,
  vectors: 12,
  wires: 8,
  wires_answers: 5,
  wires_kept: 5,
};

/** Of loom's. */
export const ORDERS_COUNTS: Readonly<Record<string, number>> = { legwork_engine_core: 15 };

/** Of those that share memory: with the sanitizer, and where the compiler brings none. */
export const SANITIZER_COUNTS: Readonly<Record<string, number>> = {
  journal: 16,
  kernel_clock: 1,
  sanitizer: 2,
};
export const MEMORY_COUNTS: Readonly<Record<string, number>> = { journal: 16, kernel_clock: 1 };

/** Passed, by target: cargo names them on one stream and what they did on the other, in one order. */
export function passedByTarget(
  said: readonly string[],
  output: string,
): ReadonlyMap<string, number> {
  const named = /^Running .*\/([^/]+)-[0-9a-f]+\)$|^Doc-tests (.+)$/;
  const targets = said.flatMap((line) => {
    const [, target, documented] = named.exec(line) ?? [];
    const name = target ?? (documented && `${documented} (documentation)`);
    return name ? [name] : [];
  });
  const results = [...output.matchAll(/^test result: .* (\d+) passed;/gm)];
  const passed = new Map<string, number>();
  for (const [place, [, count]] of results.entries()) {
    const target = targets[place] ?? 'unnamed';
    passed.set(target, (passed.get(target) ?? 0) + Number(count));
  }
  return passed;
}

/** What has fewer tests than it had, and what nobody has counted yet. Empty: all are there. */
export function missingOf(
  counts: Readonly<Record<string, number>>,
  passed: ReadonlyMap<string, number>,
): readonly string[] {
  const here = 'test/support/native-counts.ts';
  const shrunk = Object.entries(counts)
    .filter(([target, least]) => (passed.get(target) ?? 0) < least)
    .map(([target, least]) => `${target}: ${passed.get(target) ?? 0} of ${least} (${here})`);
  const uncounted = [...passed]
    .filter(([target, count]) => count > 0 && !(target in counts))
    .map(([target, count]) => `${target}: ${count}, not counted (${here})`);
  return [...shrunk, ...uncounted];
}
