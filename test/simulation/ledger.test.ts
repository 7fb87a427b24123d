import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, expectTypeOf, test } from 'vitest';
import type { AmountField } from '../../domain/index.js';
import type { LedgerLine, LedgerRow } from '../../venues/simulation/index.js';
import { openLedger, readLedger } from '../../venues/simulation/index.js';

const folder = mkdtempSync(join(tmpdir(), 'legwork-ledger-'));
afterAll(() => rmSync(folder, { recursive: true }));

const settled = (market: string): LedgerRow => ({
  kind: 'market_settled',
  atMs: 1,
  market,
  winner: 'yes',
});

test('an operation that a kill cut half way never happened, and the next one follows cleanly', () => {
  const path = join(folder, 'cut.jsonl');
  const first = openLedger(path);
  first.append([settled('A')]);
  first.append([settled('B'), settled('C')]);
  first.close();
  const whole = readFileSync(path, 'utf8');
  const lines = whole.trimEnd().split('\n');
  // Every way in which the second operation can be cut: after each byte of it.
  const secondStarts = (lines[0]?.length ?? 0) + 1;
  for (let length = secondStarts; length < whole.length; length += 1) {
    writeFileSync(path, whole.slice(0, length));
    const again = openLedger(path);
    expect(again.lines.map(({ row }) => row)).toEqual([settled('A')]);
    again.append([settled('D')]);
    again.close();
    expect(readLedger(path).map(({ row }) => row)).toEqual([settled('A'), settled('D')]);
  }
});

test('a line that is missing before the end is a damage that nobody repairs by guessing', () => {
  const path = join(folder, 'damaged.jsonl');
  const first = openLedger(path);
  for (const market of ['A', 'B', 'C']) first.append([settled(market)]);
  first.close();
  const [one, , three] = readFileSync(path, 'utf8').split('\n');
  writeFileSync(path, `${one}\n${three}\n`);
  expect(() => openLedger(path)).toThrow('line 2 of a ledger is the next one');
  appendFileSync(path, 'x');
  expect(() => openLedger(path)).toThrow();
});

/** The names under which a type holds something of kind `Of`, at any depth. */
type NamesOf<T, Of, Name = never> = T extends Of
  ? Name
  : T extends readonly (infer Item)[]
    ? NamesOf<Item, Of, Name>
    : T extends object
      ? { [Key in keyof T]-?: NamesOf<Exclude<T[Key], undefined>, Of, Key> }[keyof T]
      : never;

// `npm run check:types` is what fails here, and names the field that is wrong.
test('the names in a line say which of its texts are amounts', () => {
  expectTypeOf<Exclude<NamesOf<LedgerLine, bigint>, AmountField>>().toBeNever();
  expectTypeOf<Extract<NamesOf<LedgerLine, string>, AmountField>>().toBeNever();
});
