import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../../stack/index.js';
import { bundleProgram } from '../../tools/bundle-program.js';
import { ARGUMENTS_VARIABLE, type KillArguments, type VenueArguments } from './kill-arguments.js';
import type { TradingProgram } from './trading-process.js';

type Dying = 'trading-to-kill' | 'supervisor-to-kill' | 'venue-to-kill';

/** A process that dies, as one file like those of the product: every death costs a start. */
export async function killProgram(
  name: Dying,
  { folder, ...given }: (KillArguments | VenueArguments) & { readonly folder: string },
): Promise<TradingProgram> {
  // A supervisor starts the worker that lies beside it.
  const names = name === 'supervisor-to-kill' ? [name, 'trading-to-kill'] : [name];
  for (const each of names) await bundleProgram(sourceOf(each), programOf(each));
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(given));
  return { entry: programOf(name), environment: { [ARGUMENTS_VARIABLE]: file } };
}

const sourceOf = (name: string): string => fileURLToPath(new URL(`${name}.ts`, import.meta.url));
const programOf = (name: string): string => join(packageRoot(), 'dist', 'programs', `${name}.js`);
