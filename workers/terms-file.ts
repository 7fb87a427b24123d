import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseTermsFile, type StatedTerms, type UpRequest } from '../schemas/index.js';
import { StackError } from '../stack/index.js';

export interface TermsFile {
  readonly path: string;
  readonly terms: StatedTerms;
}

/**
 * The terms that the operator stated: the file of `--terms`, else `terms.json` of the data folder,
 * else none. Throws `StackError` with every problem of the file: nothing starts on half a word.
 */
export function readTermsFile({
  dataFolder,
  termsFile,
}: Pick<UpRequest, 'dataFolder' | 'termsFile'>): TermsFile | undefined {
  const kept = join(dataFolder, 'terms.json');
  const path = termsFile ?? (existsSync(kept) ? kept : undefined);
  if (path === undefined) return undefined;
  const parsed = parseTermsFile(contentOf(path));
  if (parsed.ok) return { path, terms: parsed.terms };
  throw new StackError(
    `The terms in ${path} are not right:`,
    parsed.problems.map(({ path: where, message }) => `- ${where}: ${message}`),
  );
}

function contentOf(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as unknown; // the schema says what it must be
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StackError(`The terms in ${path} cannot be read: ${reason}`, [
      'Name a JSON file with --terms, or leave it out.',
    ]);
  }
}
