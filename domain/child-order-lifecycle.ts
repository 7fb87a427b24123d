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
