import { expect, type TestContext, test } from 'vitest';
import { tellFigures } from '../support/figures.js';
import { type ClientName, operations } from './operations.js';

/** Operations whose story has been played to its end, as "client: operation". */
export const driven = new Set<string>();
export const nameOf = (client: ClientName, operation: string): string => `${client}: ${operation}`;

let calls = new Set<string>();

/** The client itself; every method that is called on it is noted by name. */
export function noted<Client extends object>(client: Client): Client {
  return new Proxy(client, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        calls.add(String(name));
        return value.apply(target, args);
      };
    },
  });
}

export interface Open {
  readonly close: () => Promise<void>;
}

/**
 * Registers the story of one operation: a venue is opened for it, and it counts as driven when the
 * story holds and every call that the table names for it was made.
 */
export function driveWith<At extends Open>(client: ClientName, open: () => Promise<At>) {
  return (operation: string, story: (at: At, context: TestContext) => Promise<void>): void => {
    test(operation, async (context) => {
      const row = operations.find((one) => one.client === client && one.operation === operation);
      expect(row, `${operation} is in the table`).toBeDefined();
      tellFigures(context, 'conformance', { client, operation });
      calls = new Set();
      const at = await open();
      try {
        await story(at, context);
      } finally {
        await at.close();
      }
      expect([...calls]).toEqual(expect.arrayContaining([...(row?.calls ?? [])]));
      driven.add(nameOf(client, operation));
    });
  };
}
