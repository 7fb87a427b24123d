import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { polymarketSalt } from '../../domain/index.js';
import type { Rule } from '../../venues/simulation/index.js';
import { type ControlPort, createFaults, startControlPort } from '../../venues/simulation/index.js';
import { openTestDesk, type TestDesk } from '../support/desk.js';
import { atVenues, expectEnd, traded } from '../support/desk-ends.js';
import { intentOf } from '../support/desk-intent.js';
import { orderOf, VENUES_SEED } from '../support/desk-venues.js';
import {
  booksAgree,
  bothFilled,
  boughtAfterAll,
  COMPLETED,
  legs,
  MATCHED,
  tellFault,
} from './fault-desk.js';

// What a script may name, set over the control port, and what then becomes of a trade.

type ScriptedVenue = 'kalshi' | 'polymarket';
type When = Rule['when'];

interface Key {
  readonly name: string;
  readonly sentence: string;
  /** A rule that is about the entry, and one that is about something else. */
  readonly fits: (entry: Entry) => When;
  readonly misses: (entry: Entry) => When;
}

interface Entry {
  readonly clientOrderId: string;
  readonly market: string;
  readonly venue: ScriptedVenue;
  /** The name of the rule that is about it. */
  readonly rule: string;
}

/** The venue's own key of an order. */
const keyAt = ({ venue, clientOrderId }: Entry) =>
  venue === 'kalshi' ? clientOrderId : polymarketSalt(clientOrderId).toString();
const other = (text: string) => `${text}0`;
const DAY_MS = 86_400_000;

const ODD = 1 / 1_000;

/** The least probability at which a rule befalls this order, by the seed of the venues. */
function leastOdds(entry: Entry): number {
  const { script } = createFaults({ seed: VENUES_SEED, profile: 'none' });
  const { rule: name, market } = entry;
  const placed = { operation: 'place', atMs: Date.now(), market, clientKey: keyAt(entry) } as const;
  for (let probability = ODD; probability < 1; probability += ODD) {
    script.replace([{ name, when: { probability }, fault: { kind: 'reject' } }]);
    if (script.strike('reject', placed)) return probability;
  }
  return 1;
}

const keys: readonly Key[] = [
  {
    ...{ name: 'id', sentence: 'its clientOrderId' },
    fits: ({ clientOrderId: order }) => ({ order }),
    misses: ({ clientOrderId }) => ({ order: other(clientOrderId) }),
  },
  {
    ...{ name: 'key', sentence: 'the key that the venue has for it, a salt on Polymarket' },
    fits: (entry) => ({ order: keyAt(entry) }),
    misses: (entry) => ({ order: other(keyAt(entry)) }),
  },
  {
    ...{ name: 'pattern', sentence: 'a pattern of that key' },
    fits: (entry) => ({ orderPattern: `^${keyAt(entry).slice(0, 8)}` }),
    misses: (entry) => ({ orderPattern: `^${keyAt(entry).slice(0, 8)}$` }),
  },
  {
    ...{ name: 'market', sentence: 'its market, the first time' },
    fits: ({ market }) => ({ market, times: { first: 1, last: 1 } }),
    misses: ({ market }) => ({ market: `${market}0` }),
  },
  {
    ...{ name: 'time', sentence: 'the time, of its market' },
    fits: ({ market }) => ({
      ...{ market, times: { first: 1, last: 1 } },
      ...{ fromMs: Date.now() - 1_000, untilMs: Date.now() + DAY_MS },
    }),
    misses: ({ market }) => ({ market, fromMs: Date.now() + DAY_MS }),
  },
  {
    ...{ name: 'seed', sentence: 'a probability by the seed' },
    fits: (entry) => ({ order: entry.clientOrderId, probability: leastOdds(entry) }),
    misses: (entry) => ({ order: entry.clientOrderId, probability: leastOdds(entry) - ODD }),
  },
];

let desk: TestDesk;
let ports: Readonly<Record<ScriptedVenue, ControlPort>>;
beforeAll(async () => {
  const pairs = keys.flatMap(({ name }) => legs.map(({ letter }) => `${name}${letter}`));
  desk = await openTestDesk({
    pairs: Object.fromEntries(
      pairs.flatMap((id) => [`${id}yes`, `${id}no`].map((one) => [one, {}])),
    ),
  });
  ports = {
    kalshi: await startControlPort(desk.venues.kalshi, 0),
    polymarket: await startControlPort(desk.venues.polymarket, 0),
  };
});
afterEach(async () => {
  for (const { url } of Object.values(ports)) await fetch(`${url}/script`, { method: 'DELETE' });
});
afterAll(async () => {
  await Promise.all(Object.values(ports).map((port) => port.close()));
  await desk.close();
});

const countsShape = z.object({ rules: z.array(z.object({ injected: z.int() })) });

async function put(venue: ScriptedVenue, rule: Rule): Promise<void> {
  const answer = await fetch(`${ports[venue].url}/script`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ rules: [rule] }),
  });
  expect(answer.status).toBe(200);
}

async function injections(venue: ScriptedVenue): Promise<number> {
  const told: unknown = await (await fetch(`${ports[venue].url}/counts`)).json();
  return countsShape.parse(told).rules[0]?.injected ?? 0;
}

for (const { name, sentence, fits, misses } of keys) {
  test.for(legs)(
    `$venue: what is scripted by ${sentence} befalls that order and no other`,
    async ({ venue, what, letter }, context) => {
      const fault = { kind: 'reject' } as const;
      const entryOf = (pairId: string): Entry => ({
        rule: pairId,
        clientOrderId: orderOf(`${pairId}.1`, what),
        market: desk.pairs.pair(pairId)[venue].market,
        venue,
      });
      const missed = `${name}${letter}no`;
      await put(venue, { name: missed, when: misses(entryOf(missed)), fault });
      expect(await traded(desk, intentOf(`${missed}.1`, missed))).toMatchObject(MATCHED);
      expect(atVenues(desk, `${missed}.1`)).toEqual(bothFilled);
      expect(await injections(venue)).toBe(0);

      const hit = `${name}${letter}yes`;
      await put(venue, { name: hit, when: fits(entryOf(hit)), fault });
      const result = await traded(desk, intentOf(`${hit}.1`, hit));
      expectEnd(result, COMPLETED);
      expect(atVenues(desk, `${hit}.1`)).toEqual(boughtAfterAll[venue]);
      const injected = await injections(venue);
      expect(injected).toBe(1);
      tellFault(context, { fault: `reject by ${name}`, venue, injected, end: result.kind });
    },
  );
}

test('afterwards our books are the venues’ ledgers', async () => {
  await booksAgree(desk);
});

test('nothing but the process of a simulated venue opens a control port', () => {
  const rooms = ['activities', 'cli', 'client', 'stack', 'store', 'venues', 'workers', 'workflows'];
  const opening = rooms
    .flatMap((room) => sources(room))
    .filter((path) => readFileSync(path, 'utf8').includes('startControlPort('));
  expect(opening).toEqual(['venues/simulation/script/control-port.ts', 'workers/simulator.ts']);
});

function sources(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => join(folder, path))
    .toSorted();
}
