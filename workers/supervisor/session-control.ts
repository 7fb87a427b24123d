import type { Logger } from 'pino';
import type { DeskConfig } from './processes.js';

/** What a bounded session may do with the processes that it watches. */
export interface SessionControl {
  readonly desk: DeskConfig;
  readonly log: Logger;
  /** Drains the processes of one kind for good, e.g. the scanner once enough was fired. */
  readonly stopProcesses: (kind: string) => Promise<void>;
  /** Drains all of them; Temporal and Postgres stay up for the report. */
  readonly drainProcesses: () => Promise<void>;
  /** Tells the person at the terminal. */
  readonly say: (line: string) => void;
  /** Set when somebody asked for the end before the session was over. */
  readonly interrupted: AbortSignal;
}

/** Runs a session to its end and reports; returns the exit code of `legwork up --once`. */
export type RunSession = (control: SessionControl) => Promise<number>;
