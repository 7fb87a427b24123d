import { expect, test } from 'vitest';
import { SilentChildren } from '../../workers/supervisor/silent-children.js';

const OWN = new Set(['engine', 'trading']);

/** Who is late at each look: "at 900 epoch 2: engine 1, trading 0" is a look, and the end of its line. */
function play(story: string): string[] {
  const children = new SilentChildren({ silentMs: 1_000, lookGapMs: 500 });
  const lines = story.trim().split('\n');
  return lines.map((line) => {
    const [, atMs = '', epoch, all = ''] = /at (\d+)(?: +epoch (\d+):)?(.*)/.exec(line) ?? [];
    const processes = [...all.matchAll(/([\w-]+) (\d+)/g)].map(([, processId = '', heard]) => ({
      ...{ processId, epochAcknowledged: Number(heard) },
    }));
    const silence = epoch === undefined ? undefined : { epoch: Number(epoch), processes };
    return children.late(Number(atMs), silence, OWN).join(' ');
  });
}

test('who has not acknowledged after a second is late, and nobody a moment sooner', () => {
  expect(
    play(`
      at 0   epoch 5: engine 4, trading 4
      at 400 epoch 5: engine 4
      at 800 epoch 5: engine 4
      at 999 epoch 5: engine 4
      at 1000 epoch 5: engine 4
    `),
  ).toEqual(['', '', '', '', 'engine']);
});

test('one freeze after the other makes nobody late who acknowledges each in time', () => {
  expect(
    play(`
      at 0    epoch 5: engine 4, trading 4
      at 400  epoch 6: engine 5, trading 4
      at 800  epoch 7: engine 6, trading 4
      at 1200 epoch 8: engine 7, trading 4
      at 1600 epoch 9: engine 8, trading 4
      at 2000 epoch 9: engine 8, trading 4
      at 2400 epoch 9: engine 8
      at 2600 epoch 9: engine 8
    `),
  ).toEqual(['', '', '', 'trading', 'trading', 'trading', '', 'engine']);
});

test('a child that has just begun has its whole time, however old the freeze is', () => {
  expect(
    play(`
      at 0    epoch 5:
      at 400  epoch 5:
      at 800  epoch 5:
      at 1200 epoch 5: engine 0
      at 1600 epoch 5: engine 0
      at 2100 epoch 5: engine 0
      at 2200 epoch 5: engine 0
    `),
  ).toEqual(['', '', '', '', '', '', 'engine']);
});

test('after nobody has looked for long everybody has the whole time once more', () => {
  expect(
    play(`
      at 0    epoch 5: engine 4
      at 500  epoch 5: engine 4
      at 9000 epoch 5: engine 4
      at 9500 epoch 5: engine 4
      at 9999 epoch 5: engine 4
      at 10000 epoch 5: engine 4
    `),
  ).toEqual(['', '', '', '', '', 'engine']);
});

test('a process of another machine is not ours to kill', () => {
  expect(
    play(`
      at 0    epoch 5: engine-elsewhere 4
      at 500  epoch 5: engine-elsewhere 4
      at 1000 epoch 5: engine-elsewhere 4
    `),
  ).toEqual(['', '', '']);
});

test('once nothing is frozen nobody is late, and the next freeze has its own time', () => {
  expect(
    play(`
      at 0    epoch 5: engine 4
      at 500  epoch 5: engine 4
      at 900
      at 1100 epoch 7: engine 4
      at 1600 epoch 7: engine 4
      at 2100 epoch 7: engine 4
    `),
  ).toEqual(['', '', '', '', '', 'engine']);
});
