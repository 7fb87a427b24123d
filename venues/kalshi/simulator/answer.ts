import type { FastifyReply } from 'fastify';
import type { Delivery } from '../../simulation/index.js';
import type { VenueError } from './venue-error.js';
import { errorBody } from './venue-error.js';

/** A request that was let in. */
export interface Call {
  readonly account: string;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly params: Readonly<Record<string, string | undefined>>;
  readonly body: unknown;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** Prompt unless told. */
  readonly delivery?: Delivery;
}

export type Handler = (call: Call) => Answer;

export const answer = (body: unknown, status = 200): Answer => ({ status, body });
export const errorAnswer = (error: VenueError): Answer => answer(errorBody(error), error.status);

/** Answers at once, late, or never: then the connection stays open until somebody gives up. */
export async function deliver(reply: FastifyReply, { status, body, delivery }: Answer) {
  if (delivery?.kind === 'never') {
    reply.hijack();
    return;
  }
  if (delivery?.kind === 'late') await pause(delivery.afterMs);
  await reply.status(status).send(body);
}

/** An answer that nobody waits for any more must not keep a process alive. */
async function pause(afterMs: number): Promise<void> {
  await new Promise<void>((resolve) => {
    setTimeout(resolve, afterMs).unref();
  });
}
