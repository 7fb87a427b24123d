import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tellFigures } from '../support/figures.js';
import { chargedOtherwise } from './charged-otherwise.js';
import { brokenAtTheEnd, brokenPromise } from './invariants.js';
import { type Move, type Plot, plots } from './moves.js';
import { type Checked, checks, type Happened, TradeRun } from './trade-run.js';
import { reservedOtherwise } from './worst-case.js';

const RUNS = 700;
const RUNS_ANEW = 900;
/** The same plots every time, so that what has to happen in them does; the others are drawn anew. */
const SEED = 2;

test('whatever happens in whatever order, a trade keeps its promises and comes to an end', (context) => {
  const happened: Happened = new Map();
  fc.assert(
    fc.property(plots, (plot) => {
      play(plot, happened);
    }),
    { numRuns: RUNS, seed: SEED },
  );
  tellFigures(context, 'trade model', ...[...happened].map(([what, count]) => ({ what, count })));
  for (const what of MUST_HAPPEN) expect(happened.get(what) ?? 0, what).toBeGreaterThan(0);
  for (const what of checks) {
    const count = happened.get(`checked: ${what}`) ?? 0;
    expect(count, what).toBeGreaterThanOrEqual(CHECKED_MIN[what]);
  }
}, 300_000);

test('and so it does in plots that nobody has seen', () => {
  fc.assert(
    fc.property(plots, (plot) => {
      play(plot, new Map());
    }),
    { numRuns: RUNS_ANEW, examples: foundOnce.map((plot) => [plot]) },
  );
}, 300_000);

const desk = (size: number, pick = 0): Move => ({ what: 'desk', pick, size, twist: 0 });

/** Plots that broke a promise once. */
const foundOnce: readonly Plot[] = [
  {
    // An exit whose answer was lost is said never to have arrived, and trades under no name of ours.
    ...{ type: 'kalshi_yes_poly_no', contracts: 6, policy: 'cheapest' },
    shot: [{ ...desk(21), twist: 27 }, desk(1)],
    moves: [
      desk(1, 1),
      { what: 'say', pick: 20, size: 1, twist: 0 },
      { what: 'trade', pick: 3, size: 17, twist: 0 },
      { what: 'settle', pick: 0, size: 1, twist: 0 },
    ],
  },
  {
    // An exit that the venue's pages call absent has a successor in doubt, and trades.
    ...{ type: 'poly_yes_kalshi_no', contracts: 6, policy: 'cheapest' },
    shot: [
      { what: 'tell', pick: 0, size: 1, twist: 0 },
      { what: 'trade', pick: 0, size: 21, twist: 33 },
    ],
    moves: [
      desk(1),
      { what: 'evidence', pick: 17, size: 1, twist: 13 },
      desk(1),
      { ...desk(1), twist: 14 },
      desk(1),
      { what: 'contradict', pick: 13, size: 1, twist: 14 },
      { what: 'say', pick: 0, size: 1, twist: 0 },
    ],
  },
  {
    // Rows of an entry that trades after its end make up for one that was told as a figure alone.
    ...{ type: 'poly_yes_kalshi_no', contracts: 6, policy: 'cheapest' },
    shot: [
      { ...desk(1, 1), twist: 2 },
      { what: 'tell', pick: 0, size: 21, twist: 33 },
    ],
    moves: [
      { what: 'contradict', pick: 3, size: 1, twist: 13 },
      { what: 'arrive', pick: 0, size: 1, twist: 0 },
      { what: 'trade', pick: 0, size: 2, twist: 0 },
      { what: 'trade', pick: 0, size: 17, twist: 0 },
      { what: 'settle', pick: 0, size: 1, twist: 0 },
      { what: 'tell', pick: 7, size: 1, twist: 0 },
      { ...desk(1), twist: 50 },
      { what: 'cancel', pick: 0, size: 1, twist: 0 },
    ],
  },
  {
    // The same of an exit.
    ...{ type: 'poly_yes_kalshi_no', contracts: 6, policy: 'cheapest' },
    shot: [{ what: 'trade', pick: 0, size: 1, twist: 13 }, desk(1)],
    moves: [
      { what: 'trade', pick: 0, size: 2, twist: 0 },
      { what: 'settle', pick: 0, size: 1, twist: 0 },
      { what: 'tell', pick: 0, size: 1, twist: 0 },
      { ...desk(21), twist: 33 },
      { what: 'contradict', pick: 11, size: 1, twist: 53 },
      { what: 'trade', pick: 0, size: 17, twist: 0 },
      { what: 'tell', pick: 7, size: 1, twist: 0 },
      desk(1),
      { ...desk(1), twist: 52 },
    ],
  },
];

const MUST_HAPPEN = [
  'silence',
  'arrived late',
  'failed',
  'exit lost',
  'sell',
  'complete',
  'evidence absent',
  'evidence neverSent',
  'freeze flatten',
  'word never_arrived',
  'word canceled',
  'word filled',
  'confirmed',
  'complement',
  'desk report',
  'traded after its end',
  'more than the legal maximum',
];

/** A third of how often it is at present: a promise that hardly any plot is held to is none. */
const CHECKED_MIN: Readonly<Record<Checked, number>> = {
  'an entry costs no more than is reserved': 13_500,
  'completions cost no more than is reserved': 1_050,
  'no more may be lost before an exit': 3_700,
  'no more may be lost after an exit': 2_450,
  'no more may be lost after a denied match': 550,
  'an exit is within what is reserved': 440,
  'an exit is in excess in truth': 390,
  'an exit is in excess after a denied match': 195,
  'a sale of everything is held in truth': 50,
};

function play(plot: Plot, happened: Happened): void {
  const run = new TradeRun(plot, happened);
  told(run, reservedOtherwise(run));
  for (const move of plot.moves) {
    const before = run.state;
    run.play(move);
    told(run, brokenPromise(run, before));
  }
  run.settleEverything((before) => {
    told(run, brokenPromise(run, before));
  });
  told(run, brokenPromise(run, run.state));
  told(run, brokenAtTheEnd(run));
  told(run, chargedOtherwise(run.truth));
}

function told(run: TradeRun, broken: string | undefined): void {
  if (broken !== undefined) throw new Error(`${broken}\n${run.story.join('\n')}`);
}
