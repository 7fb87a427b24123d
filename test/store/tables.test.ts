import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { migrate } from '../../store/index.js';
import { tables } from '../../store/tables.js';
import { openDesk } from './desk.js';

const desk = openDesk();

interface FoundColumn {
  readonly table_name: string;
  readonly column_name: string;
  readonly sql: string;
  readonly is_nullable: string;
  readonly has_default: boolean;
}

test('what Kysely believes of every column is what Postgres has', async () => {
  const { rows } = await sql<FoundColumn>`
    select table_name, column_name, coalesce(domain_name, udt_name) as sql, is_nullable,
      column_default is not null or is_identity = 'YES' or is_generated = 'ALWAYS' as has_default
    from information_schema.columns
    where table_schema = 'public' and table_name <> 'migrations'`.execute(desk.db);
  const found: Record<string, Record<string, object>> = {};
  for (const row of rows) {
    const column = {
      sql: row.sql,
      isNullable: row.is_nullable === 'YES',
      hasDefault: row.has_default,
    };
    found[row.table_name] = { ...found[row.table_name], [row.column_name]: column };
  }
  expect(found).toEqual(tables);
});

test('three processes that start at once bring the tables up once', async () => {
  const empty = new URL(desk.databaseUrl);
  empty.pathname = `${empty.pathname}_empty`;
  await sql`create database ${sql.id(empty.pathname.slice(1))}`.execute(desk.db);
  const applied = await Promise.all([1, 2, 3].map(async () => migrate(empty.href)));
  const counts = applied.map((names) => names.length).sort((a, b) => a - b);
  expect(counts).toEqual([0, 0, counts[2]]);
  expect(counts[2]).toBeGreaterThan(0);
});

test.each([
  ['a tenth decimal', '0.1234567891'],
  ['no number', 'NaN'],
  ['no end', 'Infinity'],
  ['more than eighteen digits before the point', '1000000000000000000'],
])('an amount with %s is refused, never rounded', async (_, amount) => {
  await expect(sql`select ${amount}::text::amount`.execute(desk.db)).rejects.toThrow(/amount/);
});

test.each(['0.123456789', '-999999999999999999.999999999', '0'])(
  'the amount %s is kept to the last digit',
  async (amount) => {
    const { rows } = await sql<{ a: string }>`select ${amount}::amount as a`.execute(desk.db);
    expect(rows).toEqual([{ a: amount }]);
  },
);
