import { runProcess } from './lifecycle.js';
import { startTrading } from './trading/start-trading.js';
import { installTemporalLogger } from './trading/temporal-logger.js';

runProcess({
  start: (context) => {
    installTemporalLogger(context.log);
    return startTrading(context);
  },
});
