/** How far a freeze reaches. `key` is the venue, account, strategy, instrument key, pair or workflow id. */
export type FreezeScope =
  | { readonly kind: 'global' }
  | {
      readonly kind: 'venue' | 'account' | 'strategy' | 'instrument' | 'pair' | 'workflow';
      readonly key: string;
    };

export const freezeCauses = [
  'manual',
  'edge_collapse',
  'loss_limit',
  'error_burst',
  'stale_data',
  'reconciliation_break',
  'control_lost',
  'unknown_order',
  'residual',
  'rules_changed',
  'workflow_task_failing',
] as const;
export type FreezeCause = (typeof freezeCauses)[number];

/** What happens to orders that are working; exits go on in every case, by their owner only. */
export type FreezeAction = 'leave' | 'cancel' | 'flatten';

/** Entries in scope stop until the freeze is lifted. Durable: it survives every restart. */
export interface Freeze {
  readonly freezeId: string;
  readonly scope: FreezeScope;
  readonly cause: FreezeCause;
  readonly why: string;
  readonly by: string;
  readonly action: FreezeAction;
  readonly atMs: number;
  /** Lifts itself once evidence has resolved this order; an operator's word does not lift it. */
  readonly liftsWhenResolved?: string;
}
