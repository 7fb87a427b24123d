import { cargo } from '../stack/index.js';

// What stands between a decision and its first byte: bench/README.md, "The native gate".
const said: string[] = [];
const { exitCode, output } = await cargo(['bench', '--locked', '--bench', 'gate'], (line) =>
  said.push(line),
);
process.stdout.write(exitCode === 0 ? output : said.join('\n'));
process.exitCode = exitCode;
