import { subscribe } from 'node:diagnostics_channel';

/**
 * Tells when the last byte of a request was handed to its socket, by the diagnostics channels that
 * undici publishes on. Nothing is told of a request that has to wait for a connection: whoever must
 * know then takes the answer for it.
 */
export function withOnWritten<T>(onWritten: (() => void) | undefined, send: () => T): T {
  if (!onWritten) return send();
  listen();
  creating = onWritten;
  try {
    return send(); // a request on a free connection is created in this very call
  } finally {
    creating = undefined;
  }
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
