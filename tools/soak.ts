import { appendFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { Command, InvalidArgumentError, Option } from 'commander';
import { faultProfiles } from '../schemas/up-request.js';
import { newDataFolder } from '../stack/index.js';
import { victims } from './soak/kill-plan.js';
import { runSoak } from './soak/run-soak.js';
import { soakTable } from './soak/soak-table.js';

interface SoakCommand {
  readonly arbs: number;
  readonly seed: number;
  readonly faults: string;
  readonly kill?: true;
  readonly data?: string;
  readonly out?: string;
  readonly minutes: number;
}

const MS_PER_SECOND = 1_000;
const MS_PER_MINUTE = 60_000;
const SECONDS_WIDTH = 6;

// The whole house under load, with its processes killed around it: docs/testing.md, "Soak".
await new Command('soak')
  .description('so many arbitrages under faults and kills; exit code 0: nothing lost, nothing left')
  .option('--arbs <n>', 'how many arbitrages are fired', wholeNumber, 1_000)
  .option('--seed <n>', 'what markets, faults and kills are drawn from', wholeNumber, 1)
  .addOption(new Option('--faults <profile>').choices(faultProfiles).default('heavy'))
  .option('--kill', 'SIGKILL a process every few seconds')
  .option('--data <dir>', 'the data folder (default: a new one)')
  .option('--out <dir>', 'where the report goes (default: out of the data folder)')
  .option('--minutes <n>', 'ended as failed after so long', wholeNumber, 40)
  .action(async ({ arbs, seed, faults, kill, data, out, minutes }: SoakCommand) => {
    const dataFolder = data === undefined ? newDataFolder(Date.now()) : resolve(data);
    const report = await runSoak({
      ...{ arbs, seed, faults, dataFolder },
      ...(kill && { pauses: { leastMs: 3_000, mostMs: 10_000 } }),
      outFolder: out === undefined ? join(dataFolder, 'out') : resolve(out),
      limitMs: minutes * MS_PER_MINUTE,
      onLine: (line) => show(join(dataFolder, 'soak.log'), line),
    });
    process.stdout.write(`${soakTable(report)}\n`);
    const spared = kill ? victims.filter((victim) => !report.kills[victim]) : [];
    if (spared.length > 0) process.stdout.write(`Never killed: ${spared.join(', ')}.\n`);
    process.exitCode = report.exitCode === 0 && spared.length === 0 ? 0 : 1;
  })
  .parseAsync();

/** Under faults and kills warnings come by the thousand: those are in the file alone. */
function show(file: string, line: string): void {
  const text = `${sinceStart()} ${line}\n`;
  appendFileSync(file, text);
  if (!/^(warn|error) /.test(stripVTControlCharacters(line))) process.stdout.write(text);
}

/** Seconds since the soak began, for whoever reads what happened when. */
function sinceStart(): string {
  return (performance.now() / MS_PER_SECOND).toFixed(1).padStart(SECONDS_WIDTH);
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(number)) return number;
  throw new InvalidArgumentError('a whole number is needed');
}
