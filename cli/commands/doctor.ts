import { Command } from 'commander';
import { type Answer, failure } from '../answer.js';
import { dataFolder, externalServers } from '../config.js';
import { examine, type Finding } from '../examination.js';
import { exitCodes } from '../exit-codes.js';
import { print, table } from '../output.js';

interface DoctorOptions {
  readonly data?: string;
  readonly json?: boolean;
}

export function doctorCommand(exit: (code: number) => void): Command {
  return new Command('doctor')
    .description('what is there, what is missing, and what to do about it')
    .option('--data <dir>', 'the data folder of the desk (default: that of this checkout)')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExit codes: 0 nothing is missing; 1 something is, and what to do.')
    .action(async ({ data, json }: DoctorOptions) => {
      exit(print(await examined(data), json === true));
    });
}

async function examined(data: string | undefined): Promise<Answer> {
  try {
    return answerOf(await examine({ dataFolder: dataFolder(data), ...externalServers() }));
  } catch (error) {
    return failure(error);
  }
}

/** Ends with `invalid` when something is missing that a start needs. */
export function answerOf(findings: readonly Finding[]): Answer {
  const isWell = findings.every(({ health }) => health !== 'missing');
  const marks = { well: '✔', unknown: '?', missing: '✖' };
  const rows = findings.map(({ what, found, health }) => [marks[health], what, found]);
  const advice = findings.flatMap(({ what, todo }) => (todo ? [`  → ${what}: ${todo}`] : []));
  return {
    exitCode: isWell ? exitCodes.done : exitCodes.invalid,
    data: findings,
    text: [table(['', 'what', 'found'], rows), ...advice].join('\n'),
  };
}
