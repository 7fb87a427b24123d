import type { House } from './house.js';
import { FLOOR, type Rung, type RungName, rungs, type Sample } from './rungs.js';
import { type WorkflowFigures, workflowFigures } from './workflow-figures.js';

/** One run of a rung: what its caller saw, and what the server wrote down. */
export interface Climbed {
  readonly sample: Sample;
  readonly figures?: WorkflowFigures;
}

export type Ladder = ReadonlyMap<RungName, readonly Climbed[]>;

export interface LadderOptions {
  readonly rounds: number;
  readonly warmUpRounds: number;
  readonly onRound: (round: number) => void;
}

/**
 * All rungs one after the other, again and again: whatever the machine does meanwhile, it does to
 * all of them. Each run begins when the one before has ended; histories are read outside of them.
 */
export async function climbLadder(house: House, options: LadderOptions): Promise<Ladder> {
  for (let round = 0; round < options.warmUpRounds; round += 1) await roundOrNone(house, round);
  const climbed = new Map<RungName, Climbed[]>(rungs.map(({ name }) => [name, []]));
  for (let round = 0; round < options.rounds; round += 1) {
    options.onRound(round);
    const samples = await roundOrNone(house, round);
    for (const [{ name }, sample] of samples) {
      climbed.get(name)?.push(await withFigures(house, sample));
    }
  }
  return climbed;
}

/** Until the workflow has the outcome of its activity; a rung without one has ended by then. */
export function knownMs({ sample, figures }: Climbed): number {
  if (!figures) return sample.heardMs;
  const { known, closed } = figures.milestones;
  return (known ?? closed) - sample.startedAtMs;
}

export function samplesOf(ladder: Ladder, name: RungName = FLOOR): readonly Climbed[] {
  return ladder.get(name) ?? [];
}

async function once(house: House, round: number): Promise<readonly [Rung, Sample][]> {
  const samples: [Rung, Sample][] = [];
  for (const rung of rungs) samples.push([rung, await rung.once(house, round)]);
  return samples;
}

/** A round that a swamped machine has cut is left out whole, so that the rungs stay comparable. */
async function roundOrNone(house: House, round: number): Promise<readonly [Rung, Sample][]> {
  try {
    return await once(house, round);
  } catch (error) {
    process.stderr.write(`round ${round} is left out: ${String(error)}\n`);
    return [];
  }
}

async function withFigures(house: House, sample: Sample): Promise<Climbed> {
  if (sample.workflowId === undefined) return { sample };
  return { sample, figures: await workflowFigures(house, sample.workflowId) };
}
