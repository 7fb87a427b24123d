import { ApplicationFailure, CancellationScope, condition, setHandler } from '@temporalio/workflow';
import type { ArmingEnding, ArmRequest, ArmTerms, Wire } from '../domain/index.js';
import * as domain from '../domain/index.js';
import {
  ARMING_REFUSED,
  type ArmedVerdict,
  armedStateQuery,
  armedVerdictUpdate,
  changeTermsUpdate,
  type DisarmNotice,
  type DisarmTaken,
  disarmUpdate,
  type TermsTaken,
} from './arming-messages.js';
import type { ArmingRecord } from './arming-record.js';
import { timelineQuery } from './messages.js';

/** Everything that an armed pair may be told or asked. Handlers record; the main loop decides. */
export function handleArmingMessages(record: ArmingRecord, request: Wire<ArmRequest>): void {
  setHandler(armedVerdictUpdate, () => verdict(record, request), {
    validator: () => refuseIfEnding(record),
  });
  setHandler(disarmUpdate, (notice) => disarm(record, notice));
  setHandler(changeTermsUpdate, (terms) => changeTerms(record, domain.fromWire<ArmTerms>(terms)), {
    validator: (wire: Wire<ArmTerms>) => {
      const why = domain.termsRefusal(record.state(), domain.fromWire<ArmTerms>(wire));
      if (why !== undefined) throw refused(why);
    },
  });
  setHandler(armedStateQuery, () => domain.toWire(record.state()));
  setHandler(timelineQuery, () => record.timeline().lines);
  // Rejects when somebody cancels.
  CancellationScope.current().cancelRequested.catch(() => {
    toEnd(record, { kind: 'canceled', by: 'temporal', why: 'its workflow was cancelled' });
  });
}

/** Whoever arms it now would be told of an arming that is ending. */
function refuseIfEnding(record: ArmingRecord): void {
  const { ending, verdict } = record.state();
  if (ending && verdict) throw refused(`it ends: ${ending.why}; ${record.waitsFor()}`);
}

async function verdict(record: ArmingRecord, request: Wire<ArmRequest>): Promise<ArmedVerdict> {
  await until(() => domain.verdictOf(record.state()) !== undefined);
  const verdict = domain.verdictOf(record.state());
  domain.assert(verdict !== undefined, 'a verdict is given when it is there');
  return { ...domain.toWire(verdict), digest: domain.armingDigest(request) };
}

async function disarm(record: ArmingRecord, { by, why }: DisarmNotice): Promise<DisarmTaken> {
  toEnd(record, { kind: 'disarmed', by, why });
  await until(() => isDisarmed(record) || record.state().pause !== undefined);
  return { isDisarmed: isDisarmed(record), waitsFor: record.waitsFor() };
}

async function changeTerms(record: ArmingRecord, terms: ArmTerms): Promise<TermsTaken> {
  const state = domain.termsChanged(record.state(), terms);
  record.become(state, 'terms', domain.describeTerms(terms));
  const { version } = state;
  const isTold = (): boolean => (record.state().lease?.versionTold ?? 0) >= version;
  await until(() => isTold() || record.state().ending !== undefined);
  return { isTold: isTold(), terms: domain.toWire(terms) };
}

function toEnd(record: ArmingRecord, ending: ArmingEnding): void {
  const text = `${ending.kind} by ${ending.by}: ${ending.why}`;
  record.become(domain.toEnd(record.state(), ending), 'ending', text);
}

function isDisarmed(record: ArmingRecord): boolean {
  const { stage, lease } = record.state();
  return stage === 'over' || stage === 'closing' || lease === undefined;
}

/** Also of a pair whose workflow was cancelled: whoever asked gets an answer. */
const until = (isSo: () => boolean): Promise<void> =>
  CancellationScope.nonCancellable(() => condition(isSo));

const refused = (why: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(why, ARMING_REFUSED);
