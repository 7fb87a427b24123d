import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { expect } from 'vitest';
import type { Desk } from '../../cli/desk.js';
import { type ArbitrageHandle, custodyDoor } from '../../client/index.js';
import {
  arbitrageWorkflowId,
  formatAmount,
  fromWire,
  nextStep,
  type Outcome,
  price,
  quantity,
  type Side,
  type TradeState,
  type Wire,
} from '../../domain/index.js';
import { openCases, positions } from '../../store/index.js';
import type { Fault } from '../../venues/simulation/index.js';
import { Sweeping } from '../custody/sweeping.js';
import { scripted, type Wrong } from '../faults/fault-desk.js';
import type { TestDesk, TestDeskOptions } from '../support/desk.js';
import { atVenues, endOf, mustBeApproved, soon } from '../support/desk-ends.js';
import { intentOf } from '../support/desk-intent.js';
import { ACCOUNT } from '../support/desk-venues.js';

/** How a scenario is played: on a desk of these options, until the workflow that is kept is as told. */
export interface Play {
  readonly desk?: Partial<TestDeskOptions>;
  /** On a server of its own, which finds a run of so many events long. */
  readonly runEventsMax?: number;
  /** Returns the workflow whose history is kept; its latest run unless told. */
  readonly tell: (story: Story) => Promise<Kept>;
}
export type Kept = string | { readonly workflowId: string; readonly runId: string };

export type Change = Parameters<typeof intentOf>[2];
/** The pair that every scenario trades. */
export const PAIR = 'rain';
export const LATER_MS = 600_000;

/** One trade of one desk, and what a scenario does to it. */
export class Story {
  readonly desk: TestDesk;
  readonly intentId: string;
  readonly workflowId: string;
  #sweeping: Sweeping | undefined;

  constructor(desk: TestDesk, name: string) {
    this.desk = desk;
    this.intentId = `history.${name}`;
    this.workflowId = arbitrageWorkflowId(this.intentId);
  }

  get handle(): ArbitrageHandle {
    return this.desk.client.trade(this.intentId);
  }

  get temporal(): WorkflowHandle {
    return this.desk.temporal.workflow.getHandle(this.workflowId);
  }

  /** What goes wrong with an order of this trade, by its purpose: `entry/yes`, `exit/no/0`. */
  wrong(what: string, ...faults: readonly Fault[]): void {
    const wrongs = faults.map((fault): Wrong => ({ what, fault }));
    scripted(this.desk, this.intentId, wrongs);
  }

  async asked(change: Change = {}): Promise<ArbitrageHandle> {
    const { handle } = await this.desk.client.arbitrage(
      intentOf(this.intentId, PAIR, { ...unhurried(), ...change }),
    );
    return handle;
  }

  /** Asked for, and with so many orders at the venues. */
  async sent(orders = 2, change: Change = {}): Promise<ArbitrageHandle> {
    const intent = intentOf(this.intentId, PAIR, { ...unhurried(), ...change });
    const { handle, verdict } = await this.desk.client.arbitrage(intent);
    mustBeApproved(verdict);
    await soon(() => expect(this.orders()).toHaveLength(orders));
    return handle;
  }

  /** Every order of this trade as the venues have it. */
  orders(): readonly string[] {
    return atVenues(this.desk, this.intentId);
  }

  /** What a venue has taken in of this account, by whomever, in contracts that were traded. */
  placed(venue: 'kalshi' | 'polymarket'): readonly string[] {
    const orders = this.desk.venues[venue].exchange.orders({ account: ACCOUNT });
    return orders.map(
      ({ side, outcome, filledQuantity }) => `${side} ${outcome} ${formatAmount(filledQuantity)}`,
    );
  }

  async over(): Promise<string> {
    await endOf(this.handle);
    return this.workflowId;
  }

  /** Asked for, and looked at when it has ended. */
  async traded(change: Change = {}): Promise<string> {
    await this.asked(change);
    return this.over();
  }

  /** What its workflow waits for is this, and for nothing that comes by itself soon. */
  async waitsFor(reason: string): Promise<string> {
    await soon(async () => expect(await this.wait()).toBe(reason));
    return this.workflowId;
  }

  async wait(): Promise<string> {
    const state = fromWire<TradeState>(await this.temporal.query<Wire<TradeState>>('state'));
    const step = nextStep(state, Date.now());
    return step.kind === 'wait' ? step.for : step.kind;
  }

