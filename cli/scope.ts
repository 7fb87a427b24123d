import { type FreezeScope, type FreezeSubject, venueNames } from '../domain/index.js';
import type { OpenTrade } from '../store/index.js';
import { CommandError } from './answer.js';
import { exitCodes } from './exit-codes.js';

const keyedKinds = ['venue', 'account', 'strategy', 'instrument', 'pair', 'workflow'] as const;
const SCOPES =
  'global, venue:kalshi, account:main, strategy:…, instrument:venue/market/outcome, ' +
  'pair:…, workflow:arbitrage/…';

/** Reads "pair:rain-seattle" or "global". Throws `CommandError` that lists the scopes there are. */
export function parseScope(text: string): FreezeScope {
  if (text === 'global') return { kind: 'global' };
  const [name = '', ...rest] = text.split(':');
  const key = rest.join(':');
  const kind = keyedKinds.find((known) => known === name);
  if (kind === undefined || key === '') throw badScope(`"${text}" is not a scope`);
  if (kind === 'venue' && !venueNames.some((venue) => venue === key)) {
    throw badScope(`there is no venue "${key}": ${venueNames.join(', ')}`);
  }
  return { kind, key };
}

export function scopeText(scope: FreezeScope): string {
  return scope.kind === 'global' ? 'global' : `${scope.kind}:${scope.key}`;
}

/** What a running trade touches. One that is not admitted yet has no instruments of its own. */
export const subjectOf = (trade: OpenTrade): FreezeSubject => ({ ...trade, venues: venueNames });

const badScope = (message: string): CommandError =>
  new CommandError(exitCodes.invalid, message, [`Scopes: ${SCOPES}.`]);
