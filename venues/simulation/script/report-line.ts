import type { Faults } from '../faults.js';
import type { Subject } from './rule.js';

/** A report that is held back for the next one goes out alone if none comes for this long. */
const ALONE_AFTER_MS = 100;

/**
 * The way of an account's reports to one client. What the rules say of them happens here: a report
 * is lost, told twice, late, or after the one that follows it.
 */
export function disturbedReports(
  faults: Faults,
  send: (report: object) => void,
): (subject: Subject, report: object) => void {
  const { script } = faults;
  let held: (() => void) | undefined;
  const passHeld = () => {
    const pass = held;
    held = undefined;
    pass?.();
  };
  return (subject, report) => {
    if (script.strike('report_lost', subject)) return;
    const late = script.strike('report_delayed', subject);
    if (late) {
      setTimeout(() => send(report), late.byMs).unref();
      return;
    }
    if (!held && script.strike('report_swapped', subject)) {
      held = () => send(report);
      setTimeout(passHeld, ALONE_AFTER_MS).unref();
      return;
    }
    send(report);
    if (script.strike('report_repeated', subject)) send(report);
    if (held) script.count('report_swapped_met'); // one that goes out alone has not met it
    passHeld();
  };
}