  /** Until the order is one that we know nothing of. */
  async isUnknown(): Promise<void> {
    await soon(async () => {
      const { orders } = await this.handle.state();
      expect(orders.map(({ status }) => status)).toContain('unknown');
    });
  }

  async terminated(): Promise<void> {
    await this.temporal.terminate('by hand');
  }

  async swept(times = 2): Promise<void> {
    this.#sweeping ??= new Sweeping(this.desk);
    for (let sweeps = 0; sweeps < times; sweeps += 1) await this.#sweeping.round();
  }

  /** Swept until custody has been told, and left to itself. */
  async told(times = 2): Promise<void> {
    this.#sweeping ??= new Sweeping(this.desk);
    for (let sweeps = 0; sweeps < times; sweeps += 1) await this.#sweeping.tell();
  }

  /** This activity of a workflow, the trade's own unless told, is out. */
  async isOut(name: string, workflowId = this.workflowId): Promise<string> {
    const handle = this.desk.temporal.workflow.getHandle(workflowId);
    await soon(async () => {
      const { pendingActivities } = (await handle.describe()).raw;
      expect(pendingActivities?.map((one) => one.activityType?.name)).toEqual([name]);
    });
    return workflowId;
  }

  /** Custody is told of its first case once more, as when it had not taken it. */
  async toldAgain(): Promise<void> {
    const { config, db, place, temporal } = this.desk;
    const [first] = await openCases(db);
    if (!first) throw new Error('custody was told of nothing');
    const custody = custodyDoor(temporal, { mode: config.mode, desk: place.desk });
    await custody.found(first.place, [first.found]);
  }

  /** The custody that was told of the first case of this desk. */
  async custody(): Promise<string> {
    return soon(async () => {
      const cases = this.desk.db.selectFrom('custody_cases').select('custody_id');
      const [first] = await cases.orderBy('opened_at').execute();
      if (!first) throw new Error('custody was told of nothing');
      return first.custody_id;
    });
  }

  async hasNoCase(): Promise<void> {
    await soon(async () => expect(await openCases(this.desk.db)).toEqual([]));
  }

  /** Somebody trades seven contracts in the account beside us, at the venue itself. */
  byHand(venue: 'kalshi' | 'polymarket', order: ByHand): void {
    const { market } = this.desk.pairs.pair(PAIR)[venue];
    const id = randomUUID();
    const placed = this.desk.venues[venue].exchange.place({
      ...{ account: ACCOUNT, market, outcome: order.outcome, side: order.side },
      ...{ limitPrice: price(order.at), timeInForce: order.timeInForce ?? 'IOC' },
      fixed: { kind: 'contracts', contracts: quantity('7') },
      ...{ venueOrderId: id, clientKey: id, isReduceOnly: false, isPostOnly: false },
    });
    if (placed.kind === 'refused') throw new Error(placed.reason);
  }

  async holds(count: number): Promise<void> {
    await soon(async () => expect(await positions(this.desk.db, ACCOUNT)).toHaveLength(count));
  }

  /** Back to the end of its first task: admission and shot come after it. */
  async reset(): Promise<void> {
    const { namespace } = this.desk.config;
    const { events } = await this.temporal.fetchHistory();
    const task = events?.find((event) => event.workflowTaskCompletedEventAttributes);
    const { runId } = await this.temporal.describe();
    await this.desk.temporal.workflowService.resetWorkflowExecution({
      ...{ namespace, workflowExecution: { workflowId: this.workflowId, runId } },
      ...{ reason: 'by hand', workflowTaskFinishEventId: task?.eventId ?? null },
      requestId: randomUUID(),
    });
  }

  /** The desk as a command of `legwork` sees it. */
  asOperator(): Desk {
    const { db, client } = this.desk;
    return {
      ...{ db, mode: 'simulated', operator: 'anna@desk7', nowMs: Date.now },
      client: async () => client,
      close: async () => undefined,
    };
  }

  async close(): Promise<void> {
    await this.#sweeping?.close();
    await this.desk.close();
  }
}

/** A busy machine may take its time to the wire. */
const unhurried = () => ({ notAfterMs: Date.now() + 60_000 });

interface ByHand {
  readonly outcome: Outcome;
  readonly side: Side;
  readonly at: string;
  readonly timeInForce?: 'GTC' | 'IOC';
}
