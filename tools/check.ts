import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { Listr } from 'listr2';

// Everything that is checked before a commit, two at a time: it has to stay under a minute.
const steps: readonly { readonly what: string; readonly command: readonly string[] }[] = [
  { what: 'typed rules', command: ['eslint', '.'] },
  { what: 'types', command: ['tsc', '-p', 'tsconfig.json'] },
  { what: 'format and fast lint', command: ['biome', 'check', '--error-on-warnings', '.'] },
  { what: 'import directions', command: ['depcruise', '--config', '.dependency-cruiser.cjs', '.'] },
  { what: 'dead code', command: ['knip'] },
  { what: 'native format', command: ['tsx', 'tools/native.ts', 'fmt', '--check'] },
  {
    what: 'native lint',
    command: ['tsx', 'tools/native.ts', 'clippy', '--locked', '--all-targets', '--', '-Dwarnings'],
  },
  { what: 'domain and replay tests', command: ['vitest', 'run', 'test/domain', 'test/replay'] },
];

/** Histories of different shape; without them the replay tests would have nothing to say. */
const HISTORIES_MIN = 6;
const HISTORIES_FOLDER = 'test/replay/histories';

const reports: string[] = [];
const list = new Listr(
  steps.map(({ what, command }) => ({
    title: what,
    task: async () => {
      const { exitCode, output } = await run(command);
      if (exitCode === 0) return;
      reports.push(`── ${what}: ${command.join(' ')}\n${output}`);
      throw new Error(`see below`);
    },
  })),
  { concurrent: 2, exitOnError: false, fallbackRenderer: 'simple' },
);
list.add({ title: 'recorded histories', task: countHistories });
await list.run();
process.stdout.write(reports.join('\n'));
process.exitCode = reports.length === 0 ? 0 : 1;

function countHistories(): void {
  const files = existsSync(HISTORIES_FOLDER) ? readdirSync(HISTORIES_FOLDER) : [];
  const histories = files.filter((file) => file.endsWith('.json'));
  if (histories.length >= HISTORIES_MIN) return;
  const found = `${histories.length} histories in ${HISTORIES_FOLDER}`;
  reports.push(`── recorded histories: ${found}, at least ${HISTORIES_MIN} are needed\n`);
  throw new Error('see below');
}

/** npm puts the packages' programs on the PATH of a script. */
async function run([program = '', ...args]: readonly string[]): Promise<{
  readonly exitCode: number;
  readonly output: string;
}> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ exitCode: code ?? 1, output }));
  });
}
