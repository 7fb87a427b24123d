import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import type { VenueKillRequest, venueKillsSchema } from '../schemas/venue-kill.js';
import { readVenueKillRequest } from './config.js';
import { readDeskFile } from './supervisor/desk-file.js';
import { openVenues } from './venue-access.js';
import { killAtVenues } from './venue-kill.js';

// Started by `legwork freeze --kill-venue`: it needs the desk's folder and nothing that runs.
const tell = (answer: z.input<typeof venueKillsSchema>): void => void process.send?.(answer);
try {
  const { account, dataFolder, ...what } = readVenueKillRequest();
  const venues = openVenues(placeOf({ account, dataFolder }));
  tell({ kills: [...(await killAtVenues(venues, what))] });
  await Promise.all(venues.map((venue) => venue.close()));
} catch (error) {
  tell({ problem: error instanceof Error ? error.message : String(error) });
  process.exitCode = 1;
}
if (process.connected) process.disconnect();

/** The venues' addresses and our keys, as the desk has them. Throws where there are none. */
function placeOf({ account, dataFolder }: Pick<VenueKillRequest, 'account' | 'dataFolder'>) {
  const credentials = join(dataFolder, 'credentials');
  if (!existsSync(join(credentials, `${account}.json`))) {
    throw new Error(`${dataFolder} holds no credentials of account ${account}`);
  }
  const ports = Object.entries(readDeskFile(dataFolder).ports);
  const urls = ports.map(([venue, port]) => [venue, `http://127.0.0.1:${port}`] as const);
  return { account, folders: { credentials }, venues: Object.fromEntries(urls) };
}
