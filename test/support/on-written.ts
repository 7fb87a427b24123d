import { subscribe } from 'node:diagnostics_channel';
import type { AnyPoint, AnyReached, SentPoint } from './fire-points.js';

/**
 * Tells when the last byte of a request was handed to its socket, by the diagnostics channels that
 * undici publishes on. Nothing is told of a request that has to wait for a connection: whoever must
 * know then takes the answer for it.
 */
export function withOnWritten<T>(onWritten: () => void, send: () => T): T {
  listen();
  creating = onWritten;
  try {
    return send(); // a request on a free connection is created in this very call
  } finally {
    creating = undefined;
  }
}

/** What is said right before an exit is written, and what its socket knows after that. */
const sentAfter: Partial<Record<AnyPoint, SentPoint>> = {
  'exit: recorded, nothing sent': 'exit: sent, no answer',
  'custody exit: recorded, nothing sent': 'custody exit: sent, no answer',
};

/** A hook that is also told of an exit that was sent: of the order that is written in the same turn. */
export function withSentExits(reached: AnyReached): AnyReached {
  return (point, about) => {
    reached(point, about);
    const sent = sentAfter[point];
    if (sent === undefined) return;
    listen();
    const onWritten = (): void => reached(sent, about);
    creating = onWritten;
    queueMicrotask(() => {
      if (creating === onWritten) creating = undefined;
    });
  };
}

let creating: (() => void) | undefined;
const waiting = new WeakMap<object, () => void>();
let isListening = false;

function listen(): void {
  if (isListening) return;
  isListening = true;
  subscribe('undici:request:create', (message) => {
    const request = requestOf(message);
    if (request && creating) waiting.set(request, creating);
  });
  subscribe('undici:request:bodySent', (message) => {
    const request = requestOf(message);
    if (request) waiting.get(request)?.();
  });
}

function requestOf(message: unknown): object | undefined {
  if (typeof message !== 'object' || message === null || !('request' in message)) return undefined;
  const { request } = message;
  return typeof request === 'object' && request !== null ? request : undefined;
}
