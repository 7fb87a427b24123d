import { orderSchema, type UpMessage } from '../schemas/process-messages.js';
import { readUpRequest } from './config.js';
import { createLogger } from './log.js';
import { runAll } from './supervisor/run-all.js';

// Everything on one machine: Temporal, Postgres and the processes of the desk. `legwork up` starts
// it and shows what it tells; started by itself it logs the same.
const log = createLogger({ component: 'supervisor' });
const interrupted = new AbortController();

function tell(message: UpMessage): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
  log.info(message, message.kind);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => interrupted.abort(signal));
}
process.on('disconnect', () => interrupted.abort('the terminal is gone'));
process.on('message', (message) => {
  if (orderSchema.safeParse(message).success) interrupted.abort('asked to');
});

try {
  process.exitCode = await runAll({
    request: readUpRequest(),
    ...{ log, tell, interrupted: interrupted.signal },
  });
} catch (error) {
  log.fatal({ err: error }, 'could not go on');
  tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  process.exitCode = 1;
}
// Nothing of ours is left; an open channel to the terminal is no reason to stay.
if (process.connected) process.disconnect();
