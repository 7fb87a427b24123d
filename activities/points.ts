/**
 * Every place where the death of a process is its own case, named in one file: `test/crash` kills
 * there, and fails for a point that no trade passes. A name says what has happened and what has not.
 */
export const points = [
  // A decision is kept with what it reserves, so whoever asks again is told the same.
  'admit: asked, nothing written',
  'admit: intent written, not decided',
  'admit: decided and reserved, not told',
  // Kill, then ask: a round of questions may be cut anywhere and begun again.
  'ask: asked, nothing cancelled',
  'ask: cancelled, not looked for',
  'ask: forbidden to leave, not told',
  'ask: found, not adopted',
  'ask: adopted, its fills not booked',
  'ask: fills booked, not told',
  'ask: missed, not recorded',
  'ask: absent, its freeze not lifted',
  // The phases of a rung: a rung that may be on the wire is asked about, never sent by another. Where it
  // was sent and not answered, `test/support/on-written.ts` says: only its socket knows.
  'exit: asked, nothing priced',
  'exit: priced, nothing recorded',
  'exit: recorded, nothing sent',
  'exit: answered, nothing recorded',
  'exit: answer recorded, not told',
  // A freeze is a row before anybody is told of it, and who does not acknowledge holds it up.
  'freeze: asked, not written',
  'freeze: written, not told',
  'control: freeze heard, not acknowledged',
  'control: freeze acknowledged, not read again',
  // An operator's word is audited once, and what the venue makes of it is one break and one freeze.
  'word: said, not written',
  'word: written, not told',
  'break: found, not written',
  'break: its pair frozen, not told',
  // The end releases once, whatever of it was written before.
  'record: asked, nothing written',
  'record: residual frozen, not closed',
  'record: orders settled, not closed',
  'record: closed, not told',
  // Rows that came around the end are told of once, and an end that lacks them is taken back whole.
  'late rows: found, nothing written',
  'late rows: pair frozen, not told',
  'reopen: end taken back, not told',
  'record: second end written, the first one not over',
  // The booker's successor reads the same pages, and every entry counts once.
  'booking: heard, not committed',
  'booking: committed, nobody told',
  'booking: pages booked, cursor not moved',
  'booking: cursor moved, nothing looked at',
  'booking: order known, its freeze not lifted',
  // Rows of a trade whose workflow is gone are a case before custody hears of them.
  'booking: case written, custody not told',
  // A group is made before it is written; a switch is closed in our books before it is at the venue.
  'group: wanted, not made at the venue',
  'group: made at the venue, not written',
  'group: limited at the venue, not written',
  'group: gone at the venue, not forgotten',
  'group: closed in our books, not at the venue',
  'group: triggered at the venue, not confirmed',
  'group: reset at the venue, not written',
  // A match that will not pay is told of until it is marked as told, and that is once.
  'held pair: broken, nothing written',
  'held pair: break open and pair frozen, not marked as told',
  // What has no owner is a case before custody hears of it, and is told until it is taken.
  'sweep: case written, custody not told',
  // So is a match that is to be flattened: nobody else looks after it any more.
  'flatten: case written, custody not told',
  // The claim is the fence: from its epoch on the dead trade's own worker records no exit any more.
  'custody: asked to adopt, nothing claimed',
  'custody: exits claimed, case not taken',
  'custody: adopted, not told',
  'custody: adopted trade recorded, case still open',
  'custody: adopted trade over, not told',
  // A match is marked first: begun, it is finished by whoever comes next.
  'custody: match marked, exits not claimed',
  'custody: match claimed, case not taken',
  'custody: match adopted, not told',
  'custody: end recorded, sales of a match not kept',
  // A look may be repeated: its cancel, its answer and the end of its case are each found again.
  'custody: asked to look, nothing looked at',
  'custody: order of a stranger canceled, not looked for',
  'custody: looked, case not closed',
  'custody: case closed, not told',
  'custody: case taken, not told',
  // As the phases of a trade's rung.
  'custody exit: asked, nothing priced',
  'custody exit: priced, nothing recorded',
  'custody exit: recorded, nothing sent',
  'custody exit: answered, nothing recorded',
  'custody exit: answer recorded, not told',
  // Its children hear that it is gone, drain and end; the next one finds what it left.
  'supervisor: child started, not ready',
  'supervisor: child ended, not started again',
  'supervisor: draining, its children still there',
] as const;

export type Point = (typeof points)[number];

/**
 * Called where a point is passed; `about` is the workflow id of the trade or of custody, the market
 * of a booked entry, the key of a case, the pair of a group, or a process. Does nothing anywhere but
 * in the crash suite, whose processes end themselves here.
 */
export type Reached = (point: Point, about: string) => void;

export const passOn: Reached = () => undefined;
