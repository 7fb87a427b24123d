import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import fastify from 'fastify';
import { WebSocketServer } from 'ws';
import {
  attachWireFaults,
  type SimulatedExchange,
  StreamControls,
} from '../../simulation/index.js';
import { type ExchangeContracts, polygonContracts } from '../contracts.js';
import { createApiKeys } from './api-keys.js';
import { addAuthRoutes } from './auth-routes.js';
import { addCatalogRoutes } from './catalog-routes.js';
import { type Channel, serve } from './channel.js';
import type { SimulatedAccount } from './desk-accounts.js';
import { createListing } from './listing.js';
import { createMarketChannel } from './market-channel.js';
import { addOrderRoutes } from './order-routes.js';
import { addPriceRoutes } from './price-routes.js';
import { addPublicRoutes } from './public-routes.js';
import { addReadRoutes } from './read-routes.js';
import { createUserChannel } from './user-channel.js';
import type { VenueFront } from './venue-front.js';
import { polymarketWireFront } from './wire-front.js';

export interface PolymarketSimulatorOptions {
  /** Whoever opened it also calls its `advance`, and closes it after the simulator. */
  readonly exchange: SimulatedExchange;
  readonly accounts: readonly SimulatedAccount[];
  /** 0 for any that is free. */
  readonly port: number;
  readonly contracts?: ExchangeContracts;
  /** How far a request's stamp may lie from the exchange's clock, milliseconds. */
  readonly toleranceMs?: number;
}

/** A venue that answers on 127.0.0.1. */
export interface PolymarketSimulator {
  /** Of the CLOB and of the data API. */
  readonly url: string;
  readonly wsUrl: string;
  readonly streams: StreamControls;
  close(): Promise<void>;
}

/** Polymarket's protocol, over HTTP and WebSocket, in front of a simulated exchange. */
export async function startPolymarketSimulator(
  options: PolymarketSimulatorOptions,
): Promise<PolymarketSimulator> {
  const { exchange, contracts = polygonContracts, toleranceMs = 60_000 } = options;
  const keys = createApiKeys(options.accounts);
  const { accounts } = keys;
  const timers = new Set<NodeJS.Timeout>();
  const listing = createListing(exchange);
  const front: VenueFront = {
    ...{ exchange, accounts, keys, contracts, toleranceMs, listing },
    later: (run, afterMs) => {
      const timer = setTimeout(() => {
        timers.delete(timer);
        run();
      }, afterMs);
      timers.add(timer);
    },
  };
  const app = fastify({ forceCloseConnections: true, bodyLimit: 1_048_576 });
  app.removeAllContentTypeParsers();
  // The signature covers the bytes, so nothing may parse them before it is checked.
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  attachWireFaults(app, polymarketWireFront(front));
  addAuthRoutes(app, front);
  addOrderRoutes(app, front);
  addReadRoutes(app, front);
  addPublicRoutes(app, front);
  addPriceRoutes(app, front);
  addCatalogRoutes(app, front);
  await app.listen({ host: '127.0.0.1', port: options.port });

  const marketChannel = createMarketChannel(exchange, listing);
  const userChannel = createUserChannel(exchange, front);
  const streams = new StreamControls();
  const channels = { '/ws/market': marketChannel, '/ws/user': userChannel };
  const sockets = serveSockets(app.server, { channels, streams, exchange });
  const { port } = app.server.address() as AddressInfo; // it listens on TCP
  return {
    url: `http://127.0.0.1:${port}`,
    wsUrl: `ws://127.0.0.1:${port}`,
    streams,
    close: async () => {
      for (const timer of timers) clearTimeout(timer);
      for (const open of [marketChannel, userChannel, listing]) open.close();
      streams.close();
      sockets.close();
      await app.close();
    },
  };
}

interface Sockets {
  readonly channels: Readonly<Record<string, Channel>>;
  readonly streams: StreamControls;
  readonly exchange: SimulatedExchange;
}

function serveSockets(server: Server, { channels, streams, exchange }: Sockets): WebSocketServer {
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy()); // who is refused may hang up before it has read that
    const { outage } = exchange.conditions;
    if (outage !== undefined) exchange.faults.script.count('outage_stream_met');
    if (outage === 'refused') socket.destroy();
    if (outage === 'silent') streams.leaveUnanswered(socket);
    if (outage !== undefined) return;
    const [path = ''] = (request.url ?? '').split('?');
    const channel = channels[path];
    if (!channel) {
      socket.destroy();
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => serve(client, channel, streams));
  });
  return sockets;
}
