import { expect } from 'vitest';
import type { ArmedHandle } from '../../../client/index.js';
import { confirmKilled } from '../../../store/index.js';
import type { Start } from '../../store/engine-desk.js';
import { ArmedShots, armRequestOf, mustBeArmed, standsAt } from '../../support/desk-armed.js';
import { soon } from '../../support/desk-ends.js';
import {
  type EngineStandIn,
  type StandInAnswers,
  startEngineStandIn,
} from '../../support/engine-stand-in.js';
import { ownPairs } from '../../support/own-pairs.js';
import { type Kept, LATER_MS, PAIR, type Play, type Story } from '../story.js';

const HOST = 'host-a';
const BY_ANNA = { by: 'anna', why: 'a drill' } as const;

/** What happens to a pair while an engine answers for it. */
interface Scene {
  readonly story: Story;
  readonly start: Start;
  readonly engine: EngineStandIn;
  readonly shots: ArmedShots;
}

/** An engine that owns the pair, for as long as its scene lasts. */
const beside =
  (answers: Omit<StandInAnswers, 'start'>, scene: (it: Scene) => Promise<Kept>): Play['tell'] =>
  async (story) => {
    const start = await ownPairs(story.desk, HOST, [PAIR]);
    const engine = await startEngineStandIn(story.desk, HOST, { ...answers, start });
    try {
      return await scene({ story, start, engine, shots: new ArmedShots(story.desk, start) });
    } finally {
      await engine.close();
    }
  };

type Change = Parameters<typeof armRequestOf>[1];

async function armedPair({ story }: Scene, change: Change = {}): Promise<ArmedHandle> {
  const expiresAtMs = Date.now() + LATER_MS;
  return mustBeArmed(await story.desk.client.arm(armRequestOf(PAIR, { expiresAtMs, ...change })));
}

async function disarmed(handle: ArmedHandle): Promise<string> {
  await handle.disarm(BY_ANNA);
  await handle.result();
  return handle.workflowId;
}

/** Its first run, which went on in a new one; that is armed as well. */
async function grownLong(scene: Scene): Promise<{ workflowId: string; runId: string }> {
  const handle = await armedPair(scene);
  const { workflowId } = handle;
  const temporal = scene.story.desk.temporal.workflow.getHandle(workflowId);
  const { runId } = await temporal.describe();
  for (let validMs = 100; (await temporal.describe()).runId === runId; validMs += 1) {
    await handle.changeTerms({ contractsMax: '10', edgeMin: '0.01', validMs });
  }
  await watches(scene, workflowId);
  return { workflowId, runId };
}

/** Its lease is being watched, so that nothing else is under way. */
async function watches({ story }: Scene, workflowId: string): Promise<void> {
  await story.isOut('watchLease', workflowId);
}

/** The start that had it is dead, and the next one of its host does not have the pair yet. */
async function dead({ story, start, engine }: Scene): Promise<void> {
  await engine.close();
  await confirmKilled(story.desk.db, { processId: start.process, atMs: Date.now() });
}

/** Its journal is lost, and a venue shows what no row of ours explains. */
async function lostBesideStray(scene: Scene): Promise<Kept> {
  const handle = await armedPair(scene);
  await dead(scene);
  scene.story.byHand('kalshi', { outcome: 'no', side: 'buy', at: '0.99' });
  return beside({}, async () => {
    await standsAt(handle, 'sweeping');
    await soon(async () => expect((await handle.state()).pause?.tries).toBe(3));
    return handle.workflowId;
  })(scene.story);
}

const REFUSES: StandInAnswers = {
  arm: () => ({ kind: 'refused', code: 'MARKET_UNKNOWN', why: 'no book of it' }),
};

export const armed = {
  'armed-disarmed': {
    tell: beside({}, async (scene) => {
      const handle = await armedPair(scene);
      await handle.changeTerms({ contractsMax: '5', edgeMin: '0.02', validMs: 100 });
      return disarmed(handle);
    }),
  },
  'armed-expired': {
    tell: beside({}, async (scene) => {
      const handle = await armedPair(scene, { expiresAtMs: Date.now() + 2_000 });
      await handle.result();
      return handle.workflowId;
    }),
  },
  'armed-exhausted': {
    tell: beside({}, async (scene) => {
      const handle = await armedPair(scene, { budget: { exposure: '200', contracts: '109' } });
      await scene.shots.told(PAIR, 1);
      await scene.shots.adopted(PAIR, 1);
      await handle.result();
      return handle.workflowId;
    }),
  },
  'armed-denied': {
    tell: beside(REFUSES, async ({ story }) => {
      const { handle } = await story.desk.client.arm(armRequestOf(PAIR));
      await handle.result();
      return handle.workflowId;
    }),
  },
  'armed-cancelled': {
    tell: beside({}, async (scene) => {
      const handle = await armedPair(scene);
      await scene.story.desk.temporal.workflow.getHandle(handle.workflowId).cancel();
      await expect(handle.result()).rejects.toThrow('cancel');
      return handle.workflowId;
    }),
  },
  'armed-relent': {
    tell: beside({}, async (scene) => {
      const handle = await armedPair(scene);
      await dead(scene);
      const { journal } = scene.start;
      return beside(
        {
          sweep: (epoch) => ({
            ...{ kind: 'journal_read', journal, epoch, isWhole: true, unacknowledged: [] },
          }),
        },
        async () => {
          await soon(async () => {
            expect(await handle.state()).toMatchObject({ stage: 'armed', grants: 2 });
          });
          return disarmed(handle);
        },
      )(scene.story);
    }),
  },
  'armed-continued': { tell: beside({}, grownLong) },
  'armed-open': {
    tell: beside({}, async (scene) => {
      const { workflowId } = await armedPair(scene);
      await watches(scene, workflowId);
      return workflowId;
    }),
  },
  'armed-open-carried-on': {
    tell: beside({}, async (scene) => (await grownLong(scene)).workflowId),
  },
  'armed-open-closing': {
    tell: beside({}, async (scene) => {
      const handle = await armedPair(scene);
      await scene.shots.told(PAIR, 1);
      await handle.disarm(BY_ANNA);
      await soon(async () => {
        const { stage, pause } = await handle.state();
        expect([stage, pause?.tries]).toEqual(['closing', 4]);
      });
      return handle.workflowId;
    }),
  },
  // Played as it was recorded, before the venues were asked; what they show now keeps it as it was.
  'armed-open-sweeping': { tell: beside({}, lostBesideStray) },
  'armed-open-stray': { tell: beside({}, lostBesideStray) },
} as const satisfies Record<string, Play>;
