import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { packageRoot } from '../../stack/index.js';
import { ARGUMENTS_FILE, type KillArguments, type VenueArguments } from './kill-arguments.js';

/** The entries, and what they import of this folder. */
const SOURCES = [
  ...['trading-to-kill', 'supervisor-to-kill', 'venue-to-kill'],
  ...['kill-arguments', 'kill-points', 'crash-terms', 'desk-terms'],
  ...['desk-venues', 'desk-pairs', 'markets'],
];

/**
 * The processes that die, as plain JavaScript on top of the built product: every death costs a
 * start, and through a transpiler that is twice the work.
 */
export function writeKillProgram(folder: string, given: KillArguments | VenueArguments): void {
  const built = join(packageRoot(), 'dist');
  if (!existsSync(built)) throw new Error(`${built} is missing: run \`npm run build\` first`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  for (const name of SOURCES) {
    const source = readFileSync(new URL(`${name}.ts`, import.meta.url), 'utf8');
    const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
    const { outputText } = ts.transpileModule(source, { compilerOptions });
    const placed = outputText.replaceAll("'../../", `'${pathToFileURL(built).href}/`);
    writeFileSync(join(folder, `${name}.js`), placed);
  }
  writeFileSync(join(folder, ARGUMENTS_FILE), JSON.stringify(given));
}
