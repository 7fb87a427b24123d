import { resolve } from 'node:path';
import { databaseUrlSchema, temporalAddressSchema } from '../schemas/server-address.js';
import type { UpRequest } from '../schemas/up-request.js';
import type { VenueKillRequest } from '../schemas/venue-kill.js';
import { defaultDataFolder } from '../stack/index.js';
import { CommandError } from './answer.js';
import type { DeskPlace } from './desk.js';
import { exitCodes } from './exit-codes.js';

/** The data folder that a command means, and the servers that replace those of it. */
export function deskPlace(data?: string): DeskPlace {
  return { dataFolder: dataFolder(data), ...externalServers() };
}

/** `--data`, else LEGWORK_DATA, else the folder of this checkout. */
export function dataFolder(data?: string): string {
  return resolve(data ?? process.env.LEGWORK_DATA ?? defaultDataFolder());
}

/**
 * TEMPORAL_ADDRESS and DATABASE_URL, where they are set and not empty. Throws `CommandError` that
 * names the one that is wrong and never prints it: it may hold a password.
 */
export function externalServers(): { temporalAddress?: string; databaseUrl?: string } {
  const { TEMPORAL_ADDRESS: temporalAddress, DATABASE_URL: databaseUrl } = process.env;
  if (temporalAddress) refuseWrong('TEMPORAL_ADDRESS', temporalAddressSchema, temporalAddress);
  if (databaseUrl) refuseWrong('DATABASE_URL', databaseUrlSchema, databaseUrl);
  return { ...(temporalAddress && { temporalAddress }), ...(databaseUrl && { databaseUrl }) };
}

function refuseWrong(name: string, schema: typeof databaseUrlSchema, value: string): void {
  const [issue] = schema.safeParse(value).error?.issues ?? [];
  if (!issue) return;
  throw new CommandError(exitCodes.invalid, `${name} ${issue.message}`, [
    `Set it right, or unset ${name} to use the embedded server.`,
  ]);
}

/** LEGWORK_ENGINE, where it is set and not empty: the native engine's program, instead of a build. */
export function engineFromEnvironment(): { engineProgram?: string } {
  const program = process.env.LEGWORK_ENGINE;
  return program ? { engineProgram: resolve(program) } : {};
}

/** LEGWORK_MODE, as it was written; checked where it is used. */
export function modeFromEnvironment(): string | undefined {
  return process.env.LEGWORK_MODE;
}

/** The environment of the process that runs everything: ours, and what was asked of it. */
export function upEnvironment(request: UpRequest): NodeJS.ProcessEnv {
  return { ...process.env, LEGWORK_UP: JSON.stringify(request) };
}

/** The environment of the program that talks to the venues for `legwork freeze --kill-venue`. */
export function venueKillEnvironment(request: VenueKillRequest): NodeJS.ProcessEnv {
  return { ...process.env, LEGWORK_KILL: JSON.stringify(request) };
}
