import type { Desk } from '../../cli/desk.js';
import type { TestDesk } from './desk.js';

/** The desk as the commands of an operator see it. */
export function operatorOf({ db, client }: TestDesk): Desk {
  return {
    ...{ db, mode: 'simulated', operator: 'anna@desk7', nowMs: Date.now },
    client: async () => client,
    close: async () => undefined,
  };
}
