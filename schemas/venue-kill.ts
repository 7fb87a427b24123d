import { z } from 'zod';
import { venueNames } from '../domain/index.js';

/** What `legwork freeze --kill-venue` asks of the program that talks to the venues. */
export const venueKillRequestSchema = z.strictObject({
  /** Addresses and credentials are found in it, as the desk's own processes have them. */
  dataFolder: z.string().min(1),
  account: z.string().min(1),
  venues: z.array(z.enum(venueNames)),
  /** Order groups to trigger, by the venue's names for them. */
  groupIds: z.array(z.string().min(1)),
});
export type VenueKillRequest = z.infer<typeof venueKillRequestSchema>;

/** What became of it at one venue. */
const venueKillSchema = z.strictObject({
  account: z.string(),
  venue: z.enum(venueNames),
  /** The venue has said that every order of the account is canceled. */
  isCanceled: z.boolean(),
  /** Why not, in the venue's or our own code. */
  code: z.string().optional(),
  /** What it still shows as open afterwards; absent where it did not say. */
  openOrders: z.int().optional(),
  triggered: z.array(z.string()),
  notTriggered: z.array(z.string()),
});
export type VenueKill = z.infer<typeof venueKillSchema>;

/** The program's only message: what the venues said, or why none was asked. */
export const venueKillsSchema = z.union([
  z.strictObject({ kills: z.array(venueKillSchema) }),
  z.strictObject({ problem: z.string() }),
]);
