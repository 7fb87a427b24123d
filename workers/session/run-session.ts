import type { RunSession } from '../supervisor/session-control.js';

/** A bounded session: until it is interrupted. */
export const runSession: RunSession = async ({ interrupted }) => {
  if (!interrupted.aborted) {
    await new Promise((resolve) => interrupted.addEventListener('abort', resolve, { once: true }));
  }
  return 0;
};
