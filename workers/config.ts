import { z } from 'zod';
import { modes } from '../domain/mode.js';
import { termsSchema } from '../schemas/terms-file.js';
import { faultProfiles, type UpRequest, upRequestSchema } from '../schemas/up-request.js';
import { type VenueKillRequest, venueKillRequestSchema } from '../schemas/venue-kill.js';
import { defaultDataFolder } from '../stack/index.js';

/**
 * What one process is told by its supervisor. Everything that a process needs to know is here, so
 * that one started by hand or by another supervisor is the same process.
 */
const processConfigSchema = z.strictObject({
  /** The process's name in logs and in the list of processes, e.g. `trading`. */
  component: z.string().min(1),
  /** New for every start of a process: the row by which it acknowledges a freeze. */
  processId: z.string().min(1),
  /** The machine's name in Postgres and in names of queues (`hostName`). */
  host: z.string().regex(/^[A-Za-z0-9._-]+$/),
  mode: z.enum(modes),
  namespace: z.string().min(1),
  temporalAddress: z.string().min(1),
  databaseUrl: z.string().min(1),
  account: z.string().min(1),
  seed: z.int(),
  faults: z.enum(faultProfiles),
  /** How many times as often the simulated venues misprice; absent: once. */
  pace: z.int().positive().optional(),
  /** When the data folder was first opened, Unix milliseconds: simulated time counts from here. */
  openedAtMs: z.int(),
  session: z.strictObject({ arbs: z.int(), outFolder: z.string() }).optional(),
  folders: z.strictObject({
    data: z.string(),
    logs: z.string(),
    /** The simulators' ledgers, one file per venue. No trading decision reads them. */
    ledgers: z.string(),
    credentials: z.string(),
  }),
  pairFile: z.string().min(1),
  /** What the operator's terms file states; absent: the desk's own terms. */
  terms: termsSchema.optional(),
  /** Base URL per venue, e.g. `http://127.0.0.1:4010`. */
  venues: z.record(z.string(), z.string()),
  /** The same venues by TLS, e.g. `https://127.0.0.1:4011`: the native engine has no other way. */
  tlsVenues: z.record(z.string(), z.string()).optional(),
  /** For a simulator: the venue that it plays, and the port of that venue's URL. */
  venue: z.string().optional(),
  port: z.int().optional(),
  /** For a simulator: where it speaks TLS, too. */
  tlsPort: z.int().optional(),
  /** Where the engine hears strategies of this host; absent: a desk without an engine. */
  doorSocket: z.string().optional(),
  /** For the engine: where Prometheus reads it, on 127.0.0.1. */
  metricsPort: z.int().optional(),
  /** How long it may take to drain, milliseconds; afterwards it is killed. */
  drainMs: z.int().positive(),
});

export type ProcessConfig = z.infer<typeof processConfigSchema>;

/** Environment variables that carry JSON from the process that starts to the one that is started. */
const UP_VARIABLE = 'LEGWORK_UP';
const PROCESS_VARIABLE = 'LEGWORK_PROCESS';
const KILL_VARIABLE = 'LEGWORK_KILL';

/** The configuration of this process. Throws when it was not started by a supervisor. */
export function readProcessConfig(): ProcessConfig {
  const text = process.env[PROCESS_VARIABLE];
  if (text === undefined)
    throw new Error(`${PROCESS_VARIABLE} is not set: start it by \`legwork up\``);
  return processConfigSchema.parse(JSON.parse(text));
}

/** The environment of a child: ours, and its configuration. */
export function childEnvironment(config: ProcessConfig): NodeJS.ProcessEnv {
  return { ...process.env, [PROCESS_VARIABLE]: JSON.stringify(config) };
}

/** What is to be run here: from `legwork up`, or the defaults when this is started by itself. */
export function readUpRequest(): UpRequest {
  const text = process.env[UP_VARIABLE];
  if (text !== undefined) return upRequestSchema.parse(JSON.parse(text));
  return upRequestSchema.parse({
    mode: process.env.LEGWORK_MODE ?? 'simulated',
    dataFolder: process.env.LEGWORK_DATA ?? defaultDataFolder(),
    faults: 'light',
    temporalAddress: process.env.TEMPORAL_ADDRESS,
    databaseUrl: process.env.DATABASE_URL,
    hasEngine: true,
    engineProgram: process.env.LEGWORK_ENGINE || undefined,
    isWatching: false,
  });
}

/** What is to be killed. Throws when it was not started by `legwork freeze --kill-venue`. */
export function readVenueKillRequest(): VenueKillRequest {
  const text = process.env[KILL_VARIABLE];
  if (text === undefined) {
    throw new Error(`${KILL_VARIABLE} is not set: use \`legwork freeze --kill-venue\``);
  }
  return venueKillRequestSchema.parse(JSON.parse(text));
}
