import { existsSync, writeFileSync } from 'node:fs';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import type { Point } from '../../activities/points.js';
import { fromWire, type RiskPolicy, type TradeTerms } from '../../domain/index.js';
import { runProcess } from '../../workers/lifecycle.js';
import { startTrading } from '../../workers/trading/start-trading.js';
import type { HeldOptions, Hold } from './held-process.js';

// The trading worker, which stops itself (SIGSTOP, every thread of it) at a point that it is told.
const { terms, policy, codePath, holds } = JSON.parse(process.argv[2] ?? '') as HeldOptions; // our parent wrote it

runProcess({
  start: (context) => {
    Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
    return startTrading(context, {
      terms: fromWire<TradeTerms>(terms),
      policy: fromWire<RiskPolicy>(policy),
      bundle: { codePath },
      reached: (point, about) => {
        for (const hold of holds) if (isHeldBy(hold, point, about)) stop(hold);
      },
    });
  },
});

const isHeldBy = (hold: Hold, point: Point, about: string): boolean =>
  hold.point === point && hold.workflowId === about && !existsSync(hold.file);

/** Only the first that comes here stops, and says who it is before it does. */
function stop({ file }: Hold): void {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
  } catch {
    return; // another process was faster
  }
  process.kill(process.pid, 'SIGSTOP');
}
