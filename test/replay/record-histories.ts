import { afterEach, expect, test } from 'vitest';
import { arbitrageWorkflowId, clientOrderIdOf } from '../../domain/index.js';
import { Sweeping } from '../custody/sweeping.js';
import {
  openTestDesk,
  readyToTrade,
  type TestDesk,
  type TestDeskOptions,
} from '../support/desk.js';
import { atVenues, endOf, soon } from '../support/desk-ends.js';
import { intentOf } from '../support/desk-intent.js';
import { quickTerms } from '../support/desk-terms.js';
import { startTradingProcess } from '../support/trading-process.js';
import { isRecorded, keepHistory } from './history-file.js';

// No tests of the product: each makes one trade of a shape and keeps its history.

type Change = Parameters<typeof intentOf>[2];

interface Shape {
  readonly name: string;
  readonly scenario: string;
  /** How it ends, by the kind of its result. */
  readonly end: string;
  readonly faults?: Readonly<Record<string, Parameters<TestDesk['fault']>[0]['kinds']>>;
  readonly change?: Change;
  readonly desk?: Partial<TestDeskOptions>;
}

const LOST = 'history.absent';
const shapes: readonly Shape[] = [
  { name: 'matched', scenario: 'both legs fill, the shares are confirmed', end: 'matched' },
  {
    name: 'kalshi-short-polymarket-sold',
    scenario: 'Kalshi gives nothing: the Polymarket shares are sold',
    end: 'exited',
    faults: { 'entry/no': ['pulled_liquidity'] },
  },
  {
    name: 'polymarket-short-kalshi-sold',
    scenario: 'Polymarket matches nothing: the Kalshi contracts are sold',
    end: 'exited',
    faults: { 'entry/yes': ['pulled_liquidity'] },
  },
  {
    name: 'completed',
    scenario: 'Kalshi gives a part: the missing rest is bought there',
    end: 'exited',
    faults: { 'entry/no': ['partial_fill'] },
  },
  {
    name: 'failed-after-matched',
    scenario: 'a match fails on chain after Kalshi was final',
    end: 'exited',
    faults: { 'entry/yes': ['failed_settlement'] },
  },
  {
    name: 'refused',
    scenario: 'Kalshi refuses its leg: the other one is sold',
    end: 'exited',
    faults: { 'entry/no': ['reject'] },
  },
  {
    name: 'unknown-found',
    scenario: 'both answers are lost, both orders are found',
    end: 'matched',
    faults: { 'entry/yes': ['timeout_after_acceptance'], 'entry/no': ['timeout_after_acceptance'] },
    desk: { terms: { answerTimeoutMs: 200 } },
  },
  {
    name: 'unknown-frozen-late-fill',
    scenario: 'an order stays unknown, its pair freezes, its fill comes late',
    end: 'matched',
    faults: { 'entry/no': ['timeout_after_acceptance', 'late_fill'] },
    desk: {
      terms: { answerTimeoutMs: 200, unknownMaxMs: 100 },
      venues: { lateFillMs: 1_000, readLagMs: 60_000 },
    },
  },
  {
    name: 'absent',
    scenario: 'a request is lost on the way: its order is absent',
    end: 'exited',
    desk: {
      terms: { answerTimeoutMs: 200 },
      fateOf: (body) =>
        body.includes(clientOrderIdOf(arbitrageWorkflowId(LOST), 'entry/no', 0))
          ? 'lost'
          : 'delivered',
    },
  },
  {
    name: 'stepped-down',
    scenario: 'the plain ladder goes down to whoever buys',
    end: 'exited',
    faults: { 'entry/yes': ['pulled_liquidity'] },
    desk: { terms: { exit: { ...quickTerms.exit, policy: 'step_down' } } },
  },
  {
    name: 'residual',
    scenario: 'nobody takes the shares within the loss bound: they are kept',
    end: 'residual',
    faults: { 'entry/no': ['pulled_liquidity'] },
    desk: { pairs: { rain: { polymarket: { bids: '50 @ 0.20', asks: '50 @ 0.40' } } } },
  },
  { name: 'denied', scenario: 'denied at admission', end: 'denied', change: { edgeMin: '0.5' } },
  { name: 'dry-run', scenario: 'a dry run sends nothing', end: 'missed', change: { dryRun: true } },
];

