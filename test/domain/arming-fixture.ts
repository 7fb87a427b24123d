import {
  type ArmRequest,
  armAnswered,
  closeAnswered,
  disarmAnswered,
  type HeldLease,
  leaseSeen,
  leaseStopped,
  lendAnswered,
  money,
  openArming,
  price,
  quantity,
  sweepAnswered,
} from '../../domain/index.js';
import { without } from '../../domain/without.js';
import { pair } from './trade-fixture.js';

export const NOW_MS = 1_000;
export const EXPIRES_MS = 100_000;
export const request: ArmRequest = {
  ...{ pairId: pair.pairId, account: 'main', strategy: 'desk', fires: 'at_ticks', validMs: 250 },
  ...{ types: ['poly_yes_kalshi_no'], contractsMax: quantity('10'), edgeMin: price('0.01') },
  budget: { exposure: money('200'), contracts: quantity('200') },
  expiresAtMs: EXPIRES_MS,
};
export const seen: HeldLease['seen'] = {
  left: request.budget,
  ...{ shots: 0, unadopted: 0, isHolderThere: true, isHolderOwner: true },
};
export const granted = {
  ...{ leaseId: 'lease', host: 'host-a', process: 'engine-1', engineEpoch: 7, pair, seen },
  contractsMax: quantity('10'),
};
export const lentUnheard = { kind: 'lent', ...without(granted, 'pair') } as const;
const journal = { journal: 'folder', epoch: 7, unacknowledged: [] };
export const DISARMED = { ...journal, kind: 'disarmed', process: 'engine-1' } as const;
export const READ = { ...journal, kind: 'journal_read', isWhole: true } as const;
export const SILENT = { kind: 'silent', reason: 'no engine of its host takes the task' } as const;
export const ENDING = { kind: 'disarmed', by: 'anna', why: 'lunch' } as const;
export const FROZEN = { code: 'FROZEN', freezeId: 'f', cause: 'manual', why: 'a drill' } as const;

export const opened = openArming(request);
export const lent = lendAnswered(opened, { kind: 'lent', ...granted }, NOW_MS);
export const armed = armAnswered(lent, { answer: { kind: 'armed' }, version: 1 });
export const stopped = leaseStopped(armed, ENDING);
export const disarmed = disarmAnswered(stopped, DISARMED, NOW_MS);
export const orphaned = leaseStopped(leaseSeen(armed, { ...seen, isHolderThere: false }));
export const relending = closeAnswered(sweepAnswered(orphaned, READ, NOW_MS), { seen }, NOW_MS);
