/** What custody may ask of the world. */
import { type OverWire, overWire } from '../../domain/index.js';
import { heartbeating } from '../heartbeating.js';
import type { TradingDesk } from '../trading-desk.js';
import { adopt, recordAdopted } from './adopt.js';
import { attend } from './attend.js';
import type { CustodyActivities } from './custody-activities.js';
import { exitPosition } from './exit-position.js';

export type { CustodyActivities } from './custody-activities.js';

/** Everything that custody asks, beside the questions and exits that it shares with trades. */
export function createCustodyActivities(desk: TradingDesk): OverWire<CustodyActivities> {
  return overWire<CustodyActivities>({
    adopt: (request) => heartbeating(() => adopt(desk, request)),
    attend: (request) => heartbeating(() => attend(desk, request)),
    exitPosition: (request) => heartbeating(() => exitPosition(desk, request)),
    recordAdopted: (closing) => heartbeating(() => recordAdopted(desk, closing)),
  });
}
