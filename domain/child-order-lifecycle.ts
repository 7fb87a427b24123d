/** Where a child order stands. `unknown`: we asked and do not know. `absent`: not there, watched for ever. */
export type ChildOrderStatus =
  | 'planned'
  | 'submitted'
  | 'unknown'
  | 'working'
  | 'pendingCancel'
  | 'canceled'
  | 'expired'
  | 'absent'
  | 'filled'
  | 'rejected'
  | 'denied';

/**
 * What can happen to a child order. `silence`: asked, and no answer that can be read. `notSent`: it is
 * certain that no byte left. `absent`: every read path agrees, later than it could still arrive.
 */
export type ChildOrderEvent =
  | 'sent'
  | 'notSent'
  | 'accepted'
  | 'rejected'
  | 'silence'
  | 'partialFill'
  | 'fill'
  | 'cancelSent'
  | 'cancelRejected'
  | 'canceled'
  | 'expired'
  | 'absent';

type Row = Partial<Record<ChildOrderEvent, ChildOrderStatus>>;

/**
 * The whole lifecycle. More than the legal maximum and fills of a refused order have no row: they are
 * breaks (`domain/trade/breaks.ts`). A reversed fill keeps the status: the entries shrink, not the order.
 */
const transitions = {
  planned: { sent: 'submitted', notSent: 'denied', silence: 'unknown' },
  submitted: {
    accepted: 'working',
    rejected: 'rejected',
    silence: 'unknown',
    cancelSent: 'pendingCancel',
    // Private streams overtake the answer to the placement.
    partialFill: 'working',
    fill: 'filled',
    canceled: 'canceled',
    expired: 'expired',
  },
  unknown: {
    // Only evidence ends the doubt; neither another silence nor a word about our cancel is any.
    silence: 'unknown',
    cancelSent: 'unknown',
    cancelRejected: 'unknown',
    accepted: 'working',
    rejected: 'rejected',
    partialFill: 'working',
    fill: 'filled',
    canceled: 'canceled',
    expired: 'expired',
    absent: 'absent',
    // No record says that it left, and none can be written any more.
    notSent: 'denied',
  },
  working: {
    partialFill: 'working',
    fill: 'filled',
    cancelSent: 'pendingCancel',
    canceled: 'canceled',
    expired: 'expired',
  },
  pendingCancel: {
    silence: 'pendingCancel',
    // A fill may cross our cancel on the wire.
    partialFill: 'pendingCancel',
    fill: 'filled',
    cancelRejected: 'working',
    canceled: 'canceled',
    expired: 'expired',
  },
  // Venues do report fills after the cancel or the expiry.
  canceled: { partialFill: 'canceled', fill: 'filled' },
  expired: { partialFill: 'expired', fill: 'filled' },
  // Watched for ever: a read path that lagged may still show it.
  absent: {
    accepted: 'working',
    rejected: 'rejected',
    partialFill: 'working',
    fill: 'filled',
    canceled: 'canceled',
    expired: 'expired',
  },
  filled: {},
  rejected: {},
  denied: {},
} as const satisfies Record<ChildOrderStatus, Row>;

/**
 * Where an event leads. Seen reports and acknowledgements of known orders are dropped before this.
 * `undefined` = the venue said something impossible: a break, never a guess.
 */
export function nextStatus(
  from: ChildOrderStatus,
  event: ChildOrderEvent,
): ChildOrderStatus | undefined {
  const row: Row = transitions[from];
  return row[event];
}

const TERMINAL: ReadonlySet<ChildOrderStatus> = new Set([
  'canceled',
  'expired',
  'absent',
  'filled',
  'rejected',
  'denied',
]);

/** Nothing more is expected of the order itself; late fills and reversals may still come. */
export function isTerminal(status: ChildOrderStatus): boolean {
  return TERMINAL.has(status);
}