let desk: TestDesk | undefined;
afterEach(async () => desk?.close());

test.each(shapes.filter(({ name }) => !isRecorded(name)))('$name', async (shape) => {
  const { name, scenario, end, faults = {}, change = {} } = shape;
  desk = await openDesk(shape.desk);
  const intentId = `history.${name}`;
  for (const [what, kinds] of Object.entries(faults)) desk.fault({ intentId, what, kinds });
  const late = name === 'absent' ? { notAfterMs: Date.now() + 1_500 } : {};
  const { handle } = await desk.client.arbitrage(
    intentOf(intentId, 'rain', { ...change, ...late }),
  );
  expect(await endOf(handle)).toMatchObject({ kind: end });
  await keep(desk, name, scenario);
});

test.runIf(!isRecorded('cancelled-before-the-shot'))('cancelled before the shot', async () => {
  desk = await openDesk({ isTrading: false });
  const { client } = desk;
  const intentId = 'history.cancelled-before-the-shot';
  const started = client.arbitrage(intentOf(intentId, 'rain', { notAfterMs: LATER }));
  await soon(async () => client.trade(intentId).cancel());
  await desk.startTrading();
  const { handle } = await started;
  expect(await endOf(handle)).toEqual({ kind: 'cancelled' });
  await keep(desk, 'cancelled-before-the-shot', 'cancelled before its shot');
});

test.runIf(!isRecorded('cancelled-settling'))('cancelled while it settles', async () => {
  const intentId = 'history.cancelled-settling';
  desk = await openDesk({ venues: { confirmMs: 500 } });
  const { handle } = await desk.client.arbitrage(intentOf(intentId, 'rain'));
  await sentBoth(desk, intentId);
  await handle.cancel();
  expect(await endOf(handle)).toEqual({ kind: 'cancelled' });
  await keep(desk, 'cancelled-settling', 'cancelled while it settles');
});

test.runIf(!isRecorded('frozen-and-thawed'))('frozen and thawed while it settles', async () => {
  const intentId = 'history.frozen-and-thawed';
  desk = await openDesk({ venues: { confirmMs: 500 } });
  const { handle } = await desk.client.arbitrage(intentOf(intentId, 'rain'));
  await sentBoth(desk, intentId);
  await handle.freeze({ cause: 'manual', why: 'a storm', by: 'anna', action: 'leave' });
  await handle.unfreeze({ by: 'anna' });
  expect(await endOf(handle)).toMatchObject({ kind: 'matched' });
  await keep(desk, 'frozen-and-thawed', 'frozen and thawed while it settles');
});

test.runIf(!isRecorded('open-settling'))('still open: waiting for the chain', async () => {
  const intentId = 'history.open-settling';
  desk = await openDesk({ venues: { confirmMs: 3_000 } });
  const { handle } = await desk.client.arbitrage(intentOf(intentId, 'rain'));
  await soon(async () => {
    const { rows } = await handle.state();
    expect(rows.map((row) => row.kind)).toEqual(['fill', 'fill']);
  });
  await keep(desk, 'open-settling', 'waits for the chain');
});

test.runIf(!isRecorded('worker-killed'))(
  'the worker is killed in the middle of its shot',
  async () => {
    const intentId = 'history.worker-killed';
    desk = await openDesk({ isTrading: false });
    const { config } = desk;
    const first = await startTradingProcess({ ...config, processId: 'history-1' });
    await readyToTrade(desk);
    desk.fault({ intentId, what: 'entry/yes', kinds: ['timeout_after_acceptance'] });
    const { handle } = await desk.client.arbitrage(intentOf(intentId, 'rain'));
    await sentBoth(desk, intentId);
    await first.kill();
    const second = await startTradingProcess({ ...config, processId: 'history-2' });
    expect(await endOf(handle)).toMatchObject({ kind: 'matched' });
    await keep(desk, 'worker-killed', 'the worker is killed in the middle of its shot');
    await second.kill();
  },
);

