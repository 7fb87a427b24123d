import type { Pair, VenueName } from '../../domain/index.js';
import { money } from '../../domain/index.js';
import {
  createKalshiCredentials,
  createPolymarketCredentials,
  type KalshiCredentials,
} from '../../venues/index.js';
import {
  createAuthority,
  createFaults,
  createMarketScript,
  memoryLedger,
  type OpenExchange,
  openExchange,
  type ServerCertificate,
  type StreamControls,
  simulatedPairs,
  startTlsFront,
  venueRules,
} from '../../venues/simulation/index.js';
import { startKalshiSimulator, startPolymarketSimulator } from '../../venues/simulators.js';

const SEED = 7;
const ACCOUNT = 'main';
const STEP_MS = 250;

/** One venue of the world, as its clients meet it. */
export interface QuietVenue {
  /** Without TLS, for the feeds of TypeScript. */
  readonly wsUrl: string;
  /** Where it is met by TLS, on 127.0.0.1. */
  readonly tlsPort: number;
  readonly streams: StreamControls;
  close(): Promise<void>;
}

/** Both venues with every pair of theirs, by TLS too, in a world whose time stands still. */
export interface QuietWorld {
  readonly pairs: readonly Pair[];
  readonly kalshi: QuietVenue;
  readonly polymarket: QuietVenue;
  readonly credentials: KalshiCredentials;
  /** What a client by TLS has to trust. */
  readonly rootsPem: string;
  /** Lets so many quarters of a second pass; prices move with them. */
  goOn(steps: number): Promise<void>;
  close(): Promise<void>;
}

interface Clock {
  nowMs: number;
}

interface Terms {
  readonly exchange: OpenExchange;
  readonly certificate: ServerCertificate;
}

export async function openQuietWorld(): Promise<QuietWorld> {
  const clock = { nowMs: Date.now() };
  const startedAtMs = clock.nowMs;
  const credentials = createKalshiCredentials();
  const authority = createAuthority('the venues of this test');
  const certificate = authority.issue('a venue');
  const exchanges = [openVenue('kalshi', clock), openVenue('polymarket', clock)] as const;
  const kalshi = await kalshiOf({ exchange: exchanges[0], certificate }, credentials);
  const polymarket = await polymarketOf({ exchange: exchanges[1], certificate });
  return {
    pairs: simulatedPairs({ seed: SEED, startedAtMs, nowMs: startedAtMs }),
    ...{ kalshi, polymarket, credentials, rootsPem: authority.certificatePem },
    goOn: async (steps) => {
      for (let step = 0; step < steps; step += 1) {
        clock.nowMs += STEP_MS;
        for (const exchange of exchanges) exchange.advance();
        await new Promise((resolve) => setImmediate(resolve)); // what was sent is on its way
      }
    },
    close: async () => {
      await Promise.all([kalshi.close(), polymarket.close()]);
      for (const exchange of exchanges) exchange.close();
    },
  };
}

function openVenue(venue: VenueName, clock: Clock): OpenExchange {
  const listing = { seed: SEED, startedAtMs: clock.nowMs };
  return openExchange({
    ...{ venue, seed: SEED, now: () => clock.nowMs, ledger: memoryLedger() },
    accounts: [{ account: ACCOUNT, cash: money('1000') }],
    script: createMarketScript({ listing, venue }),
    faults: createFaults({ seed: SEED, profile: 'none' }),
    rules: venueRules[venue],
  });
}

async function kalshiOf(terms: Terms, credentials: KalshiCredentials): Promise<QuietVenue> {
  const { keyId, publicKeyPem } = credentials;
  const keys = [{ account: ACCOUNT, keyId, publicKeyPem }];
  return byTls(await startKalshiSimulator({ exchange: terms.exchange, port: 0, keys }), terms);
}

async function polymarketOf(terms: Terms): Promise<QuietVenue> {
  const accounts = [{ account: ACCOUNT, credentials: createPolymarketCredentials(ACCOUNT) }];
  const { exchange } = terms;
  return byTls(await startPolymarketSimulator({ exchange, port: 0, accounts }), terms);
}

interface Simulator {
  readonly wsUrl: string;
  readonly streams: StreamControls;
  close(): Promise<void>;
}

async function byTls(simulator: Simulator, { certificate }: Terms): Promise<QuietVenue> {
  const { wsUrl, streams } = simulator;
  const venuePort = Number(new URL(wsUrl).port);
  const front = await startTlsFront({ port: 0, venuePort, certificate });
  const close = async () => {
    await front.close();
    await simulator.close();
  };
  return { wsUrl, streams, tlsPort: Number(new URL(front.url).port), close };
}
