export const closings = [
  'COMPLETED',
  'CANCELED',
  'FAILED',
  'TERMINATED',
  'CONTINUED_AS_NEW',
] as const;
/** The last event of a history, or `open`. */
export type Closing = (typeof closings)[number] | 'open';
