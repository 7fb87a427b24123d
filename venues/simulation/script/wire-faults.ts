import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { SimulatedExchange } from '../exchange.js';
import type { VenueState } from './conditions.js';
import type { FaultScript } from './fault-script.js';
import type { Subject } from './rule.js';

/** An answer in the venue's own words. */
export interface WireAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** What a request is about, as far as rules ask; whose front it is knows its protocol. */
export type RequestSubject = Omit<Subject, 'atMs'> & { readonly isPostOnly?: boolean };

/** How one venue's protocol is disturbed. */
export interface WireFront {
  readonly exchange: SimulatedExchange;
  /** `undefined` for what no account asked for: market data, time. */
  subjectOf(request: FastifyRequest): RequestSubject | undefined;
  /** A row of the venue's table of answers by its name; `undefined`: there is none. */
  answerNamed(name: string, request: FastifyRequest): WireAnswer | undefined;
  /** How the venue refuses an operation in that state; `undefined`: it does not. */
  answerIn(state: VenueState, subject: RequestSubject): WireAnswer | undefined;
  /** Names of the fields that tell an order's id. */
  readonly idFields: readonly string[];
}

/** On a request that something on the way has sent again. */
const AGAIN = 'x-simulator-again';
const UNAUTHORIZED = 401;
const BAD_GATEWAY = '<html><body>502 Bad Gateway</body></html>';

/**
 * Stands in front of a simulator's whole HTTP. Before the venue's rules: outages, states of the
 * venue, and faults that keep a request from being done; after them: what becomes of the answer.
 */
export function attachWireFaults(app: FastifyInstance, front: WireFront): void {
  const { conditions, faults } = front.exchange;
  const { script } = faults;
  const subjects = new WeakMap<FastifyRequest, Subject>();
  app.addHook('onRequest', async (request, reply) => {
    if (conditions.outage === undefined) return undefined;
    script.count('outage_met');
    return isSilentOutage(front) ? silence(reply) : reset(request, reply);
  });
  app.addHook('preHandler', async (request, reply) => {
    const told = front.subjectOf(request);
    if (!told) return undefined;
    const subject = { ...told, atMs: front.exchange.now() };
    const refused = refusedByState(front, told);
    if (refused) return answer(reply, refused);
    if (request.headers[AGAIN] !== undefined) return undefined;
    subjects.set(request, subject);
    return before(app, front, { request, reply, subject });
  });
  app.addHook('onSend', async (request, reply, payload) => {
    const { skewMs } = conditions;
    const subject = subjects.get(request);
    if (skewMs !== 0) {
      reply.header('date', new Date(Date.now() + skewMs).toUTCString());
      const isBelieved = reply.statusCode !== UNAUTHORIZED;
      if (subject) script.count(isBelieved ? 'skew_clock_met' : 'skew_clock_refused');
    }
    if (!subject || typeof payload !== 'string') return payload;
    return after(front, { request, reply, subject }, payload);
  });
}

interface Exchanged {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly subject: Subject;
}

async function before(app: FastifyInstance, front: WireFront, at: Exchanged) {
  const { request, reply, subject } = at;
  const { script } = front.exchange.faults;
  const refused = script.strike('refuse', subject);
  if (refused) return answer(reply, named(front, request, refused.answer));
  const undone = { ...subject, at: 'before' } as const;
  if (script.strike('reset', undone)) return reset(request, reply);
  if (script.strike('no_answer', undone)) return silence(reply);
  const status = script.strike('answer_status', undone);
  if (status) return answer(reply, { status: status.status, body: {} });
  const twice = script.strike('sent_twice', subject);
  if (twice) await sendAgain(app, request);
  if (twice?.afterMs !== undefined) await pause(twice.afterMs);
  return undefined;
}

async function after(front: WireFront, at: Exchanged, payload: string): Promise<string> {
  const { request, reply, subject } = at;
  const { script } = front.exchange.faults;
  const done = { ...subject, at: 'after' } as const;
  const late = script.strike('late_answer', subject);
  if (late) await pause(late.afterMs);
  if (script.strike('reset', done)) return never(() => request.raw.socket.destroy());
  if (script.strike('no_answer', done)) return never(() => undefined);
  const status = script.strike('answer_status', done);
  if (status) {
    reply.code(status.status);
    return '{}';
  }
  if (script.strike('unreadable_answer', subject)) return BAD_GATEWAY;
  if (script.strike('answer_without_id', subject)) return withoutFields(payload, front.idFields);
  return disturbedPage(script, subject, payload);
}

function disturbedPage(script: FaultScript, subject: Subject, payload: string): string {
  const isRepeated = script.strike('rows_repeated', subject) !== undefined;
  const isReversed = script.strike('rows_reversed', subject) !== undefined;
  if (!isRepeated && !isReversed) return payload;
  return withRows(payload, (rows) => {
    // A page on which it changes nothing has not met it.
    if (isRepeated && rows.length > 0) script.count('rows_repeated_met');
    if (isReversed && rows.length > 1) script.count('rows_reversed_met');
    const told = isRepeated ? [...rows, ...rows] : rows;
    return isReversed ? told.toReversed() : told;
  });
}

function refusedByState(front: WireFront, subject: RequestSubject): WireAnswer | undefined {
  const { conditions, faults } = front.exchange;
  const { state } = conditions;
  const refused = state && front.answerIn(state, subject);
  if (refused) faults.script.count(state);
  return refused;
}

function named(front: WireFront, request: FastifyRequest, name: string): WireAnswer {
  const found = front.answerNamed(name, request);
  if (!found) throw new Error(`${front.exchange.venue} has no answer ${name}`);
  return found;
}

/** The first of two: its answer goes nowhere. */
async function sendAgain(app: FastifyInstance, request: FastifyRequest): Promise<void> {
  const { body, method, url } = request;
  const payload = typeof body === 'string' ? body : JSON.stringify(body);
  const headers = { ...request.headers, [AGAIN]: '1' };
  delete headers['content-length'];
  await app.inject({ method: method as 'POST', url, headers, payload }); // it has a body: a POST
}

function answer(reply: FastifyReply, { status, body }: WireAnswer): FastifyReply {
  return reply.code(status).type('application/json').send(JSON.stringify(body));
}

function reset(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  request.raw.socket.destroy();
  return silence(reply);
}

function silence(reply: FastifyReply): FastifyReply {
  reply.hijack();
  return reply;
}

const isSilentOutage = ({ exchange }: WireFront): boolean =>
  exchange.conditions.outage === 'silent';

/** The connection ends with the simulator, or with the client's patience. */
function never(first: () => void): Promise<never> {
  first();
  return new Promise(() => undefined);
}

async function pause(ms: number): Promise<void> {
  await new Promise<void>((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}

function withoutFields(payload: string, fields: readonly string[]): string {
  const isId = new Set(fields);
  const told: unknown = JSON.parse(payload);
  return JSON.stringify(told, (key, value: unknown) => (isId.has(key) ? undefined : value));
}

/** Every list of a page, whatever it is called. */
function withRows(payload: string, change: (rows: readonly unknown[]) => readonly unknown[]) {
  const page: unknown = JSON.parse(payload);
  if (typeof page !== 'object' || page === null) return payload;
  const fields: readonly (readonly [string, unknown])[] = Object.entries(page);
  const changed = fields.map(([name, value]) => [
    name,
    Array.isArray(value) ? change(value) : value,
  ]);
  return JSON.stringify(Object.fromEntries(changed));
}
