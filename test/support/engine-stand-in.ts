import { NativeConnection, Worker } from '@temporalio/worker';
import type { LegOutcome, Shot } from '../../activities/trade-activities.js';
import {
  type ArmAnswer,
  type Arming,
  type Disarmed,
  queuesOf,
  type SendOutcome,
  type Swept,
  toWire,
  type Wire,
} from '../../domain/index.js';
import type { Start } from '../store/engine-desk.js';
import type { TestDesk } from './desk.js';

export interface EngineStandIn {
  /** The trades whose shots came here, in the order in which they came. */
  readonly shots: readonly string[];
  /** What it was told to arm, in that order, and what it was asked to let go or to read. */
  readonly armings: readonly Wire<Arming>[];
  readonly disarmed: readonly string[];
  readonly swept: readonly number[];
  readonly close: () => Promise<void>;
}

/** How a stand-in answers about pairs that it fires by itself; as an engine that is well unless told. */
export interface StandInAnswers {
  /** Its start; one that is not told of any arms nothing. */
  readonly start?: Start;
  readonly arm?: (arming: Wire<Arming>) => ArmAnswer;
  readonly unacknowledged?: () => Disarmed['unacknowledged'];
  /** Of an earlier start of its host. */
  readonly sweep?: (epoch: number) => Swept;
}

/**
 * Polls the queue of a host's engine. Each shot is answered as one that both venues have refused; an
 * armed pair fires nothing by itself.
 */
export async function startEngineStandIn(
  { config, place }: TestDesk,
  host: string,
  answers: StandInAnswers = {},
): Promise<EngineStandIn> {
  const shots: string[] = [];
  const armings: Wire<Arming>[] = [];
  const disarmed: string[] = [];
  const swept: number[] = [];
  const connection = await NativeConnection.connect({ address: config.temporalAddress });
  const worker = await Worker.create({
    ...{ connection, namespace: config.namespace },
    taskQueue: queuesOf(place.desk).engine(host),
    activities: {
      fireLegs: async ({
        workflowId,
        orders,
      }: Wire<Shot>): Promise<readonly Wire<LegOutcome>[]> => {
        shots.push(workflowId);
        return toWire(orders.map(({ clientOrderId }) => ({ clientOrderId, outcome: REFUSED })));
      },
      arm: async (arming: Wire<Arming>): Promise<ArmAnswer> => {
        armings.push(arming);
        return answers.arm?.(arming) ?? { kind: 'armed' };
      },
      disarm: async ({ armingId }: { readonly armingId: string }): Promise<Disarmed> => {
        disarmed.push(armingId);
        const { process, journal, epoch } = startOf(answers);
        const unacknowledged = answers.unacknowledged?.() ?? [];
        return { kind: 'disarmed', process, journal, epoch, unacknowledged };
      },
      sweep: async ({ epoch }: { readonly epoch: number }): Promise<Swept> => {
        swept.push(epoch);
        return answers.sweep?.(epoch) ?? { kind: 'not_there' };
      },
    },
  });
  const running = worker.run();
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    worker.shutdown();
    await running;
    await connection.close();
  };
  return { shots, armings, disarmed, swept, close: () => (closing ??= close()) };
}

function startOf({ start }: StandInAnswers): Start {
  if (!start) throw new Error('this stand-in was not told which start it is');
  return start;
}

const REFUSED: SendOutcome = {
  ...{ kind: 'refused', refusal: 'no_match', code: 'STAND_IN', reason: 'nothing was sent' },
};
