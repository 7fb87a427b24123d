import { draw } from './draws.js';

/** What a simulated venue does to an order that a real one may do, too. */
export const faultKinds = [
  'reject',
  'timeout_after_acceptance',
  'partial_fill',
  'late_fill',
  'failed_settlement',
  'pulled_liquidity',
] as const;
export type FaultKind = (typeof faultKinds)[number];

export type FaultProfile = 'none' | 'light' | 'heavy';

/**
 * How likely each fault befalls an order, per profile. Heavy is strong enough for every kind to
 * show in a session of sixty trades, and leaves about two legs of three unharmed in quantity.
 */
const probabilities = {
  none: {
    reject: 0,
    timeout_after_acceptance: 0,
    partial_fill: 0,
    late_fill: 0,
    failed_settlement: 0,
    pulled_liquidity: 0,
  },
  light: {
    reject: 0.01,
    timeout_after_acceptance: 0.02,
    partial_fill: 0.03,
    late_fill: 0.02,
    failed_settlement: 0.02,
    pulled_liquidity: 0.04,
  },
  heavy: {
    reject: 0.1,
    timeout_after_acceptance: 0.14,
    partial_fill: 0.12,
    late_fill: 0.1,
    failed_settlement: 0.12,
    pulled_liquidity: 0.15,
  },
} as const satisfies Record<FaultProfile, Record<FaultKind, number>>;

/** How long and how hard the faults are. Durations in milliseconds. */
export interface FaultTerms {
  /** A late fill is matched this long after its acceptance. */
  readonly lateFillMs: { readonly least: number; readonly most: number };
  /** The answer to a timed-out order comes this late, where it comes at all. */
  readonly lateAnswerMs: number;
}

export const faultTerms: FaultTerms = {
  lateFillMs: { least: 300, most: 1_500 },
  lateAnswerMs: 10_000,
};

/** Draws the faults of one venue: by seed, order key and kind, never by arrival. */
export interface Faults {
  readonly profile: FaultProfile;
  readonly terms: FaultTerms;
  happens(kind: FaultKind, clientKey: string): boolean;
  /** How hard a fault hits this order, in [0, 1). */
  severity(kind: FaultKind, clientKey: string): number;
}

export interface FaultOptions {
  readonly seed: number;
  readonly profile: FaultProfile;
  readonly terms?: Partial<FaultTerms>;
  /** Orders with exactly these faults, whatever the profile says: for scripted tests. */
  readonly scripted?: (clientKey: string) => readonly FaultKind[] | undefined;
}

export function createFaults(options: FaultOptions): Faults {
  const { seed, profile, scripted } = options;
  return {
    profile,
    terms: { ...faultTerms, ...options.terms },
    happens: (kind, clientKey) =>
      scripted?.(clientKey)?.includes(kind) ??
      draw(seed, 'fault', clientKey, kind) < probabilities[profile][kind],
    severity: (kind, clientKey) => draw(seed, 'severity', clientKey, kind),
  };
}
