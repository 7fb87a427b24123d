import type { WorkflowHandle } from '@temporalio/client';
import { fromWire, type TradeResult, type TradeState, type Wire } from '../domain/index.js';
import type { arbitrage } from '../workflows/index.js';
import {
  type FreezeNotice,
  freezeSignal,
  stateQuery,
  type TimelineEvent,
  timelineQuery,
  type UnfreezeNotice,
  unfreezeSignal,
} from '../workflows/messages.js';
import { type ResolvedUnknown, resolveUnknown } from './resolve-unknown.js';

/** One trade, from outside. Every call goes to Temporal; none waits longer than its deadline. */
export interface ArbitrageHandle {
  readonly workflowId: string;
  /** Waits for the end. Throws Temporal's `WorkflowFailedError` where the trade ended as cancelled. */
  result(): Promise<TradeResult>;
  state(): Promise<TradeState>;
  timeline(): Promise<readonly TimelineEvent[]>;
  /** No new risk; what is on the wire is resolved and got out of first. */
  cancel(): Promise<void>;
  freeze(notice: FreezeNotice): Promise<void>;
  unfreeze(notice: UnfreezeNotice): Promise<void>;
  /**
   * Says what became of an unknown order, as `schemas/operator-word.ts` reads it: it ends the waiting,
   * and evidence beats it. Throws `WordRefusedError` where it cannot be true.
   */
  resolveUnknown(word: unknown): Promise<ResolvedUnknown>;
}

export function arbitrageHandle(handle: WorkflowHandle<typeof arbitrage>): ArbitrageHandle {
  return {
    workflowId: handle.workflowId,
    result: async () => fromWire<TradeResult>(await handle.result()),
    state: async () => fromWire<TradeState>(await handle.query<Wire<TradeState>>(stateQuery)),
    timeline: () => handle.query(timelineQuery),
    cancel: async () => {
      await handle.cancel();
    },
    freeze: (notice) => handle.signal(freezeSignal, notice),
    unfreeze: (notice) => handle.signal(unfreezeSignal, notice),
    resolveUnknown: (word) => resolveUnknown(handle, word),
  };
}
