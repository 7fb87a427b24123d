import type { Price, Quantity } from './money.js';
import type { ArbitrageType } from './pair.js';

/**
 * How an intent came in: through the workflow, or by an engine that fired before it (DESIGN §5).
 */
export type Door = 'workflow' | 'fire_first' | 'armed';

/** What a strategy asks for: buy YES here and NO there, at these limits or better, until then. */
export interface ArbitrageIntent {
  /** Unique for ever: `[A-Za-z0-9._-]{1,64}`. */
  readonly intentId: string;
  readonly door: Door;
  /** The engine host of a fire-first or armed intent. */
  readonly host?: string;
  readonly pairId: string;
  readonly type: ArbitrageType;
  readonly contractsMax: Quantity;
  /** The worst price per contract that each leg may pay. */
  readonly limitPrice: { readonly yes: Price; readonly no: Price };
  /** When the strategy saw the price of each leg, epoch milliseconds. */
  readonly observedAtMs: { readonly yesMs: number; readonly noMs: number };
  /** The least net gain per matched contract, after both venues' fees. */
  readonly edgeMin: Price;
  readonly account: string;
  readonly strategy: string;
  /** After this no first byte may leave, epoch milliseconds. */
  readonly notAfterMs: number;
  /** Everything but the wire: admitted, recorded as `missed`, never sent. */
  readonly dryRun: boolean;
}
