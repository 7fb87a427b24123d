import { childEnvironment } from '../../workers/config.js';
import { runProcess } from '../../workers/lifecycle.js';
import { ProcessRecord } from '../../workers/supervisor/leftovers.js';
import type { ProcessSpec } from '../../workers/supervisor/managed-process.js';
import { Supervisor } from '../../workers/supervisor/supervisor.js';
import { readKillArguments } from './kill-arguments.js';
import { endWhereArmed } from './kill-points.js';

/** The supervisor over two trading workers: as `legwork up` has it, with a hook at its points. */
const entry = new URL('./trading-to-kill.js', import.meta.url).pathname;

runProcess({
  start: async ({ config }) => {
    const record = new ProcessRecord(config.folders.data);
    await record.endLeftovers();
    const supervisor = new Supervisor({
      logsFolder: config.folders.logs,
      backOff: { firstMs: 250, longestMs: 1_000, healthyMs: 3_000, startAttempts: 100 },
      reached: endWhereArmed(readKillArguments().killFolder),
      onEvent: (event) => {
        if (event.kind === 'started') record.started(event);
        if (event.kind === 'ended') record.ended(event.processId);
      },
    });
    const spec = (name: string): ProcessSpec => ({
      ...{ name, kind: 'module', entry, readyTimeoutMs: 60_000, drainMs: 15_000 },
      environment: (processId) =>
        childEnvironment({ ...config, component: name, processId, drainMs: 15_000 }),
    });
    await supervisor.start([spec('trading'), spec('trading-2')]);
    return { stop: () => supervisor.drain() };
  },
});
