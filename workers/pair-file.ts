import { unwatchFile, watchFile } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { Pair } from '../domain/index.js';
import { parsePairFile } from '../schemas/index.js';

const LOOK_EVERY_MS = 500;

/** The approved pairs as the file has them now; read again when the file changes. */
export interface PairFile {
  pairs(): readonly Pair[];
  pair(pairId: string): Pair | undefined;
  close(): void;
}

/**
 * Opens a pair file. A file that cannot be read at first throws; a later bad version is refused and
 * logged, and the pairs of the last good one stay, because trades on them are under way.
 */
export async function openPairFile(
  path: string,
  { log, onChange }: { log: Logger; onChange: (pairs: readonly Pair[]) => void },
): Promise<PairFile> {
  let byId = await readPairs(path);
  const reread = async (): Promise<void> => {
    try {
      // Pairs that were taken off the file stay known: a trade on them may still have to exit.
      byId = new Map([...byId, ...(await readPairs(path))]);
      onChange([...byId.values()]);
    } catch (error) {
      log.error({ err: error, path }, 'the new pair file is refused; the last good one stays');
    }
  };
  watchFile(path, { interval: LOOK_EVERY_MS }, () => void reread());
  return {
    pairs: () => [...byId.values()],
    pair: (pairId) => byId.get(pairId),
    close: () => {
      unwatchFile(path);
    },
  };
}

async function readPairs(path: string): Promise<Map<string, Pair>> {
  const parsed = parsePairFile(JSON.parse(await readFile(path, 'utf8')));
  if (!parsed.ok) {
    const problems = parsed.problems.map(({ path: where, message }) => `${where}: ${message}`);
    throw new Error(`pair file ${path}: ${problems.join('; ')}`);
  }
  return new Map(parsed.pairs.map((pair) => [pair.pairId, pair]));
}
