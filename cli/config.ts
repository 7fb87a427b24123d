import { resolve } from 'node:path';
import type { UpRequest } from '../schemas/up-request.js';
import { defaultDataFolder } from '../stack/index.js';
import type { DeskPlace } from './desk.js';

/** The data folder that a command means, and the servers that replace those of it. */
export function deskPlace(data?: string): DeskPlace {
  return { dataFolder: dataFolder(data), ...externalServers() };
}

/** `--data`, else LEGWORK_DATA, else the folder of this checkout. */
export function dataFolder(data?: string): string {
  return resolve(data ?? process.env.LEGWORK_DATA ?? defaultDataFolder());
}

/** TEMPORAL_ADDRESS and DATABASE_URL, where they are set and not empty. */
export function externalServers(): { temporalAddress?: string; databaseUrl?: string } {
  const { TEMPORAL_ADDRESS: temporalAddress, DATABASE_URL: databaseUrl } = process.env;
  return { ...(temporalAddress && { temporalAddress }), ...(databaseUrl && { databaseUrl }) };
}

/** LEGWORK_MODE, as it was written; checked where it is used. */
export function modeFromEnvironment(): string | undefined {
  return process.env.LEGWORK_MODE;
}

/** The environment of the process that runs everything: ours, and what was asked of it. */
export function upEnvironment(request: UpRequest): NodeJS.ProcessEnv {
  return { ...process.env, LEGWORK_UP: JSON.stringify(request) };
}
