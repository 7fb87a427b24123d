import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { fromWire, type RiskPolicy, type TradeTerms } from '../../domain/index.js';
import { runProcess } from '../../workers/lifecycle.js';
import { startTradingAndEngine } from '../support/trading-and-engine.js';
import { type HeldOptions, type Hold, notesOf } from './held-process.js';

// The trading worker and who fires for it, which stops itself (SIGSTOP, every thread of it) at a
// point that it is told.
const { terms, policy, codePath, holds } = JSON.parse(process.argv[2] ?? '') as HeldOptions; // our parent wrote it

const wasStopped = new Set<Hold>();

runProcess({
  start: (context) => {
    Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
    return startTradingAndEngine(context, {
      terms: fromWire<TradeTerms>(terms),
      policy: fromWire<RiskPolicy>(policy),
      bundle: { codePath },
      reached: (point, about) => {
        const hold = holds.find(({ workflowId }) => workflowId === about);
        if (!hold) return;
        if (wasStopped.has(hold)) appendFileSync(notesOf(hold), `${point}\n`);
        if (hold.point === point && !existsSync(hold.file)) stop(hold);
      },
    });
  },
});

/** Only the first that comes here stops, and says who it is before it does. */
function stop(hold: Hold): void {
  try {
    writeFileSync(hold.file, String(process.pid), { flag: 'wx' });
  } catch {
    return; // another process was faster
  }
  wasStopped.add(hold);
  process.kill(process.pid, 'SIGSTOP');
}
