import { expect, test } from 'vitest';
import { type Quantity, quantity } from '../../domain/money.js';
import { fromOverWire, type OverWire, overWire } from '../../domain/wire-functions.js';

interface Asked {
  readonly held: Quantity;
}
const halves = {
  half: async ({ held }: Asked): Promise<Asked> => ({ held: (held / 2n) as Quantity }), // contracts
};

test('what is served over a wire speaks plain JSON, and its caller values again', async () => {
  const served = overWire(halves);
  expect(await served.half({ held: '5' })).toEqual({ held: '2.5' });
  expect(JSON.parse(JSON.stringify(await served.half({ held: '0.02' })))).toEqual({ held: '0.01' });
  const asked = fromOverWire<typeof halves>(served);
  expect(await asked.half({ held: quantity('5') })).toEqual({ held: quantity('2.5') });
});

test('functions that come into being when they are asked for are served as well', async () => {
  const served = overWire(halves);
  const late = new Proxy({} as OverWire<typeof halves>, {
    get: (_, name): unknown => Reflect.get(served, name),
    ownKeys: () => [],
  }); // no own keys, like Temporal's
  const asked = fromOverWire<typeof halves>(late);
  expect(await asked.half({ held: quantity('1') })).toEqual({ held: quantity('0.5') });
  expect(Reflect.get(asked, 'third')).toBeUndefined();
});
