import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { failure } from '../../cli/answer.js';
import { arm } from '../../cli/commands/arm.js';
import { armed, armedTable } from '../../cli/commands/armed.js';
import { changeTerms } from '../../cli/commands/change-terms.js';
import { disarm } from '../../cli/commands/disarm.js';
import type { Desk } from '../../cli/desk.js';
import { insertFreeze } from '../../store/index.js';
import { openTestDesk, type TestDesk } from '../support/desk.js';
import { armRequestOf } from '../support/desk-armed.js';
import { soon } from '../support/desk-ends.js';
import { type EngineStandIn, startEngineStandIn } from '../support/engine-stand-in.js';
import { ownPairs } from '../support/own-pairs.js';

const HOST = 'host-a';
const PAIR = 'rain';

let open: TestDesk;
let engine: EngineStandIn;
let desk: Desk;
beforeAll(async () => {
  open = await openTestDesk({ pairs: { [PAIR]: {} }, hasEngine: false });
  const start = await ownPairs(open, HOST, [PAIR]);
  engine = await startEngineStandIn(open, HOST, { start });
  desk = {
    ...{ db: open.db, mode: 'simulated', operator: 'anna@desk7', nowMs: Date.now },
    client: async () => open.client,
    close: async () => undefined,
  };
});
afterAll(async () => {
  await engine.close();
  await open.close();
});

const plain = ({ text }: { readonly text: string }): string => stripVTControlCharacters(text);

test('a pair is armed, shown with what is left of it and who froze it, and disarmed', async () => {
  const request = armRequestOf(PAIR);
  expect(await arm(desk, request)).toMatchObject({ exitCode: 0, text: /armed rain at host-a/ });
  await soon(async () => {
    expect(plain(await armed(desk))).toMatch(
      /rain +host-a +at_ticks +0.01 +200 +200 +200 +0 .*armed: waits for a tick/,
    );
  });
  await expect(arm(desk, { ...request, strategy: 'other' })).rejects.toMatchObject({ exitCode: 6 });

  const careful = { contractsMax: '5', edgeMin: '0.02', validMs: 100 };
  expect(await changeTerms(desk, PAIR, careful)).toMatchObject({
    ...{ exitCode: 0, text: 'rain is fired by contractsMax 5, edgeMin 0.02, validMs 100' },
  });
  expect(plain(await armed(desk))).toMatch(/at_ticks +0.02 +200/);
  const more = changeTerms(desk, PAIR, { ...careful, contractsMax: '1000' });
  await expect(more).rejects.toMatchObject({ exitCode: 1, message: /new arming/ });

  const scope = { kind: 'pair', key: PAIR } as const;
  const said = { cause: 'manual', why: 'a drill', by: 'anna', action: 'leave' } as const;
  await insertFreeze(open.db, { freezeId: 'f1', scope, ...said, atMs: Date.now() });
  expect(plain(await armed(desk))).toMatch(/armed: FROZEN by f1/);

  const asked = { pairId: PAIR, why: 'lunch' };
  expect(await disarm(desk, asked)).toMatchObject({ exitCode: 0, text: /^DISARMED: rain/ });
  await open.client.armedPair(PAIR).result();
  await soon(async () => expect(plain(await armed(desk))).toBe('(none)'));
  await expect(disarm(desk, asked)).rejects.toMatchObject({ exitCode: 5 });
  await expect(changeTerms(desk, PAIR, careful)).rejects.toMatchObject({ exitCode: 5 });
});

test('a denial says its rule and its numbers, and a wrong request each of its problems', async () => {
  const request = armRequestOf('nowhere');
  const denied = await arm(desk, request);
  expect(denied).toMatchObject({ exitCode: 2 });
  expect(denied.text).toContain('denied nowhere: PAIR_UNKNOWN');
  const wrong = await arm(desk, { ...request, types: ['poly_same_market'], contractsMax: 10 });
  expect(wrong).toMatchObject({ exitCode: 1 });
  expect(wrong.text).toContain('types.0: is one of poly_yes_kalshi_no, kalshi_yes_poly_no');
  expect(wrong.text).toContain('contractsMax: is a decimal string');
});

test('a pair whose workflow does not answer is shown all the same', () => {
  expect(stripVTControlCharacters(armedTable([{ pairId: PAIR }], 0))).toMatch(
    /rain .*its workflow does not answer/,
  );
});

test('without Temporal nothing is known, and the command says so', async () => {
  const away: Desk = {
    ...desk,
    client: async () => {
      throw new Error('Temporal is away');
    },
  };
  const said = await arm(away, armRequestOf(PAIR)).catch(failure);
  expect(said.text).toContain('Temporal is away');
});
