import { assert, polymarketSalt } from '../../../domain/index.js';
import { draw } from '../draws.js';
import type { FaultOf, ScriptedKind } from './fault.js';
import { readKinds, reportKinds } from './fault.js';
import type { Operation, Rule, Subject } from './rule.js';

/** How often a rule fitted, and how often it really did what it says. */
export interface RuleCount {
  readonly name: string;
  readonly fitted: number;
  readonly injected: number;
}

export interface FaultCounts {
  readonly rules: readonly RuleCount[];
  /** By kind, and by state of the venue that refused something; what never happened is left out. */
  readonly kinds: Readonly<Record<string, number>>;
}

export interface FaultScriptOptions {
  /** Rules that no script shows, replaces or takes away: how heavy the venue's days are. */
  readonly standing?: readonly Rule[];
  /** Told of everything that is counted: a process that is killed takes its own counts with it. */
  readonly onCount?: (kind: string, times: number) => void;
}

/**
 * The rules of one simulated venue. Whoever could inject a fault asks here first, once for each
 * order, request or report that it could befall: `strike` answers with the fault and has counted it.
 * Rules are looked at in their order, standing ones last; the first one that hits wins.
 */
export class FaultScript {
  readonly #seed: number;
  readonly #rules = new Map<string, Counted>();
  readonly #standing = new Map<string, Counted>();
  readonly #kinds = new Map<string, number>();
  readonly #onCount: NonNullable<FaultScriptOptions['onCount']>;
  #answers: ReadonlySet<string> | undefined;

  constructor(seed: number, { standing = [], onCount = () => undefined }: FaultScriptOptions = {}) {
    this.#seed = seed;
    this.#onCount = onCount;
    for (const rule of standing) this.stand(rule);
  }

  /** Instead of all the rules so far, but those that stand; counts begin again. */
  replace(rules: readonly Rule[]): void {
    this.clear();
    for (const rule of rules) this.add(rule);
  }

  /** The names of the venue's answers, told by its front end: what `refuse` may name. */
  learnAnswers(names: Iterable<string>): void {
    this.#answers = new Set(names);
    for (const { rule } of this.#standing.values()) this.#assertPossible(rule);
  }

  /** What is wrong with a rule for this venue, in a sentence. */
  problem({ name, fault }: Rule): string | undefined {
    if (fault.kind !== 'refuse' || !this.#answers || this.#answers.has(fault.answer))
      return undefined;
    const known = [...this.#answers].join(', ');
    return `rule ${name}: the venue has no answer "${fault.answer}"; it has ${known}`;
  }

  /** A rule of the same name is replaced. */
  add(rule: Rule): void {
    this.#assertPossible(rule);
    this.#rules.set(rule.name, counted(rule));
  }

  /** One more of those that no script shows or takes away. */
  stand(rule: Rule): void {
    this.#assertPossible(rule);
    this.#standing.set(rule.name, counted(rule));
  }

  /** One less of them. */
  lift(name: string): void {
    this.#standing.delete(name);
  }

  /** Says whether there was such a rule. */
  remove(name: string): boolean {
    return this.#rules.delete(name);
  }

  clear(): void {
    this.#rules.clear();
    this.#kinds.clear();
  }

  rules(): readonly Rule[] {
    return [...this.#rules.values()].map(({ rule }) => rule);
  }

  counts(): FaultCounts {
    const rules = [...this.#rules].map(([name, { fitted, injected }]) => ({
      ...{ name, fitted, injected },
    }));
    return { rules, kinds: Object.fromEntries(this.#kinds) };
  }

  strike<Kind extends ScriptedKind>(kind: Kind, subject: Subject): FaultOf<Kind> | undefined {
    const hit =
      firstHit(this.#rules, { kind, subject, lot: (of) => this.#lotOfOrder(of, subject) }) ??
      firstHit(this.#standing, { kind, subject, lot: (of) => this.#lotOfTime(of, subject) });
    if (!hit) return undefined;
    hit.injected += 1;
    this.count(kind);
    return hit.rule.fault as FaultOf<Kind>; // its kind was compared
  }

  /** Something happened that no rule of the script says: a profile's fault, a state of the venue. */
  count(kind: string, times = 1): void {
    if (times <= 0) return;
    this.#kinds.set(kind, (this.#kinds.get(kind) ?? 0) + times);
    this.#onCount(kind, times);
  }

  #lotOfOrder({ rule }: Counted, { clientKey = '' }: Subject): number {
    return draw(this.#seed, 'rule', rule.name, clientKey);
  }

  /**
   * An order is placed once. What is asked or told again and again is drawn anew each time: else an
   * order that cannot be canceled or read once never can.
   */
  #lotOfTime({ rule, fitted }: Counted, { operation, clientKey = '' }: Subject): number {
    const time = operation === 'place' ? 1 : fitted;
    return draw(this.#seed, 'standing', rule.name, clientKey, time);
  }

  #assertPossible(rule: Rule): void {
    const problem = this.problem(rule);
    assert(problem === undefined, problem ?? '');
  }
}

interface Counted {
  readonly rule: Rule;
  readonly keys: readonly string[] | undefined;
  readonly pattern: RegExp | undefined;
  fitted: number;
  injected: number;
}

function counted(rule: Rule): Counted {
  const { order, orderPattern } = rule.when;
  return {
    rule,
    keys: order === undefined ? undefined : keysOf(order),
    pattern: orderPattern === undefined ? undefined : new RegExp(orderPattern),
    fitted: 0,
    injected: 0,
  };
}

interface Asked {
  readonly kind: ScriptedKind;
  readonly subject: Subject;
  /** What a rule's probability is held against, in [0, 1). */
  readonly lot: (counted: Counted) => number;
}

function firstHit(
  rules: ReadonlyMap<string, Counted>,
  { kind, subject, lot }: Asked,
): Counted | undefined {
  for (const one of rules.values()) {
    if (one.rule.fault.kind !== kind || !fits(one, subject)) continue;
    one.fitted += 1;
    const { times, probability } = one.rule.when;
    if (times && (one.fitted < times.first || one.fitted > times.last)) continue;
    if (probability === undefined || lot(one) < probability) return one;
  }
  return undefined;
}

function fits({ rule, keys, pattern }: Counted, subject: Subject): boolean {
  const { market, side, fromMs, untilMs, operation } = rule.when;
  const { clientKey, at } = subject;
  if (at !== undefined && 'at' in rule.fault && rule.fault.at !== at) return false;
  if (!(operation ? [operation] : usualOperations(rule.fault.kind)).includes(subject.operation)) {
    return false;
  }
  if (keys && (clientKey === undefined || !keys.includes(clientKey))) return false;
  if (pattern && (clientKey === undefined || !pattern.test(clientKey))) return false;
  if ((market ?? subject.market) !== subject.market) return false;
  if ((side ?? subject.side) !== subject.side) return false;
  return subject.atMs >= (fromMs ?? subject.atMs) && subject.atMs < (untilMs ?? Infinity);
}

const READS: readonly Operation[] = ['read_orders', 'read_fills'];
const REPORTS: readonly Operation[] = ['report_order', 'report_trade'];
const PLACING: readonly Operation[] = ['place'];

function usualOperations(kind: ScriptedKind): readonly Operation[] {
  if (readKinds.includes(kind)) return READS;
  return reportKinds.includes(kind) ? REPORTS : PLACING;
}

/** What both venues call an order whose id is ours; a salt is its own. */
function keysOf(order: string): readonly string[] {
  return [order, polymarketSalt(order).toString()];
}
