import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { cargo } from '../stack/index.js';
import { sourceCommit } from '../tools/source-commit.js';
import { FREEZES_MIN, SHOTS_MIN, shortcomingsOf, unmeasuredOf, verdictsOf } from './fire/aims.js';
import { freezeRows } from './fire/freezes.js';
import { type FirePart, fireParts, type Report, reportOf } from './fire/report.js';
import { tablesOf } from './fire/tables.js';

// From a tick to both wires, beside the floor: bench/README.md, "The native shot".
const { values } = parseArgs({
  options: {
    shots: { type: 'string', default: String(SHOTS_MIN) },
    freezes: { type: 'string', default: String(FREEZES_MIN) },
    only: { type: 'string' },
    out: { type: 'string', default: 'bench/results/fire.json' },
  },
});
const PACKAGE = ['--release', '--locked', '-p', 'legwork-engine-bench'];

const say = (line: string): void => void process.stderr.write(`${line}\n`);

const asked = askedFor(values.only);
const freezes = asked.includes('freezes') ? Number(values.freezes) : 0;
const none: Report = { shots: 0, rows: [], refused: [], signed: [] };
const shots = asked.includes('shots') ? await shotsOf(values.shots) : none;
const frozen = freezes > 0 ? await freezeRows(freezes, say) : [];
const report: Report = { ...shots, rows: [...shots.rows, ...frozen] };
const memoryGib = Math.round(totalmem() / 2 ** 30);
const machine = `${cpus().length} × ${cpus()[0]?.model ?? '?'}, ${memoryGib} GiB`;
const at = new Date().toISOString();
// By name: a list of pairs is what a formatter would write otherwise.
const verdicts = verdictsOf(report).map((one) => ({ ...one, hops: Object.fromEntries(one.hops) }));
const judged = { aims: verdicts, unmeasured: unmeasuredOf(report, asked) };
const results = { at, commit: sourceCommit(), machine, ...report, ...judged };
mkdirSync(dirname(values.out), { recursive: true });
writeFileSync(values.out, `${JSON.stringify(results, null, 2)}\n`);
process.stdout.write(`${at}, commit ${results.commit}, ${machine}\n\n${tablesOf(report, asked)}\n`);
process.exitCode = shortcomingsOf(report, asked).length === 0 ? 0 : 1;

/** Without a word, everything: an aim that was not measured by accident is a failure. */
function askedFor(only: string | undefined): readonly FirePart[] {
  const part = fireParts.find((one) => one === only);
  if (only === undefined) return fireParts;
  if (part === undefined) throw new Error(`--only ${only}: one of ${fireParts.join(', ')}`);
  return [part];
}

/** Both programs are built, and the one that fires starts the stub that lies beside it. */
async function shotsOf(count: string): Promise<Report> {
  const said: string[] = [];
  const onStep = (line: string): void => {
    said.push(line);
    say(line);
  };
  const built = await cargo(['build', ...PACKAGE], onStep);
  const run = ['run', ...PACKAGE, '--bin', 'bench-fire', '--', '--shots', count];
  const { exitCode, output } = built.exitCode === 0 ? await cargo(run, onStep) : built;
  if (exitCode !== 0) throw new Error(`no shots were measured:\n${said.slice(-20).join('\n')}`);
  return reportOf(output);
}
