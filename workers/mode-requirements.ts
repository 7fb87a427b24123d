import type { Mode } from '../domain/mode.js';

/**
 * What a mode needs and this installation does not have. `live` sends real orders, so everything
 * that ends a doubt or a runaway must be in place before it; nothing is assumed.
 */
export function missingFor(mode: Mode): readonly string[] {
  switch (mode) {
    case 'simulated':
      return [];
    case 'shadow':
      return ['credentials for every venue (market data needs them)', 'a limits file per account'];
    case 'live':
      return [
        'credentials for every venue that the limits file names',
        'a limits file for every account',
        'custody of held pairs',
        'reconciliation against the venues',
        "the dead-man's switch of every venue session",
      ];
  }
}
