import { breaksToEnd, connect, firedCount, unresolvedCount } from '../../store/index.js';
import type { ProcessConfig } from '../config.js';
import type { RunSession, SessionControl } from '../supervisor/session-control.js';
import { openVenues } from '../venue-access.js';
import { type FinalBooks, finalBooks } from './final-books.js';
import { ledgerFigures, readFaultLogs } from './ledger-figures.js';
import { type PhaseEnd, phaseEnd } from './session-progress.js';
import { sessionSummary, unclean } from './session-summary.js';
import { summaryTable } from './summary-table.js';
import { writeReport } from './write-report.js';

const LOOK_EVERY_MS = 250;
/** A session that stopped firing is worth a look by a person, not an endless wait. */
const FIRING_MS_BASE = 120_000;
const FIRING_MS_PER_ARB = 5_000;
/**
 * The longest doubt: an order is absent 10 s after it could arrive, and 10 s of misses later; what an
 * exit has left is found by a sweep, a minute later, and taken.
 */
const ENDING_MS_MAX = 240_000;

/**
 * A bounded session: so many trades are fired, all of them end, and the books are held against the
 * venues' ledgers.
 *
 * 1. What was fired before, in the same data folder, counts: a session can be continued.
 * 2. The scanner stops first, then every trade is waited for, every order until it is certain, and
 *    every break until it is over or custody has what it is about; nothing is cut short.
 * 3. Exit code 0 only if nothing is unresolved and both sides agree in every figure.
 */
export const runSession: RunSession = async (control) => {
  const { desk } = control;
  const session = desk.session;
  if (!session) throw new Error('a session has a number of trades and a folder for its report');
  const { db, close } = connect(desk.databaseUrl, { connectionsMax: 5 });
  const phases = phasesOf(control, db);
  try {
    const fired = await phases.allFired(session.arbs);
    await control.stopProcesses('scanner');
    const ended = await phases.allEnded();
    await control.stopProcesses('trading');
    const books = await booksOf(control, db);
    const breaks = await breaksToEnd(db);
    await control.drainProcesses();

    const { rows, unheard, left } = books;
    const logs = readFaultLogs(desk.folders.ledgers);
    const ledgers = ledgerFigures(books.ledgers, logs, rows);
    const summary = sessionSummary({
      desk,
      rows,
      ledgers,
      unheard,
      left,
      openBreaks: breaks.length,
    });
    const { outFolder } = session;
    writeReport({ outFolder, ledgersFolder: desk.folders.ledgers, summary, books });
    for (const line of summaryTable(summary).split('\n')) control.say(line);
    control.say(`report in ${outFolder}`);
    for (const [phase, end] of Object.entries({ fired, ended })) {
      if (end !== 'reached') control.say(`the session did not see all trades ${phase}: ${end}`);
    }
    return fired === 'reached' && ended === 'reached' && unclean(summary).length === 0 ? 0 : 1;
  } finally {
    await close();
  }
};

function phasesOf({ log, say, interrupted }: SessionControl, db: Books) {
  const shared = {
    ...{ interrupted, lookEveryMs: LOOK_EVERY_MS },
    onProgress: (count: object) => log.debug(count, 'session'),
    onError: (error: unknown) => log.warn({ err: error }, 'the session cannot be counted now'),
  };
  return {
    allFired: async (arbs: number): Promise<PhaseEnd> =>
      phaseEnd({
        ...shared,
        read: () => firedCount(db),
        isReached: ({ fired }) => fired >= arbs,
        timeoutMs: FIRING_MS_BASE + arbs * FIRING_MS_PER_ARB,
      }),
    allEnded: async (): Promise<PhaseEnd> => {
      say('enough were fired; waiting for every trade to end');
      return phaseEnd({
        ...shared,
        read: async () => ({ ...(await firedCount(db)), unresolved: await unresolvedCount(db) }),
        isReached: ({ open, unresolved }) => open === 0 && unresolved === 0,
        timeoutMs: ENDING_MS_MAX,
      });
    },
  };
}

type Books = Parameters<typeof firedCount>[0];

async function booksOf({ desk, log }: SessionControl, db: Books): Promise<FinalBooks> {
  const config: ProcessConfig = { ...desk, component: 'session', processId: 'session', drainMs: 1 };
  const venues = openVenues(config);
  try {
    return await finalBooks({ db, venues, ledgersFolder: desk.folders.ledgers, log });
  } finally {
    await Promise.all(venues.map(async (venue) => venue.close()));
  }
}
