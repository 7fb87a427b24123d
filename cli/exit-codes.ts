/** What a command ends with, so that scripts can decide. `docs/operations.md` lists them too. */
export const exitCodes = {
  /** Done: approved, FROZEN, lifted, told, nothing unresolved. */
  done: 0,
  /** The input is wrong, or something failed; the message says what to do. Nothing was started. */
  invalid: 1,
  /** The arbitrage was denied; the verdict names the rule. */
  denied: 2,
  /** A freeze is committed, but not every process has acknowledged it. */
  notFrozen: 3,
  /** Postgres or Temporal does not answer: nothing is known about what was asked. */
  unreachable: 4,
  /** There is nothing by that name. */
  notFound: 5,
  /** The intent id is taken by other content. */
  conflict: 6,
  /** Evidence alone ends this, not a word: its order is not certain yet. */
  evidenceOnly: 7,
  /** The history does not replay: the workflows of today decide otherwise. */
  differs: 8,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
