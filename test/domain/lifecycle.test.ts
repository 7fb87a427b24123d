import { describe, expect, test } from 'vitest';
import type { ChildOrderEvent, ChildOrderStatus } from '../../domain/child-order-lifecycle.js';
import { isTerminal, nextStatus } from '../../domain/child-order-lifecycle.js';

// The table a second time, as the desk would draw it: one line per status, one column per event.
const events = `
  sent notSent accepted rejected silence partialFill fill cancelSent cancelRejected canceled expired absent
`
  .trim()
  .split(/\s+/) as ChildOrderEvent[]; // the type check below fails where one is missing
const table = `
  planned       submitted denied  -       -        unknown       -             -      -             -       -        -       -
  submitted     -         -       working rejected unknown       working       filled pendingCancel -       canceled expired -
  unknown       -         denied  working rejected unknown       working       filled unknown       unknown canceled expired absent
  working       -         -       -       -        -             working       filled pendingCancel -       canceled expired -
  pendingCancel -         -       -       -        pendingCancel pendingCancel filled -             working canceled expired -
  canceled      -         -       -       -        -             canceled      filled -             -       -        -       -
  expired       -         -       -       -        -             expired       filled -             -       -        -       -
  absent        -         -       working rejected -             working       filled -             -       canceled expired -
  filled        -         -       -       -        -             -             -      -             -       -        -       -
  rejected      -         -       -       -        -             -             -      -             -       -        -       -
  denied        -         -       -       -        -             -             -      -             -       -        -       -
`
  .trim()
  .split('\n')
  .map((line) => line.trim().split(/\s+/));

describe('the lifecycle of a child order', () => {
  for (const [from = '', ...cells] of table) {
    for (const [column, cell] of cells.entries()) {
      const event = events[column] ?? 'absent';
      const title =
        cell === '-' ? `${from} knows no ${event}` : `${from} becomes ${cell} when ${event}`;
      test(title, () => {
        const to = nextStatus(from as ChildOrderStatus, event); // from the table above
        expect(to ?? '-').toBe(cell);
      });
    }
  }

  test('every status and every event is in the table', () => {
    const columns: Record<ChildOrderEvent, true> = {
      sent: true,
      notSent: true,
      accepted: true,
      rejected: true,
      silence: true,
      partialFill: true,
      fill: true,
      cancelSent: true,
      cancelRejected: true,
      canceled: true,
      expired: true,
      absent: true,
    };
    const ends: Record<ChildOrderStatus, 'open' | 'terminal'> = {
      planned: 'open',
      submitted: 'open',
      unknown: 'open',
      working: 'open',
      pendingCancel: 'open',
      canceled: 'terminal',
      expired: 'terminal',
      absent: 'terminal',
      filled: 'terminal',
      rejected: 'terminal',
      denied: 'terminal',
    };
    expect([...events].sort()).toEqual(Object.keys(columns).sort());
    expect(table.map(([status]) => status).sort()).toEqual(Object.keys(ends).sort());
    for (const line of table) expect(line).toHaveLength(events.length + 1);
    for (const [status, end] of Object.entries(ends)) {
      expect(isTerminal(status as ChildOrderStatus)).toBe(end === 'terminal'); // a key of `ends`
    }
  });

  test('a terminal order never comes back to life, but for one that was only absent', () => {
    for (const [status = ''] of table) {
      if (!isTerminal(status as ChildOrderStatus) || status === 'absent') continue; // from the table
      for (const event of events) {
        const to = nextStatus(status as ChildOrderStatus, event); // as above
        expect(to === undefined || isTerminal(to)).toBe(true);
      }
    }
  });
});
