import { z } from 'zod';

/** What a child process tells its supervisor: over IPC, or a native one in lines on its stdout. */
export const childMessageSchema = z.discriminatedUnion('kind', [
  /** It works: `info` is what an operator wants to know, e.g. the address it listens on. */
  z.object({ kind: z.literal('ready'), info: z.record(z.string(), z.string()) }),
  /** A log record of level warn or worse, as JSON; all of them are in the log file as well. */
  z.object({ kind: z.literal('warning'), record: z.string() }),
]);
export type ChildMessage = z.infer<typeof childMessageSchema>;

/** What a supervisor tells its child. A closed channel, or the end of its stdin, means the same. */
export const drainMessage = { kind: 'drain' } as const;
export const orderSchema = z.object({ kind: z.literal('drain') });

/** The parts that a person sees come up, in this order. */
export const startParts = ['temporal', 'postgres', 'engine', 'migrations', 'processes'] as const;
export type StartPart = (typeof startParts)[number];

/** What the process that runs everything tells `legwork up`. */
export const upMessageSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('step'), part: z.enum(startParts), line: z.string() }),
  z.object({ kind: z.literal('done'), part: z.enum(startParts), line: z.string() }),
  /** Everything works: what the first screen shows. */
  z.object({
    kind: z.literal('ready'),
    temporalWebUrl: z.string().optional(),
    venues: z.record(z.string(), z.string()),
  }),
  /** A line for the person at the terminal: a warning, a restart, a session's table. */
  z.object({ kind: z.literal('line'), line: z.string() }),
  /** It could not start, or could not go on: what and what to do. It ends by itself. */
  z.object({ kind: z.literal('failed'), message: z.string() }),
]);
export type UpMessage = z.infer<typeof upMessageSchema>;
