import { findEngine } from '../../stack/index.js';
import type { RunRequest } from './run-request.js';

const words = {
  named: 'as LEGWORK_ENGINE names it',
  built: 'built, and kept',
  fresh: 'as it was built before',
} as const;

/** The engine's program, built where it has to be; `undefined` for a desk without one, which is told. */
export async function prepareEngine(
  { request, tell }: RunRequest,
  signal: AbortSignal,
): Promise<string | undefined> {
  const part = 'engine';
  if (!request.hasEngine) {
    tell({
      kind: 'done',
      part,
      line: 'none: this desk fires nothing, and looks after what is open',
    });
    return undefined;
  }
  const { program, origin } = await findEngine({
    ...{ signal, onStep: (line) => tell({ kind: 'step', part, line }) },
    ...(request.engineProgram !== undefined && { named: request.engineProgram }),
  });
  tell({ kind: 'done', part, line: words[origin] });
  return program;
}
