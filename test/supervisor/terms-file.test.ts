import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { price } from '../../domain/index.js';
import { readTermsFile } from '../../workers/terms-file.js';
import { deskPolicy, deskRates, deskTerms } from '../../workers/trading/desk-terms.js';

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'legwork-terms-'));
function written(name: string, content: unknown, folder = newFolder()): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

describe('the terms of a desk', () => {
  test('are its own where no file states any', () => {
    const { exit, unknownMaxMs, latenessMs } = deskTerms();
    expect(exit).toMatchObject({ policy: 'cheapest', lossMax: price('0.10'), step: price('0.01') });
    expect({ unknownMaxMs, latenessMs }).toEqual({ unknownMaxMs: 5_000, latenessMs: 10_000 });
    expect(deskPolicy({}).breakerResetMs).toBe(300_000);
    expect(deskPolicy({ session: { arbs: 1, outFolder: 'out' } }).breakerResetMs).toBe(2_000);
  });

  test('count by the tier of the account, the least where it is real money', () => {
    const writes = (stated: Parameters<typeof deskRates>[0]) => deskRates(stated).write.capacity;
    expect(writes({ mode: 'simulated' })).toBe(2_000);
    expect(writes({ mode: 'live' })).toBe(100);
    expect(writes({ mode: 'live', terms: { kalshiTier: 'advanced' } })).toBe(600);
  });

  test('are what the file states where it states something', () => {
    const terms = {
      exit: { lossCentsMax: '2.5', priceMinCents: '3', stepCents: '0.5', settleDelayMs: 1 },
      ...{ unknownMaxMs: 7_000, breakerResetMs: 9_000, closingMarginMs: 60_000 },
    };
    expect(deskTerms({ terms })).toMatchObject({
      exit: {
        ...{ policy: 'cheapest', lossMax: price('0.025'), priceMin: price('0.03') },
        ...{ step: price('0.005'), settleDelayMs: 1, rungDelayMs: 100 },
      },
      ...{ unknownMaxMs: 7_000, latenessMs: 10_000 },
    });
    const policy = deskPolicy({ terms, session: { arbs: 1, outFolder: 'out' } });
    expect(policy).toMatchObject({ breakerResetMs: 9_000, closingMarginMs: 60_000 });
    expect(policy.exit).toEqual(deskTerms({ terms }).exit);
  });

  test('bound the plain ladder only by a loss that is stated', () => {
    const stepDown = { policy: 'step_down' } as const;
    expect(deskTerms({ terms: { exit: stepDown } }).exit).not.toHaveProperty('lossMax');
    const bounded = deskTerms({ terms: { exit: { ...stepDown, lossCentsMax: '4' } } });
    expect(bounded.exit.lossMax).toBe(price('0.04'));
  });
});

describe('a terms file', () => {
  test('is the one that was named, else that of the data folder, else none', () => {
    const dataFolder = newFolder();
    expect(readTermsFile({ dataFolder })).toBeUndefined();
    const kept = written('terms.json', { unknownMaxMs: 1 }, dataFolder);
    expect(readTermsFile({ dataFolder })).toEqual({ path: kept, terms: { unknownMaxMs: 1 } });
    const termsFile = written('mine.json', { exit: { policy: 'step_down' } });
    expect(readTermsFile({ dataFolder, termsFile })?.terms).toEqual({
      exit: { policy: 'step_down' },
    });
  });

  test('that is wrong has every problem listed with its path, and nothing starts', () => {
    const termsFile = written('bad.json', {
      exit: { policy: 'best', lossCentsMax: 10, stepCents: '0', priceMinCents: '1.00000001' },
      engine: { isBusy: 'yes', marketsMax: 0, headersPerSecond: 9_999, journalCopyMs: 1.5 },
      ...{ latenessMs: 10, answerTimeoutMs: 60_000, breakerResetMs: -1, unknownMaxMS: 5 },
    });
    expect(() => readTermsFile({ dataFolder: newFolder(), termsFile })).toThrow(
      expect.objectContaining({
        message: [
          `The terms in ${termsFile} are not right:`,
          '  - exit.policy: is "cheapest" or "step_down"',
          '  - exit.lossCentsMax: is a decimal string, e.g. "0.52"',
          '  - exit.priceMinCents: has at most seven decimals of a cent',
          '  - exit.stepCents: is above 0',
          '  - engine.isBusy: is true or false',
          '  - engine.marketsMax: is at least 1',
          '  - engine.headersPerSecond: is at most 2000',
          '  - engine.journalCopyMs: is a whole number of milliseconds',
          '  - latenessMs: is at least 1000 ms',
          '  - answerTimeoutMs: is at most 5000 ms',
          '  - breakerResetMs: is at least 0 ms',
          '  - unknownMaxMS: is not known',
        ].join('\n'),
      }) as Error,
    );
  });

  test('that is missing or no JSON is named', () => {
    const dataFolder = newFolder();
    const missing = join(dataFolder, 'none.json');
    expect(() => readTermsFile({ dataFolder, termsFile: missing })).toThrow(missing);
    const broken = written('broken.json', '{');
    expect(() => readTermsFile({ dataFolder, termsFile: broken })).toThrow(/cannot be read/);
  });
});
