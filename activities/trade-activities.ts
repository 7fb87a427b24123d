import type {
  Admission,
  ArbitrageIntent,
  Break,
  ChildOrder,
  Closing,
  Evidence,
  Excess,
  ExitOutcome,
  ExitOwnership,
  Ladder,
  OperatorWord,
  Pair,
  SendOutcome,
  ShotName,
  Standing,
  TradeTerms,
} from '../domain/index.js';

/** What an arbitrage may ask of the world. Each function serves one step of DESIGN §5A. */
export interface TradeActivities {
  /** Step 1. Idempotent by workflow id; makes no venue call. */
  admit(request: AdmitRequest): Promise<Admission>;
  /** Step 1 of what an engine has fired already: its shot becomes this trade. Idempotent. */
  adoptFired(request: AdoptRequest): Promise<Admission>;
  /** Step 2 of an adopted trade: what became of its shot, as its engine tells it. Sends nothing. */
  answersOf(request: AnswersRequest): Promise<readonly LegOutcome[]>;
  /** Step 3. Kill, then ask: one round of questions about each order. */
  evidenceOf(question: Question): Promise<readonly Evidence[]>;
  /** Step 4. Prices both books, sends at most one order. */
  exitOnce(exit: ExitRequest): Promise<ExitOutcome>;
  /** An order stays unknown: no new risk on its pair until evidence resolves it. Idempotent. */
  freezeForUnknown(request: UnknownFreeze): Promise<{ readonly freezeId: string }>;
  /** A venue has contradicted an operator: a break, and its pair is frozen. Idempotent. */
  reportBreak(report: BreakReport): Promise<{ readonly freezeId: string }>;
  /** The audit of an operator's word about an unknown order. Idempotent. */
  recordWord(said: WordRecord): Promise<{ readonly recordedAtMs: number }>;
  /** Step 6. Releases the reservation, sets the hold's end, leaves the result. Idempotent. */
  record(closing: Closing & Told): Promise<{ readonly recordedAtMs: number }>;
}

/** What an arbitrage asks of the engine that owns its pair; nobody else answers it. */
export interface EngineActivities {
  /** Step 2. Both legs, one attempt: a second call for the same orders sends nothing. */
  fireLegs(shot: Shot): Promise<readonly LegOutcome[]>;
}

/** One line of a trade's timeline. */
export interface StoryLine {
  readonly atMs: number;
  readonly event: string;
  readonly text: string;
}

/** What the trade has to tell since it last asked anything: goes along, so that it costs nothing. */
interface Told {
  readonly story: readonly StoryLine[];
}

export interface AdmitRequest {
  readonly workflowId: string;
  readonly digest: string;
  readonly intent: ArbitrageIntent;
}

export interface AdoptRequest extends AdmitRequest {
  readonly shot: ShotName;
}

export interface AnswersRequest extends Told {
  readonly workflowId: string;
  readonly shot: ShotName;
  /** As it was fired. */
  readonly pair: Pair;
  readonly terms: TradeTerms;
}

export interface Shot extends Told {
  readonly workflowId: string;
  /** As it was admitted: a market may be off the pair file before its last trade has ended. */
  readonly pair: Pair;
  readonly strategy: string;
  readonly orders: readonly ChildOrder[];
  readonly terms: TradeTerms;
}

export interface LegOutcome {
  readonly clientOrderId: string;
  readonly outcome: SendOutcome;
}

export interface Question extends Told {
  readonly workflowId: string;
  readonly clientOrderIds: readonly string[];
  readonly terms: TradeTerms;
  /** A freeze is due then: what no venue has answered by that time is still open. */
  readonly untilMs?: number;
}

export interface ExitRequest extends Told {
  readonly workflowId: string;
  /** As it was admitted. */
  readonly pair: Pair;
  readonly strategy: string;
  /** Whose exit it is, as the caller believes: another owner or a newer epoch sends nothing. */
  readonly ownership: ExitOwnership;
  readonly clientOrderId: string;
  /** The entries say what was bought where; the excess is of the leg it names. */
  readonly entries: { readonly yesOrder: ChildOrder; readonly noOrder: ChildOrder };
  readonly excess: Excess;
  readonly ladder: Ladder;
  /** The other leg has ended, so completing it cannot collide with what is still coming. */
  readonly isOtherLegTerminal: boolean;
  /** The trade itself was told to freeze: sell or keep only. */
  readonly isFrozen: boolean;
  readonly terms: TradeTerms;
}

export interface UnknownFreeze extends Told {
  readonly workflowId: string;
  readonly pairId: string;
  readonly clientOrderId: string;
  readonly why: string;
}

export interface BreakReport extends Told {
  readonly workflowId: string;
  readonly account: string;
  readonly pairId: string;
  readonly found: Break;
}

export interface WordRecord extends Told {
  readonly workflowId: string;
  readonly word: OperatorWord;
  readonly before: Standing;
  readonly after: Standing;
  readonly atMs: number;
}
