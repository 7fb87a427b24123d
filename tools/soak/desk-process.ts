import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../../stack/index.js';

export interface DeskOptions {
  /** What is given to `legwork up`, the data folder among it. */
  readonly args: readonly string[];
  /** Every line that it says for a person. */
  readonly onLine: (line: string) => void;
}

/** What `legwork up --json` prints, as far as it matters here. */
interface Said {
  readonly kind: string;
  readonly line?: string;
  readonly message?: string;
}

/** One `legwork up`, started as a person starts it. */
export class DeskProcess {
  readonly #child: ChildProcess;
  readonly ended: Promise<number>;
  #isReady = false;

  constructor({ args, onLine }: DeskOptions) {
    const main = join(packageRoot(), 'dist', 'cli', 'main.js');
    this.#child = spawn(process.execPath, ['--enable-source-maps', main, 'up', '--json', ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let rest = '';
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      const lines = `${rest}${chunk.toString()}`.split('\n');
      rest = lines.pop() ?? '';
      for (const text of lines) this.#said(saidOf(text), onLine);
    });
    this.ended = new Promise((resolve) =>
      this.#child.once('close', (code) => resolve(code ?? KILLED)),
    );
  }

  /** Everything of it works. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Ctrl-C. */
  interrupt(): void {
    this.#child.kill('SIGINT');
  }

  #said({ kind, line, message }: Said, onLine: (line: string) => void): void {
    if (kind === 'ready') this.#isReady = true;
    if (kind === 'line' && line !== undefined) onLine(line);
    if (kind === 'failed') onLine(`failed: ${message ?? 'nobody knows why'}`);
  }
}

/** What `--json` prints; whatever else is printed is a line of its own. */
function saidOf(text: string): Said {
  try {
    return JSON.parse(text) as Said; // ours
  } catch {
    return { kind: 'line', line: text };
  }
}

const KILLED = -1;
