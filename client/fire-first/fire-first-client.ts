import type { Mode } from '../../domain/index.js';
import type {
  EngineStatus,
  FireReceipt,
  FireRefusal,
  FireStanding,
  FrozenHere,
  Greeting,
} from '../../schemas/index.js';
import type { Silence } from './engine-connection.js';

/** How a strategy connects. */
export interface FireFirstOptions {
  /** What the strategy's orders may do; an engine of another mode is refused. */
  readonly mode: Mode;
  /** How long an answer is waited for. By default a second. */
  readonly deadlineMs?: number;
}

/** Why nothing was done. Where the client itself says it, no byte has left. */
export type Refusal = Pick<FireRefusal, 'code' | 'detail' | 'advice'>;

/** What came of a shot, as far as this end can know. */
export type FireAnswer =
  /** Something has left; the intent's workflow takes it from here. */
  | { readonly kind: 'receipt'; readonly receipt: FireReceipt }
  /** Nothing has left because of this request. */
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** It may have been fired. Ask about the intent; never send it again. */
  | { readonly kind: 'unknown'; readonly intentId: string; readonly why: Silence };

/** The answer to a question that changes nothing, or that may be asked again. */
export type Told<What> =
  | { readonly kind: 'told'; readonly told: What }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'silent'; readonly why: Silence };

/** An engine on this host, as a strategy has it. */
export interface FireFirstClient {
  /**
   * Fires both legs of an intent, at most once: the client never sends it a second time. Throws
   * `InvalidIntentError`.
   */
  fire(request: unknown): Promise<FireAnswer>;
  /**
   * What became of an intent; never fires. Waits for a connection until its deadline, and is asked
   * again where one breaks.
   */
  ask(intentId: string): Promise<Told<FireStanding>>;
  /** Stops entries on this host at once; told when the last shot that had begun is over. */
  freezeHere(order: unknown): Promise<Told<FrozenHere>>;
  status(): Promise<Told<EngineStatus>>;
  /** Whom the client is connected to; `undefined` while it is not. */
  engine(): Greeting | undefined;
  /** Whatever is waited for is `connection_lost`. Until then the process stays alive. */
  close(): void;
}

/** Nobody listens there that this client may use; `refusal` says what to do. */
export class FireFirstError extends Error {
  override readonly name = 'FireFirstError';
  readonly refusal: Refusal;
  constructor(message: string, refusal: Refusal) {
    super(message);
    this.refusal = refusal;
  }
}

/** An engine knows an hour of intents at least, and none waits for longer than a minute. */
const KNOWN_FOR_MS = 59 * 60_000;

/**
 * Whether nothing of an intent that the engine has never heard of was fired, and nothing will be: its
 * request may lie unread between both processes until its own `notAfterMs`, and is refused from then on.
 * `false` as well where the engine was asked 59 minutes after that, or later: it may have forgotten. Then
 * ask the desk for the trade (`client.arbitrage`).
 */
export function isNeverFired(standing: FireStanding, notAfterMs: number): boolean {
  const looked = standing.lookedUnixNs;
  const isKnown = looked < BigInt(notAfterMs + KNOWN_FOR_MS) * 1_000_000n;
  return standing.became === 'unheard' && looked >= BigInt(notAfterMs) * 1_000_000n && isKnown;
}
