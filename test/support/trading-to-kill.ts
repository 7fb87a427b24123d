import { runProcess } from '../../workers/lifecycle.js';
import { installTemporalLogger } from '../../workers/trading/temporal-logger.js';
import { crashCustody, crashPolicy, crashTerms } from './crash-terms.js';
import { readKillArguments } from './kill-arguments.js';
import { endWhereArmed } from './kill-points.js';
import { startTradingAndEngine } from './trading-and-engine.js';

/** The trading worker and who fires for it, with quick durations and a hook at every point. */
const { desk, codePath, killFolder } = readKillArguments();

runProcess({
  start: (context) => {
    installTemporalLogger(context.log);
    return startTradingAndEngine(context, {
      ...{ desk, terms: crashTerms, policy: crashPolicy, custody: crashCustody },
      ...{ bundle: { codePath }, reached: endWhereArmed(killFolder) },
    });
  },
});
