import { Runtime } from '@temporalio/worker';
import { runProcess } from './lifecycle.js';
import { startTrading } from './trading/start-trading.js';
import { temporalLogger } from './trading/temporal-logger.js';

runProcess({
  start: (context) => {
    // Once per process and before any connection; signals are the process' own business.
    Runtime.install({ logger: temporalLogger(context.log), shutdownSignals: [] });
    return startTrading(context);
  },
});
