import { runProcess } from '../../workers/lifecycle.js';
import { startTrading } from '../../workers/trading/start-trading.js';
import { installTemporalLogger } from '../../workers/trading/temporal-logger.js';
import { crashCustody, crashPolicy, crashTerms } from './crash-terms.js';
import { readKillArguments } from './kill-arguments.js';
import { endWhereArmed } from './kill-points.js';

/** What a busy machine holds up is no loss of control. */
const CONTROL_LEASE_MS = 10_000;

/** The trading worker, with durations of the crash suite and a hook at every point. */
const { desk, codePath, killFolder } = readKillArguments();

runProcess({
  start: (context) => {
    installTemporalLogger(context.log);
    return startTrading(context, {
      ...{ desk, terms: crashTerms, policy: crashPolicy, custody: crashCustody },
      ...{
        bundle: { codePath },
        reached: endWhereArmed(killFolder),
        controlLeaseMs: CONTROL_LEASE_MS,
      },
    });
  },
});
