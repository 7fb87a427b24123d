import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { modes } from '../../domain/mode.js';
import type { UpRequest } from '../../schemas/up-request.js';
import { StackError } from '../../stack/index.js';

/** What stays the same from start to start of one data folder. */
const deskFileSchema = z.strictObject({
  mode: z.enum(modes),
  seed: z.int(),
  /** Unix milliseconds of the first start: simulated markets open and resolve by it. */
  openedAtMs: z.int(),
  /** The simulators' ports: orders in flight must find their venue again. */
  ports: z.record(z.string(), z.int()),
  /** By TLS; a folder of before has none. */
  tlsPorts: z.record(z.string(), z.int()).default({}),
  /** Where Prometheus reads the engine; absent before the folder has had one. */
  metricsPort: z.int().optional(),
});

export type DeskFile = z.infer<typeof deskFileSchema>;

const DEFAULT_SEED = 1;

/**
 * Opens a data folder: what it was opened with at first stays, and what contradicts it is refused
 * with `StackError`. Another seed would play other markets against the same positions.
 */
export function openDeskFile(request: UpRequest, nowMs: number): DeskFile {
  const file = fileOf(request.dataFolder);
  if (!existsSync(file)) {
    const { mode, seed = DEFAULT_SEED, dataFolder } = request;
    return saveDeskFile(dataFolder, { mode, seed, openedAtMs: nowMs, ports: {}, tlsPorts: {} });
  }
  const found = readDeskFile(request.dataFolder);
  for (const name of ['mode', 'seed'] as const) {
    const wanted = request[name];
    if (wanted === undefined || wanted === found[name]) continue;
    throw new StackError(
      `${request.dataFolder} was opened with ${name} ${found[name]}, not ${wanted}.`,
      [`Leave out --${name} to go on with it, or name another folder with --data.`],
    );
  }
  return found;
}

/** As it was saved. Throws where the folder is no desk's. */
export function readDeskFile(folder: string): DeskFile {
  return deskFileSchema.parse(JSON.parse(readFileSync(fileOf(folder), 'utf8')));
}

export function saveDeskFile(folder: string, desk: DeskFile): DeskFile {
  const draft = `${fileOf(folder)}.new`;
  writeFileSync(draft, JSON.stringify(desk, undefined, 2));
  renameSync(draft, fileOf(folder));
  return desk;
}

function fileOf(folder: string): string {
  return join(folder, 'desk.json');
}
