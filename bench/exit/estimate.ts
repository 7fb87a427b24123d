/** A mean and how far it may be off: the standard error of independent samples. */
export interface Estimate {
  readonly mean: number;
  readonly standardError: number;
  readonly count: number;
}

/** Of fewer than two samples no error can be told: it is NaN. */
export function estimateOf(samples: readonly number[]): Estimate {
  const count = samples.length;
  const mean = samples.reduce((sum, one) => sum + one, 0) / count;
  const squares = samples.reduce((sum, one) => sum + (one - mean) ** 2, 0);
  return { mean, standardError: Math.sqrt(squares / (count - 1) / count), count };
}
