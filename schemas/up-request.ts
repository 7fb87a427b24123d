import { z } from 'zod';
import { modes } from '../domain/mode.js';
import { databaseUrlSchema, temporalAddressSchema } from './server-address.js';

export const faultProfiles = ['none', 'light', 'heavy'] as const;
export type FaultProfile = (typeof faultProfiles)[number];

/** 2³² − 1: a seed is an unsigned 32-bit number everywhere. */
const SEED_MAX = 4_294_967_295;
const ARBS_MAX = 10_000;
const TRADERS_MAX = 8;
/** Faster, a mispricing would be over before an order could meet it. */
const PACE_MAX = 5;

/** A bounded session (`--once`): fired arbitrages are counted, then everything ends with a report. */
const sessionSchema = z.strictObject({
  arbs: z.int().min(1).max(ARBS_MAX),
  outFolder: z.string().min(1),
});

/** What `legwork up` asks of the process that runs everything on this machine. */
export const upRequestSchema = z.strictObject({
  mode: z.enum(modes),
  dataFolder: z.string().min(1),
  /** Absent: the one that the data folder was opened with, or 1 for a new folder. */
  seed: z.int().min(0).max(SEED_MAX).optional(),
  faults: z.enum(faultProfiles),
  /** How many times as often the simulated venues misprice; absent: once. */
  pace: z.int().min(1).max(PACE_MAX).optional(),
  /** How many trading workers share the work; absent: one. */
  traders: z.int().min(1).max(TRADERS_MAX).optional(),
  session: sessionSchema.optional(),
  /** Without the native engine nothing is fired: what is open is looked after. */
  hasEngine: z.boolean(),
  /** The engine's program; absent: it is built from this checkout. */
  engineProgram: z.string().min(1).optional(),
  /** Servers that run already and replace the embedded ones. */
  temporalAddress: temporalAddressSchema.optional(),
  databaseUrl: databaseUrlSchema.optional(),
  /** The operator's terms; absent: `terms.json` of the data folder, if it is there. */
  termsFile: z.string().min(1).optional(),
  /** Restarts a process when its code changes. */
  isWatching: z.boolean(),
});

export type UpRequest = z.infer<typeof upRequestSchema>;
