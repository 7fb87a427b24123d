import fc from 'fast-check';

/** What may happen next. Each move says little, and means something in every state of a trade. */
export const moveKinds = [
  'desk',
  'trade',
  'end',
  'arrive',
  'settle',
  'tell',
  'tellAgain',
  'time',
  'evidence',
  'contradict',
  'say',
  'freeze',
  'unfreeze',
  'cancel',
] as const;
export type MoveKind = (typeof moveKinds)[number];

export interface Move {
  readonly what: MoveKind;
  /** Which of several, by its remainder. */
  readonly pick: number;
  /** How much, in percent. */
  readonly size: number;
  /** In which way. */
  readonly twist: number;
}

const weights: Record<MoveKind, number> = {
  desk: 14,
  trade: 6,
  end: 2,
  arrive: 1,
  settle: 5,
  tell: 7,
  tellAgain: 2,
  time: 3,
  evidence: 3,
  contradict: 1,
  say: 4,
  freeze: 1,
  unfreeze: 1,
  cancel: 1,
};

const what = fc.oneof(
  ...moveKinds.map((kind) => ({ weight: weights[kind], arbitrary: fc.constant(kind) })),
);
const move: fc.Arbitrary<Move> = fc.record({
  what,
  pick: fc.nat(30),
  size: fc.integer({ min: 1, max: 100 }),
  twist: fc.nat(59),
});

export interface Plot {
  readonly type: 'poly_yes_kalshi_no' | 'kalshi_yes_poly_no';
  readonly contracts: number;
  readonly policy: 'cheapest' | 'step_down';
  readonly shot: readonly [Move, Move];
  readonly moves: readonly Move[];
}

/** A trade, from its shot on, with everything that may happen to it in any order. */
export const plots: fc.Arbitrary<Plot> = fc.record({
  type: fc.constantFrom<Plot['type']>('poly_yes_kalshi_no', 'kalshi_yes_poly_no'),
  contracts: fc.constantFrom(6, 20, 37.5, 100),
  policy: fc.constantFrom<Plot['policy']>('cheapest', 'cheapest', 'step_down'),
  shot: fc.tuple(move, move),
  moves: fc.array(move, { minLength: 1, maxLength: 60, size: 'max' }),
});
