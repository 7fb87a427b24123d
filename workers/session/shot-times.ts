import type { VenueName } from '../../domain/index.js';
import type { ToldLeg, ToldShot } from '../../store/index.js';
import { type Percentiles, percentiles } from './percentiles.js';

/**
 * How long the steps of the engines' shots took, microseconds to the nanosecond, on the monotonic
 * clock of the host that fired. A shot begins where the thread that fires was handed it and began to
 * check it: what a trade takes before (Temporal, both orders and their signature, the commit of their
 * rows, the way to that thread) is none of it. A leg that its wire did not take whole is no measure
 * of a write.
 */
export interface ShotTimes {
  /** From the beginning until the last byte of the earlier leg was the kernel's. */
  readonly firstWritten: Percentiles;
  /** From the last byte of the earlier leg to the last of the later. */
  readonly skew: Percentiles;
  /** From the beginning until the last byte of the later leg was the kernel's. */
  readonly bothWritten: Percentiles;
  /** From a leg's last byte until its venue's answer was whole and the thread had seen it. */
  readonly answered: Readonly<Record<VenueName, Percentiles>>;
}

/** `undefined` where nothing has left any engine: there is nothing to time then. */
export function shotTimes(shots: readonly ToldShot[]): ShotTimes | undefined {
  const legs = shots.flatMap((shot) => shot.legs).filter(isWritten);
  if (legs.length === 0) return undefined;
  const written = shots.map(wholeAfterNs).filter(({ length }) => length > 0);
  const both = written.filter(({ length }) => length === 2);
  return {
    firstWritten: microseconds(written.map((afterNs) => Math.min(...afterNs))),
    skew: microseconds(both.map((afterNs) => Math.max(...afterNs) - Math.min(...afterNs))),
    bothWritten: microseconds(both.map((afterNs) => Math.max(...afterNs))),
    answered: { kalshi: answers(legs, 'kalshi'), polymarket: answers(legs, 'polymarket') },
  };
}

/** Something of it has left: its venue may have it. */
export const isWritten = ({ written }: ToldLeg): boolean =>
  written === 'whole' || written === 'part';

function wholeAfterNs({ legs }: ToldShot): readonly number[] {
  const whole = legs.filter(({ written }) => written === 'whole');
  return whole.map(({ writtenAfterNs }) => writtenAfterNs).filter((ns) => ns !== undefined);
}

function answers(legs: readonly ToldLeg[], venue: VenueName): Percentiles {
  const there = legs.filter(({ instrument }) => instrument.venue === venue);
  return microseconds(
    there.map(({ answeredAfterNs }) => answeredAfterNs).filter((ns) => ns !== undefined),
  );
}

const microseconds = (durationsNs: readonly number[]): Percentiles =>
  percentiles(durationsNs.map((ns) => ns / 1_000));
