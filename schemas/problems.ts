import type { z } from 'zod';

/** One thing that is wrong with what came in, and where: `limitPrice.yes`, `pairs.3.kalshi`. */
export interface Problem {
  readonly path: string;
  readonly message: string;
}

/** The path of a problem with the whole. */
export const WHOLE = '(whole)';

/** Every problem that a schema found, each with its path; members that nobody knows one by one. */
export function problemsOf(error: z.ZodError): readonly Problem[] {
  return error.issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') {
      return [{ path: pathOf(issue.path), message: messageOf(issue) }];
    }
    return issue.keys.map((key) => ({
      path: pathOf([...issue.path, key]),
      message: 'is not known',
    }));
  });
}

function pathOf(path: readonly PropertyKey[]): string {
  return path.length === 0 ? WHOLE : path.map(String).join('.');
}

function messageOf(issue: z.core.$ZodIssue): string {
  const isMissing = issue.code === 'invalid_type' && issue.input === undefined;
  return isMissing ? 'is missing' : issue.message;
}
