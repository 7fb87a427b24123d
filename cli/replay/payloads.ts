import type { Payload } from '@temporalio/common/lib/proto-utils.js';

type Payloads = { readonly payloads?: readonly Payload[] | null };

/** The values that a history holds, as JSON; one that is not JSON is shown as its length. */
export function payloadsOf(given: Payloads | null | undefined): readonly unknown[] {
  return (given?.payloads ?? []).map(({ data }) => {
    const text = Buffer.from(data ?? new Uint8Array()).toString('utf8');
    try {
      return text === '' ? null : (JSON.parse(text) as unknown);
    } catch {
      return `${String(data?.length ?? 0)} bytes`;
    }
  });
}

/** What decides, of values that are pages long: kinds, codes, states and ids. */
export function shortValue(values: readonly unknown[]): string {
  const told = values.flatMap((value) => facts(value));
  return told.length === 0 ? '' : told.join(' | ');
}

const TOLD = ['kind', 'code', 'why', 'reason', 'state', 'leg', 'intentId', 'pairId', 'finality'];
const INSIDE = ['outcome', 'denial', 'residual', 'excess', 'rows', 'evidence'];

function facts(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((one: unknown) => facts(one));
  if (typeof value !== 'object' || value === null)
    return value === null ? [] : [JSON.stringify(value)];
  const entries = Object.entries(value);
  const own = entries.flatMap(([name, one]) =>
    TOLD.includes(name) && typeof one === 'string' ? [one] : [],
  );
  const inner = entries.flatMap(([name, one]) => (INSIDE.includes(name) ? facts(one) : []));
  return [[...own, ...inner].join(' ')].filter((text) => text !== '');
}
