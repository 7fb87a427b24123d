import { draw } from './draws.js';
import type { FaultOf, ScriptedKind } from './script/fault.js';
import { FaultScript, type FaultScriptOptions } from './script/fault-script.js';
import type { Subject } from './script/rule.js';

/** What a profile does to orders now and then. A script and heavy rules have these and more. */
export const faultKinds = [
  'reject',
  'timeout_after_acceptance',
  'partial_fill',
  'late_fill',
  'failed_settlement',
  'pulled_liquidity',
] as const satisfies readonly ScriptedKind[];
export type FaultKind = (typeof faultKinds)[number];

export type FaultProfile = 'none' | 'light' | 'heavy';

/**
 * How likely each fault befalls an order, per profile. Heavy is strong enough for every kind to
 * show in a session of sixty trades, and leaves about two legs of three unharmed in quantity. A
 * simulator's process adds rules and weather to it: `heavy-rules.ts`, `weather.ts`.
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

/**
 * The faults of one venue. A script comes first; what it leaves alone the profile draws, by seed,
 * order key and kind, never by arrival. What a rule does not say of its fault is drawn, too.
 */
export interface Faults {
  readonly profile: FaultProfile;
  readonly terms: FaultTerms;
  readonly script: FaultScript;
  /** Whether this happens now. Asked once for each thing that it could befall: it is counted. */
  strike<Kind extends ScriptedKind>(kind: Kind, subject: Subject): FaultOf<Kind> | undefined;
  /** How hard a fault hits this order, in [0, 1). */
  severity(kind: ScriptedKind, clientKey: string): number;
}

export interface FaultOptions extends FaultScriptOptions {
  readonly seed: number;
  readonly profile: FaultProfile;
  readonly terms?: Partial<FaultTerms>;
  /** Orders with exactly these faults, whatever the profile says: for scripted tests. */
  readonly scripted?: (clientKey: string) => readonly FaultKind[] | undefined;
}

export function createFaults(options: FaultOptions): Faults {
  const { seed, profile, scripted } = options;
  const script = new FaultScript(seed, options);
  const isDrawn = (kind: ScriptedKind, { operation, clientKey = '' }: Subject): boolean => {
    if (operation !== 'place' || !isProfiled(kind)) return false;
    const named = scripted?.(clientKey)?.includes(kind);
    return named ?? draw(seed, 'fault', clientKey, kind) < probabilities[profile][kind];
  };
  return {
    profile,
    terms: { ...faultTerms, ...options.terms },
    script,
    strike: <Kind extends ScriptedKind>(kind: Kind, subject: Subject) => {
      const told = script.strike(kind, subject);
      if (told) return told;
      if (!isDrawn(kind, subject)) return undefined;
      script.count(kind);
      return { kind } as FaultOf<Kind>; // a profile's kinds need nothing more
    },
    severity: (kind, clientKey) => draw(seed, 'severity', clientKey, kind),
  };
}

const isProfiled = (kind: ScriptedKind): kind is FaultKind =>
  (faultKinds as readonly ScriptedKind[]).includes(kind); // the wider type, to ask
