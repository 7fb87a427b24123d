import { Listr, type ListrTask } from 'listr2';
import { type StartPart, startParts } from '../schemas/process-messages.js';

export interface StartView {
  readonly step: (part: StartPart, line: string) => void;
  readonly done: (part: StartPart, line: string) => void;
  /** Runs it when the list is complete: nothing else may write while the list draws itself. */
  readonly afterwards: (write: () => void) => void;
  /** Parts that are still open are over: they failed, unless the end was asked for. */
  readonly close: (wasAsked: boolean) => Promise<void>;
}

const titles: Readonly<Record<StartPart, string>> = {
  temporal: 'Temporal',
  postgres: 'Postgres',
  engine: 'Engine',
  migrations: 'Migrations',
  processes: 'Processes',
};

/** Without a terminal every line stays, so a build's progress is told now and then. */
const QUIET_MS = process.stdout.isTTY ? 0 : 10_000;

interface Part {
  readonly task: ListrTask;
  readonly step: (line: string) => void;
  readonly done: (line: string) => void;
  readonly fail: () => void;
}

/** The start as a list that a person can watch; plain lines where there is no terminal. */
export function createStartView(): StartView {
  const parts = Object.fromEntries(startParts.map((part) => [part, createPart(titles[part])]));
  const all = parts as Record<StartPart, Part>; // one for each of startParts
  const list = new Listr(
    startParts.map((part) => all[part].task),
    {
      ...{ concurrent: true, exitOnError: false, registerSignalListeners: false },
      fallbackRenderer: 'simple',
      rendererOptions: { showErrorMessage: false, collapseErrors: false },
    },
  );
  let complete: Promise<unknown> | undefined;
  // Drawn from the first word on: a refusal comes before it and needs no list.
  const begin = (): void => {
    complete ??= list.run().catch(() => undefined); // a failed part is told by its message
  };
  return {
    step: (part, line) => {
      begin();
      all[part].step(line);
    },
    done: (part, line) => {
      begin();
      all[part].done(line);
    },
    afterwards: (write) => void Promise.resolve(complete).then(write),
    close: async (wasAsked) => {
      for (const part of Object.values(all)) {
        if (wasAsked) part.done('not started');
        else part.fail();
      }
      await complete;
    },
  };
}

function createPart(title: string): Part {
  let show: (line: string) => void = () => undefined;
  let finish: (line: string) => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  let shownAtMs = Number.NEGATIVE_INFINITY;
  const finished = new Promise<string>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  finished.catch(() => undefined); // the task reports it
  return {
    task: {
      title,
      task: async (_context, task) => {
        show = (line) => {
          task.output = line;
        };
        task.title = `${title}: ${await finished}`;
      },
    },
    step: (line) => {
      if (performance.now() - shownAtMs < QUIET_MS) return;
      shownAtMs = performance.now();
      show(line);
    },
    done: (line) => finish(line),
    fail: () => fail(new Error(`${title} did not start`)),
  };
}
