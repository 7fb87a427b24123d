import type { FastifyReply, FastifyRequest } from 'fastify';
import type { SimulatedExchange } from '../../simulation/index.js';
import type { ExchangeContracts } from '../contracts.js';
import type { ApiKeys } from './api-keys.js';
import { authenticated, type SimulatedAccount } from './desk-accounts.js';
import type { RowWriter } from './rows.js';

/** What the routes of a simulator work with. */
export interface VenueFront extends RowWriter {
  readonly exchange: SimulatedExchange;
  readonly contracts: ExchangeContracts;
  readonly keys: ApiKeys;
  readonly toleranceMs: number;
  /** Answers that are held back; the timers end with the simulator. */
  readonly later: (run: () => void, afterMs: number) => void;
}

export type SignedHandler = (
  who: SimulatedAccount,
  request: FastifyRequest,
  reply: FastifyReply,
) => unknown;

/** A route behind L2 authentication. */
export function signedRoute({ exchange, accounts, keys, toleranceMs }: VenueFront) {
  return (handler: SignedHandler) => async (request: FastifyRequest, reply: FastifyReply) => {
    const { method, url, headers } = request;
    const arrived = { method, url, headers, body: textOf(request) };
    const who = authenticated(accounts, arrived, {
      nowMs: exchange.conditions.clockMs,
      toleranceMs,
    });
    if (!who || !keys.isInForce(who.account))
      return reply.code(401).send({ error: 'Unauthorized/Invalid api key' });
    return handler(who, request, reply);
  };
}

/** The bytes as they came, UTF-8. */
export function textOf({ body }: FastifyRequest): string {
  return typeof body === 'string' ? body : '';
}
