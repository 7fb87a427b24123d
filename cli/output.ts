import { stripVTControlCharacters, styleText } from 'node:util';
import Table from 'cli-table3';
import type { Answer } from './answer.js';
import { exitCodes } from './exit-codes.js';

/** Where a command's words go; handed in, so that tests read them. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

export const terminal: Terminal = {
  out: (text) => void process.stdout.write(fitting(text, process.stdout)),
  err: (text) => void process.stderr.write(fitting(text, process.stderr)),
};

/** Colours are for terminals that want them (NO_COLOR is respected); a pipe gets the words alone. */
function fitting(text: string, stream: NodeJS.WriteStream): string {
  const hasColours = stream.isTTY && stream.hasColors();
  return hasColours ? text : stripVTControlCharacters(text);
}

/** One JSON document with `--json`, else text; a failure's text goes to stderr. Returns the exit code. */
export function print(answer: Answer, isJson: boolean, to: Terminal = terminal): number {
  const { exitCode, data, text } = answer;
  if (isJson) to.out(`${JSON.stringify(data, undefined, 2)}\n`);
  else if (exitCode === exitCodes.done || exitCode === exitCodes.denied) to.out(`${text}\n`);
  else to.err(`${text}\n`);
  return exitCode;
}

const RULE = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' },
};

/** A table of plain columns, which reads well and pipes well. A column named `…#` is of figures. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return styleText('dim', '(none)');
  const drawn = new Table({
    head: head.map((name) => styleText('bold', name.replace(/#$/, ''))),
    chars: RULE,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colAligns: head.map((name) => (name.endsWith('#') ? 'right' : 'left')),
  });
  drawn.push(...rows.map((row) => [...row]));
  return drawn
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .join('\n');
}
