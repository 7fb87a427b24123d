import { cargo } from '../stack/index.js';

// cargo in native/, where everybody else builds: `tsx tools/native.ts clippy --locked`.
const onStep = (line: string): void => console.error(line);
const { exitCode, output } = await cargo(process.argv.slice(2), onStep);
process.stdout.write(output);
process.exitCode = exitCode;
