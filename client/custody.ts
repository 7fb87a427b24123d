import { type Client, WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/client';
import type { SignalDefinition } from '@temporalio/common';
import {
  type CustodyCase,
  type CustodyPlace,
  custodyOf,
  instrumentKey,
  type Mode,
  queuesOf,
  type TradeRow,
  toWire,
} from '../domain/index.js';
import {
  type AdoptTrade,
  adoptTradeSignal,
  casesSignal,
  type FoundCases,
} from '../workflows/custody-messages.js';
import { type VenueReport, venueReportSignal } from '../workflows/messages.js';
import { searchKeys } from '../workflows/search-attributes.js';

/** A worker that is killed in the middle of a task holds custody up for this long. */
const TASK_TIMEOUT = '1s';

export interface CustodyDesk {
  readonly mode: Mode;
  /** The desk whose queues are used; by default the mode. */
  readonly desk?: string;
}

/** How custody is told of things; it is started by whatever it is told first. */
export interface CustodyDoor {
  /** Hands over what a sweep has found. Returns custody's workflow id. */
  found(place: CustodyPlace, cases: readonly CustodyCase[]): Promise<string>;
  /** Hands over a dead or stuck trade; its exits must have been claimed for custody or will be. */
  adoptTrade(place: CustodyPlace, adopted: AdoptTrade): Promise<string>;
  /** Rows of a trade that nobody living takes. */
  venueReport(place: CustodyPlace, rows: readonly TradeRow[]): Promise<string>;
}

export function custodyDoor(temporal: Client, desk: CustodyDesk): CustodyDoor {
  return {
    found: (place, cases) =>
      tell<FoundCases>(temporal, desk, {
        place,
        signal: casesSignal,
        argument: { cases: cases.map((one) => toWire(one)) },
      }),
    adoptTrade: (place, argument) =>
      tell<AdoptTrade>(temporal, desk, { place, signal: adoptTradeSignal, argument }),
    venueReport: (place, rows) =>
      tell<VenueReport>(temporal, desk, {
        place,
        signal: venueReportSignal,
        argument: { rows: rows.map((row) => toWire(row)) },
      }),
  };
}

interface Told<T> {
  readonly place: CustodyPlace;
  readonly signal: SignalDefinition<[T]>;
  readonly argument: T;
}

async function tell<T>(
  temporal: Client,
  { mode, desk = mode }: CustodyDesk,
  { place, signal, argument }: Told<T>,
): Promise<string> {
  const workflowId = custodyOf(place);
  await temporal.workflow.signalWithStart('custody', {
    workflowId,
    taskQueue: queuesOf(desk).trading,
    args: [place],
    signal,
    signalArgs: [argument],
    workflowTaskTimeout: TASK_TIMEOUT,
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    staticSummary: `${instrumentKey(place.instrument)} of ${place.account}`,
    typedSearchAttributes: [
      { key: searchKeys.venue, value: [place.instrument.venue] },
      { key: searchKeys.account, value: place.account },
      { key: searchKeys.mode, value: mode },
      { key: searchKeys.tradeState, value: 'custody' },
    ],
  });
  return workflowId;
}
