import { fromWire, toWire, type Wire } from './wire.js';

type Functions = Readonly<Record<string, (argument: never) => Promise<unknown>>>;

/** The same functions, speaking plain JSON: what Temporal carries and a history shows. */
export type OverWire<F> = {
  readonly [Name in keyof F]: F[Name] extends (argument: infer Argument) => Promise<infer Result>
    ? (argument: Wire<Argument>) => Promise<Wire<Result>>
    : never;
};

/** For the side that serves: functions on domain values become functions on plain JSON. */
export function overWire<F>(functions: F & Functions): OverWire<F> {
  const wrap =
    (serve: Plain): Plain =>
    async (wire) =>
      toWire(await serve(fromWire(wire)));
  return mapped(functions, wrap) as OverWire<F>; // as `OverWire` says of the types
}

/** For the side that asks: the inverse of `overWire`, so that callers see domain values only. */
export function fromOverWire<F>(functions: OverWire<F>): F {
  const wrap =
    (ask: Plain): Plain =>
    async (value) =>
      fromWire(await ask(toWire(value)));
  return mapped(functions, wrap) as F; // as `OverWire` says of the types
}

type Plain = (argument: unknown) => Promise<unknown>;

/** Inside, a function is a function: `OverWire` says what becomes of its types. */
function mapped(functions: object, wrap: (inner: Plain) => Plain): unknown {
  const lookUp = (_: object, name: string | symbol): unknown => {
    const inner: unknown = Reflect.get(functions, name);
    return typeof inner === 'function' ? wrap(inner as Plain) : inner; // see above
  };
  const names = Object.entries(functions);
  // A proxy of Temporal has no own keys: its functions come into being when they are asked for.
  if (names.length === 0) return new Proxy({}, { get: lookUp });
  return Object.fromEntries(names.map(([name]) => [name, lookUp(functions, name)]));
}
