import type { ColumnType } from 'kysely';

/**
 * A column as SQL knows it and as TypeScript reads and writes it. The tables in `tables.ts` are
 * written with these, so that one description gives Kysely its types and lets a test compare them
 * with information_schema.
 */
export interface Column<Select = unknown, Insert = unknown, Update = unknown> {
  /** The domain's name, else the type's (`udt_name`). */
  readonly sql: string;
  readonly isNullable: boolean;
  /** Postgres fills it in when it is not given. */
  readonly hasDefault: boolean;
  /** Only a type: no column has a value here. */
  readonly kysely?: ColumnType<Select, Insert, Update>;
}

const column = <T>(sql: string): Column<T, T, T> => ({ sql, isNullable: false, hasDefault: false });

export const text = <T extends string = string>(): Column<T, T, T> => column<T>('text');
export const texts = (): Column<string[], string[], string[]> => column<string[]>('_text');
/** One of a closed set of words that Postgres checks by a domain. */
export const word = <T extends string>(domain: string): Column<T, T, T> => column<T>(domain);
/** A decimal string: `formatAmount` writes it, the brands of domain/money read it. */
export const amount = (): Column<string, string, string> => column<string>('amount');
/** A sum of amounts, which no domain checks. */
export const sum = (): Column<string, string, string> => column<string>('numeric');
/** Not for amounts: tokens of a rate, which refill by the clock. */
export const real = (): Column<number, number, number> => column<number>('float8');
export const time = (): Column<Date, Date, Date> => column<Date>('timestamptz');
export const boolean = (): Column<boolean, boolean, boolean> => column<boolean>('bool');
export const integer = (): Column<number, number, number> => column<number>('int4');
/** Read as a number: the driver refuses one that is not safe (connect.ts). */
export const bigInteger = (): Column<number, number, number> => column<number>('int8');
/** Written as text (`json(value)`), because the driver takes an array for a Postgres array. */
export const jsonb = <T>(): Column<T, string, string> => ({
  sql: 'jsonb',
  isNullable: false,
  hasDefault: false,
});

export const nullable = <S, I, U>(
  of: Column<S, I, U>,
): Column<S | null, I | null | undefined, U | null> => ({
  sql: of.sql,
  isNullable: true,
  hasDefault: of.hasDefault,
});

export const withDefault = <S, I, U>(of: Column<S, I, U>): Column<S, I | undefined, U> => ({
  sql: of.sql,
  isNullable: of.isNullable,
  hasDefault: true,
});

/** Postgres alone writes it: identities and generated columns. */
export const generated = <S, I, U>(of: Column<S, I, U>): Column<S, never, never> => ({
  sql: of.sql,
  isNullable: of.isNullable,
  hasDefault: true,
});

/** The row of a table for Kysely. */
export type Row<Columns extends Record<string, Column>> = {
  readonly [Name in keyof Columns]: Columns[Name] extends Column<infer S, infer I, infer U>
    ? ColumnType<S, I, U>
    : never;
};
