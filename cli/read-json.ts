import { readFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import { CommandError } from './answer.js';
import { exitCodes } from './exit-codes.js';

const STDIN = '-';

/** The JSON of a file, or of stdin for `-`; who asks sees the file's name in what goes wrong. */
export async function readJson(file: string, what: string): Promise<unknown> {
  const name = file === STDIN ? 'stdin' : file;
  const content = file === STDIN ? await readAll(process.stdin) : await readNamed(file, what);
  try {
    return JSON.parse(content) as unknown; // a schema says what it must be
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(exitCodes.invalid, `${name} is not JSON: ${reason}`);
  }
}

async function readNamed(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    throw new CommandError(exitCodes.invalid, `${file} cannot be read`, [
      `Name a file with ${what}, or - for stdin.`,
    ]);
  }
}
