import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { fastify } from 'fastify';
import type { SimulatedExchange } from '../../simulation/index.js';
import { attachWireFaults, StreamControls } from '../../simulation/index.js';
import type { ReadTerms } from './account-routes.js';
import { accountRoutes } from './account-routes.js';
import type { Call, Handler } from './answer.js';
import { deliver } from './answer.js';
import { batchSize, cancelOrders, createOrders } from './batch-routes.js';
import type { SimulatedKey } from './gate.js';
import { createGate } from './gate.js';
import { marketRoutes } from './market-routes.js';
import { orderGroupRoutes } from './order-group-routes.js';
import { cancelAllOrders, cancelOrder, createOrder } from './order-routes.js';
import { attachStreamServer, STREAM_PATH } from './stream-server.js';
import type { BucketSize, TokenBucket } from './token-bucket.js';
import { createTokenBucket } from './token-bucket.js';
import { errorBody, tooManyRequests, venueError } from './venue-error.js';
import { kalshiWireFront } from './wire-front.js';

export const BASE_PATH = '/trade-api/v2';

export interface KalshiSimulatorOptions {
  /** Whoever opened it advances it; requests advance it too. */
  readonly exchange: SimulatedExchange;
  /** 0 takes a free one. */
  readonly port: number;
  /** The keys that are known, each with the account that it signs for. */
  readonly keys: readonly SimulatedKey[];
  /** Epoch milliseconds by the machine's clock; signatures are checked against it. */
  readonly nowMs?: () => number;
  readonly rates?: Partial<RateTerms>;
  readonly reads?: Partial<ReadTerms>;
}

/** Token buckets per account. The default is the venue's Premier tier (reference/venues.md 1.7). */
export interface RateTerms {
  readonly read: BucketSize;
  readonly write: BucketSize;
}

export interface KalshiSimulator {
  /** For `createKalshiVenue`. */
  readonly url: string;
  /** For the feed and the private stream. */
  readonly wsUrl: string;
  readonly streams: StreamControls;
  close(): Promise<void>;
}

const RATES: RateTerms = {
  read: { tokensPerSecond: 1000, seconds: 1 },
  write: { tokensPerSecond: 1000, seconds: 2 },
};
const READS: ReadTerms = { readLagMs: 0, archiveAfterMs: Number.POSITIVE_INFINITY };

/** What each kind of request costs, in tokens (reference/venues.md 1.7). */
const tokens = { create: 10, cancel: 2, cancelAll: 200, order: 2, read: 10, group: 10 } as const;

/** Kalshi's HTTP and WebSocket protocol in front of a simulated exchange, on 127.0.0.1. */
export async function startKalshiSimulator(
  options: KalshiSimulatorOptions,
): Promise<KalshiSimulator> {
  const { exchange, nowMs: machineMs = Date.now } = options;
  const nowMs = () => machineMs() + exchange.conditions.skewMs;
  const streams = new StreamControls();
  const gate = createGate(options.keys);
  const app = fastify({ forceCloseConnections: true });
  attachWireFaults(app, kalshiWireFront(exchange, options.keys));
  takeEmptyBodies(app);
  addRoutes(app, { ...options, nowMs, gate });
  const server = attachStreamServer(app.server, { exchange, gate, nowMs, streams });
  const origin = await app.listen({ host: '127.0.0.1', port: options.port });
  return {
    url: `${origin}${BASE_PATH}`,
    wsUrl: `${origin.replace(/^http/, 'ws')}${STREAM_PATH}`,
    streams,
    close: async () => {
      server.close();
      await app.close();
    },
  };
}

/** Clients announce JSON on requests without a body too, as on a cancel; the venue takes them. */
function takeEmptyBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    const text = typeof body === 'string' ? body : body.toString();
    if (text === '') done(null, undefined);
    else void parse(request, text, done); // it tells its end by `done`
  });
}

interface Front extends KalshiSimulatorOptions {
  readonly nowMs: () => number;
  readonly gate: ReturnType<typeof createGate>;
}

