import type { FireFirstClient } from '../../client/fire-first/index.js';
import type {
  ArbitrageIntent,
  ArmedType,
  Fires,
  Pair,
  Quantity,
  Wire,
} from '../../domain/index.js';
import type { IntentDoor, Sighting } from './build-intent.js';
import type { Verdict } from './verdict.js';

/** The ways from a sighting to a shot. */
export interface Doors {
  /** `undefined`: it is not handed over, because its engine sees it as well. */
  of(found: Sighting): IntentDoor | undefined;
  /** Hands an intent over by the door that it names, and waits for its verdict. */
  offer(intent: Wire<ArbitrageIntent>): Promise<Verdict>;
}

type Offer = Doors['offer'];

/** Where no engine is heard: one of the host fires all the same what its workflow asks for. */
export const workflowAlone = (offer: Offer): Doors => ({ of: () => ({ way: 'workflow' }), offer });

/** What of the armed pairs a sighting's door depends on. */
export interface Arms {
  /** What one shot of an armed pair takes at most. */
  readonly contractsMax: Quantity;
  /** What a pair is armed for, as far as was heard. */
  of(pairId: string): { readonly type: ArmedType; readonly fires: Fires } | undefined;
  /** Has it armed for what was seen there: heard later, or denied. */
  want(found: Sighting, fires: Fires): void;
}

export interface EveryDoor {
  readonly pairs: () => readonly Pair[];
  readonly arms: Arms;
  readonly engine: Pick<FireFirstClient, 'fire'>;
  /** The engine's, as intents name it. */
  readonly host: string;
  /** Through the workflow. */
  readonly offer: Offer;
}

/** By a pair's place in its file, in turn; absent: through the workflow. */
const FIRES: readonly (Fires | undefined)[] = ['at_ticks', 'on_request', undefined, 'at_ticks'];

/**
 * A strategy that goes by all of them, each pair by one. As long as a pair's engine was lent nothing it
 * goes through the workflow.
 */
export function everyDoor({ pairs, arms, engine, host, offer }: EveryDoor): Doors {
  const workflow = { way: 'workflow' } as const;
  const fireFirst = { way: 'fire_first', host, contractsMax: arms.contractsMax } as const;
  return {
    of: (found) => {
      const place = pairs().findIndex(({ pairId }) => pairId === found.pairId);
      const fires = FIRES[place % FIRES.length];
      if (fires === undefined || found.type.endsWith('same_market')) return workflow;
      const armed = arms.of(found.pairId);
      if (!armed) {
        arms.want(found, fires);
        return workflow;
      }
      // The other direction would sell what this one buys, for as long as it is lent for.
      if (armed.type !== found.type || armed.fires === 'at_ticks') return undefined;
      return fireFirst;
    },
    offer: (intent) => (intent.door === 'fire_first' ? fire(engine, intent) : offer(intent)),
  };
}

/** Throws where nobody knows what has left: the intent's trade may be running, and holds its pair. */
async function fire(
  engine: Pick<FireFirstClient, 'fire'>,
  intent: Wire<ArbitrageIntent>,
): Promise<Verdict> {
  const { contractsMax } = intent;
  const answer = await engine.fire({ intent, quantity: { yes: contractsMax, no: contractsMax } });
  switch (answer.kind) {
    case 'receipt':
      return { kind: 'approved' };
    case 'refused':
      return { kind: 'denied', denial: { code: answer.refusal.code } };
    case 'unknown':
      throw new Error(`intent ${answer.intentId} may have been fired: ${answer.why}`);
  }
}
