import { readFileSync } from 'node:fs';
import { ClobClient } from '@polymarket/clob-client-v2';
import ccxt from 'ccxt';
import * as kalshiPackage from 'kalshi-typescript';
import { describe, expect, test } from 'vitest';
import { tellFigures } from '../support/figures.js';
import { ccxtKalshiStories } from './ccxt-kalshi.js';
import { ccxtPolymarketStories } from './ccxt-polymarket.js';
import { clobClientStories } from './clob-client.js';
import { driven, nameOf } from './driven.js';
import { exceptions } from './exceptions.js';
import { kalshiTypescriptStories } from './kalshi-typescript.js';
import { type ClientName, clients, operations } from './operations.js';
import { tamperingStories } from './tampering.js';

kalshiTypescriptStories();
clobClientStories();
ccxtKalshiStories();
ccxtPolymarketStories();
tamperingStories();

const modules = new URL('../../node_modules/', import.meta.url);

/** Every call that a client has, as its package says. */
const callsOf: Readonly<Record<ClientName, () => readonly string[]>> = {
  'kalshi-typescript': () =>
    Object.entries(kalshiPackage)
      .filter(([name]) => name.endsWith('Api'))
      .flatMap(([, api]) => methodsOf(api)),
  'clob-client-v2': () => methodsOf(ClobClient),
  'ccxt kalshi': () => claimedBy(new ccxt.prediction.kalshi()),
  'ccxt polymarket': () => claimedBy(new ccxt.prediction.polymarket()),
};

function methodsOf(api: unknown): readonly string[] {
  if (typeof api !== 'function') return [];
  const names = Object.getOwnPropertyNames(api.prototype);
  return names.filter((name) => name !== 'constructor');
}

/** The base class has every call; `has` says which of them this venue's class can make. */
function claimedBy({ has }: { readonly has: object }): readonly string[] {
  return Object.entries(has).flatMap(([name, claimed]) => (claimed === true ? [name] : []));
}

describe.each(clients)('the table of %s', (client) => {
  const listed = operations.filter((row) => row.client === client).flatMap(({ calls }) => calls);
  const excepted = exceptions.filter((row) => row.client === client);

  test('has every call of the client, as an operation or as an exception', (context) => {
    const named = new Set([...listed, ...excepted.map(({ call }) => call)]);
    expect(callsOf[client]().filter((call) => !named.has(call))).toEqual([]);
    for (const { call, at, why } of excepted) {
      tellFigures(context, 'conformance: exceptions', { client, call, at, why });
    }
  });

  test('has no call as both', () => {
    expect(excepted.filter(({ call }) => listed.includes(call))).toEqual([]);
  });

  test('names for each exception the line of the package that has it', () => {
    const wrong = excepted.filter(({ call, at }) => {
      const [file = '', line = ''] = at.split(':');
      const text = readFileSync(new URL(file, modules), 'utf8').split('\n')[Number(line) - 1];
      return text?.includes(call) !== true;
    });
    expect(wrong).toEqual([]);
  });
});

test('every operation of the table was driven', () => {
  const missing = operations
    .map(({ client, operation }) => nameOf(client, operation))
    .filter((name) => !driven.has(name));
  expect(missing).toEqual([]);
});