const custodies = [
  { name: 'custody-exit', policy: 'exit', scenario: 'a dead trade’s excess is sold by custody' },
  { name: 'custody-keep', policy: 'keep', scenario: 'a dead trade’s excess is kept and watched' },
  { name: 'custody-hedge', policy: 'hedge', scenario: 'the missing leg of a dead trade is bought' },
] as const;

test.each(custodies.filter(({ name }) => !isRecorded(name)))('$name', async (shape) => {
  const { name, policy, scenario } = shape;
  const intentId = `history.${name}`;
  desk = await openDesk({
    venues: { confirmMs: 800 },
    custody: { policy },
    terms: { exit: { ...quickTerms.exit, policy: 'step_down' } },
  });
  const kinds = policy === 'hedge' ? (['partial_fill'] as const) : (['pulled_liquidity'] as const);
  desk.fault({ intentId, what: 'entry/no', kinds });
  await desk.client.arbitrage(intentOf(intentId, 'rain'));
  await sentBoth(desk, intentId);
  const { workflow } = desk.temporal;
  await workflow.getHandle(arbitrageWorkflowId(intentId)).terminate('by hand');
  const sweeping = new Sweeping(desk);
  for (let sweeps = 0; sweeps < 2; sweeps += 1) await sweeping.round();
  await sweeping.close();
  const [custody] = await soon(() => custodiesOf(desk));
  keepHistory({ name, scenario, history: await workflow.getHandle(custody).fetchHistory() });
});

test.runIf(!isRecorded('custody-unknown'))('custody finds both legs of a dead trade', async () => {
  const name = 'custody-unknown';
  const intentId = `history.${name}`;
  desk = await openDesk();
  for (const what of ['entry/yes', 'entry/no']) {
    desk.fault({ intentId, what, kinds: ['timeout_after_acceptance'] });
  }
  await desk.client.arbitrage(intentOf(intentId, 'rain'));
  await sentBoth(desk, intentId);
  const { workflow } = desk.temporal;
  await workflow.getHandle(arbitrageWorkflowId(intentId)).terminate('by hand');
  const sweeping = new Sweeping(desk);
  for (let sweeps = 0; sweeps < 2; sweeps += 1) await sweeping.round();
  await sweeping.close();
  const [custody] = await soon(() => custodiesOf(desk));
  const scenario = 'both orders of a dead trade are found, and the match is recorded';
  keepHistory({ name, scenario, history: await workflow.getHandle(custody).fetchHistory() });
});

/** The custodies that this desk's sweeps have told of a case, the first one first. */
async function custodiesOf(of: TestDesk | undefined): Promise<readonly [string, ...string[]]> {
  if (!of) throw new Error('no desk is open');
  const cases = of.db.selectFrom('custody_cases').select('custody_id').orderBy('opened_at');
  const [first, ...others] = (await cases.execute()).map((row) => row.custody_id);
  if (first === undefined) throw new Error('custody was told of nothing');
  return [first, ...others];
}

const LATER = Date.now() + 600_000;

/** On the queues of the mode, as in every deployment. */
async function openDesk(options: Partial<TestDeskOptions> = {}): Promise<TestDesk> {
  return openTestDesk({ pairs: { rain: {} }, desk: 'simulated', ...options });
}

async function sentBoth(desk: TestDesk, intentId: string): Promise<void> {
  await soon(() => expect(atVenues(desk, intentId)).toHaveLength(2));
}

async function keep({ temporal }: TestDesk, name: string, scenario: string): Promise<void> {
  const handle = temporal.workflow.getHandle(arbitrageWorkflowId(`history.${name}`));
  keepHistory({ name, scenario, history: await handle.fetchHistory() });
}
