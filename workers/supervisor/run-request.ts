import type { Logger } from 'pino';
import type { UpMessage } from '../../schemas/process-messages.js';
import type { UpRequest } from '../../schemas/up-request.js';

/** What the process that runs everything works with. */
export interface RunRequest {
  readonly request: UpRequest;
  readonly log: Logger;
  /** Tells whoever shows it to a person. */
  readonly tell: (message: UpMessage) => void;
  /** Set when the end was asked for. */
  readonly interrupted: AbortSignal;
}
