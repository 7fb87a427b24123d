import type { Point } from '../../activities/points.js';

/**
 * Where whoever fires may die, as `activities/points.ts` has it of the product. In these suites the
 * engine's stand-in shares its process with a trading worker, and both die: the machine's death. The
 * engine's own deaths are in `native/desk/src/death.rs`, and `test/native` has them.
 */
export const firePoints = [
  // Identity before bytes: up to the first byte a shot may be lost, never fired by a second one.
  'fire: asked, nothing recorded',
  'fire: recorded, nothing sent',
  'fire: past the gate, nothing sent',
  // One leg is at its venue alone: the worst moment to die, and the reason for exits.
  'fire: one leg sent, the other not',
  'fire: both legs sent, no answer',
  'fire: one leg answered, nothing recorded',
  'fire: one answer recorded, the other not',
  'fire: answers recorded, not told',
] as const;

export type FirePoint = (typeof firePoints)[number];

/** Between two points of the product: only a socket knows of it, and `on-written.ts` listens there. */
export const sentPoints = ['exit: sent, no answer', 'custody exit: sent, no answer'] as const;

export type SentPoint = (typeof sentPoints)[number];

/** Of the product, of its sockets, or of the stand-in that fires beside it. */
export type AnyPoint = Point | SentPoint | FirePoint;

export type AnyReached = (point: AnyPoint, about: string) => void;
