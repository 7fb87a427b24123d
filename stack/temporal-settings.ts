/** Search attributes of every trade, by the type that Temporal gives them. */
export const searchAttributes = {
  Venue: 'KeywordList',
  Pair: 'Keyword',
  Strategy: 'Keyword',
  Account: 'Keyword',
  Mode: 'Keyword',
  TradeState: 'Keyword',
  Unhedged: 'Bool',
} as const;

/** A month of histories: a trade's story is asked for long after it ended. Seconds. */
export const RETENTION_SECONDS = 30 * 24 * 3_600;

export type DynamicConfig = Readonly<Record<string, number | boolean | string>>;

const UNTHROTTLED = 20_000;

/**
 * Dynamic configuration of the embedded server, measured on two cores: with the defaults a workflow
 * with one activity takes 150 ms, with these 31 ms on a durable file. docs/architecture.md names
 * them for a real cluster.
 */
export const dynamicConfig: DynamicConfig = {
  // One shard dispatches at most this many batches a second; the default, 20, is a 50 ms step.
  'history.transferProcessorMaxPollRPS': UNTHROTTLED,
  'history.timerProcessorMaxPollRPS': UNTHROTTLED,
  'history.visibilityProcessorMaxPollRPS': UNTHROTTLED,
  'history.outboundProcessorMaxPollRPS': UNTHROTTLED,
  'frontend.namespaceRPS': UNTHROTTLED,
  'frontend.rps': UNTHROTTLED,
  'history.rps': UNTHROTTLED,
  'matching.rps': UNTHROTTLED,
  'frontend.persistenceMaxQPS': UNTHROTTLED,
  'history.persistenceMaxQPS': UNTHROTTLED,
  'matching.persistenceMaxQPS': UNTHROTTLED,
  // Four partitions forward tasks to each other: the tail of a quiet queue.
  'matching.numTaskqueueReadPartitions': 1,
  'matching.numTaskqueueWritePartitions': 1,
  // Timers, retries and timeouts below a second take a full second without this.
  'history.timerProcessorMaxTimeShift': '1ms',
  'history.workflowIdReuseMinimalInterval': '0s',
  'history.maxInFlightUpdates': 100,
  'history.maxTotalUpdates': 10_000,
  // Eager tasks skip the queue, and a freeze stops queues.
  'system.enableActivityEagerExecution': false,
  'frontend.enableServerVersionCheck': false,
};
