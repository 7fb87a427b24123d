import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { build } from 'esbuild';

/**
 * A process as one file with all that it reads: some five hundred modules, each resolved and parsed
 * by itself, are a second of processor at every start. The folder of the file must lie in the
 * package, where Temporal's packages are found: they load native code and files of their own.
 */
export async function bundleProgram(entry: string, file: string): Promise<void> {
  const { outputFiles } = await build({
    ...{ entryPoints: [entry], outfile: file, write: false, logLevel: 'warning' },
    ...{ bundle: true, platform: 'node', format: 'esm', target: 'node20' },
    // Names of classes are read: an error's is its type in a history.
    ...{ keepNames: true, sourcemap: 'linked', sourcesContent: false },
    external: ['@temporalio/*', 'pg-native'],
    banner: { js: CREATE_REQUIRE },
  });
  await mkdir(dirname(file), { recursive: true });
  for (const { path, contents } of outputFiles) await replace(path, contents);
}

/** What is bundled from CommonJS asks for Node's modules by `require`, which no module of ours has. */
const CREATE_REQUIRE =
  "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/** Never half a file: a process may start from it in this moment. */
async function replace(path: string, contents: Uint8Array): Promise<void> {
  if (existsSync(path) && (await readFile(path)).equals(contents)) return;
  const fresh = `${dirname(path)}/.${process.pid}.${basename(path)}`;
  await writeFile(fresh, contents);
  await rename(fresh, path);
}
