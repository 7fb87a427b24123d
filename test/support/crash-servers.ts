import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { ensureFolder, startPostgres, startTemporal } from '../../stack/index.js';
import { stopRemembered } from '../../stack/lasting-server.js';
import { migrate } from '../../store/index.js';
import type { DeskServers } from './desk.js';
import { TEST_NAMESPACE } from './stack.js';

export type KilledServer = 'temporal' | 'postgres';

/** Servers of one test file: what they have acknowledged is on disk, so that a kill loses nothing. */
export interface CrashServers extends DeskServers {
  /** SIGKILL, then the same server again on the same ports; returns when it was killed, Unix ms. */
  readonly killed: (name: KilledServer) => Promise<number>;
  readonly stop: () => Promise<void>;
}

const KILL = [{ signal: 'SIGKILL', waitMs: 5_000 }] as const;

export async function openCrashServers(): Promise<CrashServers> {
  const folder = mkdtempSync(join(ensureFolder(inject('runFolder')), 'servers-'));
  const place = { folder: ensureFolder(join(folder, 'stack')), isDurable: true } as const;
  const onStep = (): void => undefined;
  const start = {
    temporal: () => startTemporal({ ...place, namespace: TEST_NAMESPACE, onStep }),
    postgres: () => startPostgres({ ...place, onStep }),
  };
  const [temporal, postgres] = await Promise.all([start.temporal(), start.postgres()]);
  await migrate(postgres.databaseUrl);
  return {
    address: temporal.address,
    namespace: TEST_NAMESPACE,
    databaseUrl: postgres.databaseUrl,
    killed: async (name) => {
      const killedAtMs = Date.now();
      await stopRemembered(place.folder, name, KILL);
      await start[name]();
      return killedAtMs;
    },
    stop: async () => {
      await stopRemembered(place.folder, 'temporal', KILL);
      await stopRemembered(place.folder, 'postgres', KILL);
    },
  };
}