function addRoutes(app: FastifyInstance, front: Front): void {
  const { exchange, rates } = front;
  const reads = buckets(rates?.read ?? RATES.read);
  const writes = buckets(rates?.write ?? RATES.write);
  const shown = { exchange, terms: { ...READS, ...front.reads } };
  const orders = `${BASE_PATH}/portfolio/events/orders`;
  const order = `${orders}/:order_id`;
  const write = (cost: Price['cost'], handler: Handler) =>
    signed(front, { bucket: writes, cost }, handler);
  app.post(
    orders,
    write(tokens.create, (call) => createOrder(shown, call)),
  );
  app.post(
    `${orders}/batched`,
    write(
      (body) => tokens.create * batchSize(body),
      (call) => createOrders(shown, call),
    ),
  );
  app.delete(
    `${orders}/batched`,
    write(
      (body) => tokens.cancel * batchSize(body),
      (call) => cancelOrders(exchange, call),
    ),
  );
  app.delete(
    order,
    write(tokens.cancel, (call) => cancelOrder(exchange, call)),
  );
  app.delete(
    orders,
    write(tokens.cancelAll, (call) => cancelAllOrders(exchange, call)),
  );
  for (const [path, handler] of Object.entries(accountRoutes(shown))) {
    const cost = path.endsWith('/:order_id') ? tokens.order : tokens.read;
    app.get(`${BASE_PATH}${path}`, signed(front, { bucket: reads, cost }, handler));
  }
  for (const { method, path, handler } of orderGroupRoutes(exchange)) {
    const bucket = method === 'GET' ? reads : writes;
    const cost = tokens.group;
    app.route({
      method,
      url: `${BASE_PATH}${path}`,
      handler: signed(front, { bucket, cost }, handler),
    });
  }
  for (const [path, handler] of Object.entries(marketRoutes(exchange))) {
    app.get(`${BASE_PATH}${path}`, open(front, handler));
  }
  app.setNotFoundHandler((_, reply) =>
    reply.status(404).send(errorBody(venueError(404, 'not_found', 'no such endpoint'))),
  );
  app.setErrorHandler((error: Error & { readonly statusCode?: number }, _, reply) => {
    const status = error.statusCode ?? 500;
    const code = status < 500 ? 'invalid_parameters' : 'internal_server_error';
    return reply.status(status).send(errorBody(venueError(status, code, error.message)));
  });
}

type FastifyHandler = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

interface Price {
  readonly bucket: (account: string) => TokenBucket;
  /** Tokens; a batch costs by what it names. */
  readonly cost: number | ((body: unknown) => number);
}

/** Who signed, whether the account has the tokens, and only then what was asked. */
function signed(front: Front, { bucket, cost }: Price, handler: Handler): FastifyHandler {
  const { exchange, gate, nowMs } = front;
  return async (request, reply) => {
    const { method, url, headers } = request;
    const admitted = gate({ method, url, headers, nowMs: nowMs() });
    if (admitted.kind === 'refused') {
      const error = venueError(401, 'authentication_error', admitted.reason);
      await reply.status(401).send(errorBody(error));
      return;
    }
    const price = typeof cost === 'number' ? cost : cost(request.body);
    if (!bucket(admitted.account).take(price, nowMs())) {
      await reply.status(429).send(tooManyRequests);
      return;
    }
    exchange.advance();
    await deliver(reply, handler(callOf(request, admitted.account)));
  };
}

function open({ exchange }: Front, handler: Handler): FastifyHandler {
  return async (request, reply) => {
    exchange.advance();
    await deliver(reply, handler(callOf(request, '')));
  };
}

function callOf(request: FastifyRequest, account: string): Call {
  const query = request.query as Call['query']; // fastify's own parser: names to strings
  const params = request.params as Call['params']; // as above
  return { account, query, params, body: request.body };
}

function buckets(size: BucketSize): (account: string) => TokenBucket {
  const byAccount = new Map<string, TokenBucket>();
  return (account) => {
    const bucket = byAccount.get(account) ?? createTokenBucket(size);
    byAccount.set(account, bucket);
    return bucket;
  };
}
