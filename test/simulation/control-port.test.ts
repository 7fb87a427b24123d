import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type ControlPort,
  StreamControls,
  startControlPort,
} from '../../venues/simulation/index.js';
import { level, MARKET, order, type Stage, stage } from './stage.js';

let on: Stage;
let port: ControlPort;
beforeEach(async () => {
  on = stage({ quotes: { asks: [level('50 @ 0.40')] } });
  port = await startControlPort({ exchange: on.exchange, streams: new StreamControls() }, 0);
});
afterEach(async () => port.close());

async function ask(
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; said: unknown }> {
  const response = await fetch(`${port.url}${path}`, {
    method,
    ...(body !== undefined && {
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    }),
  });
  return { status: response.status, said: await response.json() };
}

const rejecting = { name: 'no', when: { order: 'a' }, fault: { kind: 'reject' } };
const told = (name: string) => on.exchange.place(order('desk buy yes 10 @ 0.45', name)).kind;

describe('a script', () => {
  test('is set, read, counted and taken away', async () => {
    expect(await ask('PUT', '/script', { rules: [rejecting] })).toMatchObject({ status: 200 });
    expect((await ask('GET', '/script')).said).toEqual({ rules: [rejecting] });
    expect([told('a'), told('b'), told('a')]).toEqual(['refused', 'accepted', 'refused']);
    expect((await ask('GET', '/counts')).said).toEqual({
      rules: [{ name: 'no', fitted: 2, injected: 2 }],
      kinds: { reject: 2 },
    });
    await ask('DELETE', '/script');
    expect(told('a')).toBe('accepted');
  });

  test('grows and shrinks by one rule', async () => {
    await ask('POST', '/script/rules', rejecting);
    await ask('POST', '/script/rules', { ...rejecting, name: 'b', when: { order: 'b' } });
    expect((await ask('DELETE', '/script/rules/no')).status).toBe(200);
    expect([told('a'), told('b')]).toEqual(['accepted', 'refused']);
    expect(await ask('DELETE', '/script/rules/no')).toEqual({
      status: 404,
      said: { error: 'there is no rule no' },
    });
  });

  test.each([
    ['an unknown fault', { ...rejecting, fault: { kind: 'earthquake' } }, /kind/],
    ['an unknown condition', { ...rejecting, when: { weather: 'rain' } }, /weather/],
    ['a pattern that is none', { ...rejecting, when: { orderPattern: '(' } }, /regular expression/],
    ['a probability above one', { ...rejecting, when: { probability: 1.1 } }, /probability/],
    ['no name', { when: {}, fault: { kind: 'reject' } }, /name/],
  ])('with %s is refused with the reason, and changes nothing', async (_, rule, reason) => {
    await ask('PUT', '/script', { rules: [rejecting] });
    for (const [method, path, body] of [
      ['PUT', '/script', { rules: [rule] }],
      ['POST', '/script/rules', rule],
    ] as const) {
      const { status, said } = await ask(method, path, body);
      expect(status).toBe(400);
      expect(JSON.stringify(said)).toMatch(reason);
    }
    expect((await ask('GET', '/script')).said).toEqual({ rules: [rejecting] });
  });

  test('with two rules of one name is refused', async () => {
    const { status } = await ask('PUT', '/script', { rules: [rejecting, rejecting] });
    expect(status).toBe(400);
  });

  test('names only answers that the venue has', async () => {
    on.exchange.faults.script.learnAnswers(['too_many_requests']);
    const fault = { kind: 'refuse', answer: 'too_much' };
    const { status, said } = await ask('PUT', '/script', { rules: [{ ...rejecting, fault }] });
    expect(status).toBe(400);
    expect(JSON.stringify(said)).toMatch(/no answer \\"too_much\\"; it has too_many_requests/);
  });
});

describe('a command', () => {
  test('closes a market and says so in the counts', async () => {
    expect(await ask('POST', '/commands', { command: 'close_market', market: MARKET })).toEqual({
      status: 200,
      said: { kind: 'done' },
    });
    expect(on.exchange.market(MARKET)?.state).toBe('closed');
    expect((await ask('GET', '/counts')).said).toMatchObject({ kinds: { close_market: 1 } });
  });

  test('trades by hand for an account', async () => {
    const trade = { account: 'desk', market: MARKET, outcome: 'yes', side: 'buy' };
    const { said } = await ask('POST', '/commands', {
      ...{ ...trade, command: 'place_by_hand', contracts: '5', limitPrice: '0.45' },
      timeInForce: 'IOC',
    });
    expect(said).toMatchObject({ kind: 'done', result: { state: 'filled' } });
    expect(on.exchange.positions('desk')).toMatchObject([{ quantity: 5_000_000_000n }]);
  });

  test('sets the clock of the venue ahead', async () => {
    const before = on.exchange.now();
    await ask('POST', '/commands', { command: 'skew_clock', byMs: 2_500 });
    expect(on.exchange.now() - before).toBe(2_500);
  });

  test.for([
    ['about a market that is not listed', { command: 'close_market', market: 'SNOW' }, 409, /SNOW/],
    ['that nobody knows', { command: 'explode' }, 400, /command/],
    ['without its duration', { command: 'enter', state: 'paused' }, 400, /forMs/],
    ['for longer than a day', { command: 'enter', state: 'paused', forMs: 1e9 }, 400, /forMs/],
  ] as const)('%s is refused with the reason', async ([, command, status, reason]) => {
    const answer = await ask('POST', '/commands', command);
    expect(answer.status).toBe(status);
    expect(JSON.stringify(answer.said)).toMatch(reason);
  });
});
