import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import type { ArmedHandle, FireAnswer, StartedArming } from '../../client/index.js';
import { type ArmedType, type Fires, legInstrument, price, quantity } from '../../domain/index.js';
import { ArmedPairs } from '../../workers/scanner/armed-pairs.js';
import { buildIntent, type Sighting } from '../../workers/scanner/build-intent.js';
import { type Arms, everyDoor } from '../../workers/scanner/doors.js';
import { bookOf, pairOf } from '../support/markets.js';

const NOW_MS = 1_850_000_000_000;
const TYPE = 'poly_yes_kalshi_no';
/** By their places: armed at ticks, on request, through the workflow, at ticks. */
const pairs = [0, 1, 2, 3].map((n) => ({ ...pairOf(), pairId: `pair-${n}` }));
const terms = {
  ...{ strategy: 'scan', account: 'main', seed: 7, freshForMs: 1_500 },
  edgeMin: price('0.01'),
};

function seen(place: number, type: Sighting['type'] = TYPE): Sighting {
  const book = bookOf(legInstrument(pairOf(), TYPE, 'yes'), {
    bids: '90 @ 0.46',
    asks: '90 @ 0.48',
  });
  return {
    ...{ pairId: `pair-${place}`, type, contracts: quantity('90'), edge: price('0.04') },
    ...{ limitPrice: { yes: price('0.48'), no: price('0.45') }, books: { yes: book, no: book } },
  };
}

/** A strategy whose pairs are armed as told, and whose engine answers so. */
function strategy(armed: Readonly<Record<string, ArmedType>>, answer?: FireAnswer) {
  const wanted: (readonly [string, Fires])[] = [];
  const offered: string[] = [];
  const arms: Arms = {
    contractsMax: quantity('50'),
    of: (pairId) => {
      const type = armed[pairId];
      return type && { type, fires: pairId === 'pair-1' ? 'on_request' : 'at_ticks' };
    },
    want: ({ pairId }, fires) => wanted.push([pairId, fires]),
  };
  const doors = everyDoor({
    ...{ pairs: () => pairs, arms, host: 'host-a' },
    engine: {
      fire: async () =>
        answer ?? { kind: 'unknown', intentId: 'scan.7.1', why: 'no_answer_in_time' },
    },
    offer: async (intent) => {
      offered.push(intent.intentId);
      return { kind: 'approved' };
    },
  });
  return { doors, wanted, offered };
}

const first = (answer?: FireAnswer) => {
  const { doors, offered } = strategy({ 'pair-1': TYPE }, answer);
  const door = doors.of(seen(1));
  if (!door) throw new Error('it goes by a door');
  const intent = buildIntent(seen(1), terms, { n: 32, nowMs: NOW_MS, door });
  return { intent, offered, verdict: () => doors.offer(intent) };
};

describe('by which door a sighting goes', () => {
  test('through the workflow, and its pair is armed, as long as nothing was lent', () => {
    const { doors, wanted } = strategy({});
    expect([0, 1, 2, 3].map((place) => doors.of(seen(place))?.way)).toEqual(
      Array.from({ length: 4 }, () => 'workflow'),
    );
    expect(wanted).toEqual([
      ['pair-0', 'at_ticks'],
      ['pair-1', 'on_request'],
      ['pair-3', 'at_ticks'],
    ]);
  });

  test('nobody is told of what an armed pair is fired at by itself, or of what would undo it', () => {
    const armed = Object.fromEntries(pairs.map(({ pairId }) => [pairId, TYPE] as const));
    const { doors, wanted } = strategy(armed);
    expect([0, 1, 2, 3].map((place) => doors.of(seen(place))?.way)).toEqual([
      ...[undefined, 'fire_first', 'workflow', undefined],
    ]);
    expect(doors.of(seen(1, 'kalshi_yes_poly_no'))).toBeUndefined();
    expect(doors.of(seen(1, 'kalshi_same_market'))?.way).toBe('workflow');
    expect(wanted).toEqual([]);
  });

  test('what is fired first names its host, is no larger than a shot may be, and no dry run', () => {
    expect(first().intent).toMatchObject({
      ...{ door: 'fire_first', host: 'host-a', contractsMax: '50', dryRun: false },
    });
  });

  test('a refusal denies, and what nobody knows is no verdict', async () => {
    const refusal = { code: 'BOOK_STALE', detail: '', advice: 'wait' } as const;
    const refused = first({ kind: 'refused', refusal });
    expect(await refused.verdict()).toEqual({ kind: 'denied', denial: { code: 'BOOK_STALE' } });
    await expect(first().verdict()).rejects.toThrow('may have been fired');
    expect(refused.offered).toEqual([]);
  });
});

describe('pairs that are armed for what was seen', () => {
  /** Answers each request with the verdict; `end` ends the arming. */
  function desk(verdict: 'armed' | 'denied') {
    const asked: string[] = [];
    const disarmed: string[] = [];
    const ends: (() => void)[] = [];
    let nowMs = NOW_MS;
    const arms = new ArmedPairs({
      client: {
        arm: async (request) => {
          const { pairId } = request as { readonly pairId: string }; // as the strategy has made it
          asked.push(pairId);
          const handle: Pick<ArmedHandle, 'disarm' | 'result'> = {
            disarm: async () => {
              disarmed.push(pairId);
              return { isDisarmed: true, waitsFor: 'its shots to be trades' };
            },
            result: async () =>
              new Promise((_, reject) => ends.push(() => reject(new Error('over')))),
          };
          return { verdict: { kind: verdict }, handle } as unknown as StartedArming; // all that is read
        },
      },
      ...{ terms, pairs: () => pairs, nowMs: () => nowMs, log: pino({ enabled: false }) },
    });
    const heard = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    const wait = (ms: number): void => {
      nowMs += ms;
    };
    return { arms, asked, disarmed, ends, heard, wait };
  }

  test('one request at a time, and none for a while after it', async () => {
    const { arms, asked, heard, wait } = desk('denied');
    for (let count = 0; count < 3; count += 1) arms.want(seen(0), 'at_ticks');
    await heard();
    arms.want(seen(0), 'at_ticks');
    expect([asked, arms.of('pair-0')]).toEqual([['pair-0'], undefined]);
    wait(10_000);
    arms.want(seen(0), 'at_ticks');
    expect(asked).toHaveLength(2);
  });

  test('armed until its time is over, or it has ended before', async () => {
    const { arms, ends, heard, wait } = desk('armed');
    arms.want(seen(0), 'at_ticks');
    arms.want(seen(1), 'on_request');
    await heard();
    expect(arms.of('pair-0')).toMatchObject({ type: TYPE, fires: 'at_ticks' });
    ends[0]?.();
    await heard();
    expect([arms.of('pair-0'), arms.of('pair-1')?.fires]).toEqual([undefined, 'on_request']);
    wait(60_000);
    expect(arms.of('pair-1')).toBeUndefined();
  });

  test('who stops disarms what still is, and arms nothing more', async () => {
    const { arms, asked, disarmed, heard } = desk('armed');
    arms.want(seen(0), 'at_ticks');
    await heard();
    await arms.stop();
    arms.want(seen(1), 'on_request');
    expect([asked, disarmed]).toEqual([['pair-0'], ['pair-0']]);
  });

  test('a market that closes too soon is not armed', async () => {
    const { arms, asked, wait } = desk('armed');
    wait(pairOf().kalshi.closesAtMs - NOW_MS - 30_000);
    arms.want(seen(0), 'at_ticks');
    expect(asked).toEqual([]);
  });
});
