import { Chain, OrderType } from '@polymarket/clob-client-v2';
import fc from 'fast-check';
import { describe, expect } from 'vitest';
import { ccxtKalshi } from './ccxt-kalshi.js';
import { ccxtPolymarket } from './ccxt-polymarket.js';
import { clobClient, type Posted, said as sayShares } from './clob-client.js';
import { driveWith, type Open } from './driven.js';
import { kalshiClient, said as sayContracts } from './kalshi-typescript.js';
import * as kalshi from './kalshi-venue.js';
import type { ClientName } from './operations.js';
import * as polymarket from './polymarket-venue.js';
import { type Crossing, openTap, withChangedByte } from './wire-tap.js';

/** How many changed requests each property tries; fast-check prints the seed of one that fails. */
const RUNS = 40;

export function tamperingStories(): void {
  describe('what was changed, is stale, or is not meant for this venue', () => {
    kalshiStories();
    polymarketStories();
  });
}

/** A part of a request that its signature covers. */
type Part = 'path' | 'body' | `header ${string}`;

/** One character of one of the parts is another; everything else crosses as it was sent. */
function changed(crossing: Crossing, part: Part, at: number): Crossing {
  if (part === 'body') return { ...crossing, body: withChangedByte(crossing.body, at) };
  if (part === 'path') {
    const [path = '', query] = crossing.path.split('?');
    const bent = `/${withChangedByte(path.slice(1), at)}`;
    return { ...crossing, path: query === undefined ? bent : `${bent}?${query}` };
  }
  const name = part.slice('header '.length);
  const { headers } = crossing;
  const { [name]: value = '' } = headers;
  expect(value, `${name} is sent`).not.toBe('');
  return { ...crossing, headers: { ...headers, [name]: withChangedByte(value, at) } };
}

interface Tampered {
  readonly venueUrl: string;
  readonly parts: readonly Part[];
  /** Makes the client send one request to that address; what it makes of the answer is its own. */
  readonly send: (url: string) => Promise<unknown>;
}

/** The request is taken as it is sent, and refused with any one byte changed. */
async function refusesChanges({ venueUrl, parts, send }: Tampered): Promise<void> {
  const tap = await openTap(venueUrl);
  try {
    await send(tap.url);
    expect(tap.statuses.at(-1), 'unchanged').toBeLessThan(300);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...parts), fc.nat(100_000), async (part, at) => {
        tap.alter = (crossing) => changed(crossing, part, at);
        await send(tap.url).catch(() => undefined); // some clients throw what they were answered
        expect(tap.statuses.at(-1)).toBeGreaterThanOrEqual(400);
        expect(tap.statuses.at(-1)).toBeLessThan(500);
      }),
      { numRuns: RUNS },
    );
  } finally {
    await tap.close();
  }
}

const kalshiHeaders = ['key', 'timestamp', 'signature'] as const;
const kalshiParts: readonly Part[] = [
  'path',
  ...kalshiHeaders.map((name) => `header kalshi-access-${name}` as const),
];

function kalshiStories(): void {
  const clients = {
    'kalshi-typescript': (url: string, credentials = kalshi.desk) => {
      const { portfolio } = kalshiClient(url, credentials);
      return portfolio.getBalance();
    },
    'ccxt kalshi': (url: string, credentials = kalshi.desk) =>
      ccxtKalshi(url, credentials).fetchBalance(),
  } as const;

  for (const client of ['kalshi-typescript', 'ccxt kalshi'] as const) {
    const drives = driveWith(client, kalshi.openKalshi);
    const read = clients[client];
    drives('a changed byte is refused', async (at) => {
      await refusesChanges({ venueUrl: at.url, parts: kalshiParts, send: (url) => read(url) });
    });
    drives('a wrong key is refused', async (at) => {
      await expect(read(at.url, kalshi.stranger)).rejects.toThrow();
      const mixed = { ...kalshi.rival, keyId: kalshi.desk.keyId };
      await expect(read(at.url, mixed)).rejects.toThrow();
      await expect(read(at.url)).resolves.toBeDefined();
    });
    // Demo and production each have their own: no signature says which host it is for.
    drives('a key of another host is refused', async (at) => {
      await refusedElsewhere(at, kalshi.openKalshi({ desk: kalshi.stranger }), read);
    });
    drives('a request signed below another base path is refused', async (at) => {
      await refusedBelow('/trade-api/v3', at.url, read);
    });
    drives('a stale timestamp is refused', async (at) => {
      await refusedElsewhere(at, kalshi.openKalshi({ skewMs: 60_000 }), read);
      await refusedElsewhere(at, kalshi.openKalshi({ skewMs: -60_000 }), read);
    });
  }

  driveWith('kalshi-typescript', kalshi.openKalshi)(
    'an order with a changed byte is refused',
    async (at) => {
      let count = 0;
      await refusesChanges({
        venueUrl: at.url,
        parts: kalshiParts,
        send: (url) => {
          count += 1;
          const order = sayContracts('bid 1 @ 0.40', { client_order_id: `order-${count}` });
          return kalshiClient(url).orders.createOrderV2(order);
        },
      });
      expect(at.exchange.orders({ account: 'desk' })).toHaveLength(1);
    },
  );
}

interface At extends Open {
  readonly url: string;
}

/** What is taken here is refused there. */
async function refusedElsewhere(
  here: At,
  opening: Promise<At>,
  send: (url: string) => Promise<unknown>,
): Promise<void> {
  const there = await opening;
  try {
    await expect(send(here.url)).resolves.toBeDefined();
    await expect(send(there.url)).rejects.toThrow();
  } finally {
    await there.close();
  }
}

/**
 * A gateway serves the venue below another path: what arrives is what the venue expects, and what was
 * signed is not. Below the venue's own path the same gateway changes nothing.
 */
async function refusedBelow(
  otherPath: string,
  venueUrl: string,
  send: (url: string) => Promise<unknown>,
): Promise<void> {
  const tap = await openTap(venueUrl);
  const { origin, pathname } = new URL(tap.url);
  const toVenue = ({ path }: Crossing) => path.replace(otherPath, pathname);
  tap.alter = (crossing) => ({ ...crossing, path: toVenue(crossing) });
  try {
    await expect(send(tap.url)).resolves.toBeDefined();
    await expect(send(`${origin}${otherPath}`)).rejects.toThrow();
    expect(tap.statuses).toEqual([200, 401]);
  } finally {
    await tap.close();
  }
}

/** What was signed for one of the venue's paths comes to another one, which is there as well. */
async function refusedAt(
  otherPath: string,
  venueUrl: string,
  send: (url: string) => Promise<unknown>,
): Promise<void> {
  const tap = await openTap(venueUrl);
  try {
    await expect(send(tap.url)).resolves.toBeDefined();
    expect(tap.statuses.at(-1)).toBe(200);
    tap.alter = (crossing) => ({ ...crossing, path: otherPath });
    await send(tap.url).catch(() => undefined); // some clients throw what they were answered
    expect(tap.statuses.at(-1)).toBe(401);
  } finally {
    await tap.close();
  }
}

const l2Parts: readonly Part[] = [
  'path',
  ...['address', 'api_key', 'passphrase', 'timestamp', 'signature'].map(
    (name) => `header poly_${name}` as const,
  ),
];
const l1Parts: readonly Part[] = ['address', 'signature', 'timestamp', 'nonce'].map(
  (name) => `header poly_${name}` as const,
);

function polymarketStories(): void {
  const clients = {
    'clob-client-v2': async (url: string, credentials = polymarket.desk) => {
      const answer: unknown = await clobClient(url, { credentials }).getApiKeys();
      if (!('apiKeys' in Object(answer))) throw new Error(JSON.stringify(answer));
      return answer;
    },
    'ccxt polymarket': (url: string, credentials = polymarket.desk) => {
      const client = ccxtPolymarket(url, credentials, l2Of(credentials));
      return client.fetchBalance();
    },
  } as const;

  for (const client of ['clob-client-v2', 'ccxt polymarket'] as const) {
    const drives = driveWith(client, polymarket.openPolymarket);
    const read = clients[client];
    drives('a changed byte is refused', async (at) => {
      await refusesChanges({ venueUrl: at.url, parts: l2Parts, send: (url) => read(url) });
    });
    drives('a wrong key is refused', async (at) => {
      await expect(read(at.url, polymarket.stranger)).rejects.toThrow();
      const { secret, passphrase, address, privateKey } = polymarket.rival;
      const { desk } = polymarket;
      await expect(read(at.url, { ...desk, secret })).rejects.toThrow();
      await expect(read(at.url, { ...desk, passphrase })).rejects.toThrow();
      await expect(read(at.url, { ...desk, address, privateKey })).rejects.toThrow();
      await expect(read(at.url)).resolves.toBeDefined();
    });
    drives('a request signed for another path is refused', async (at) => {
      await refusedAt('/data/orders', at.url, read);
    });
    drives('a key of another host is refused', async (at) => {
      const elsewhere = polymarket.openPolymarket({ desk: polymarket.stranger });
      await refusedElsewhere(at, elsewhere, read);
    });
    drives('a stale timestamp is refused', async (at) => {
      await refusedElsewhere(at, polymarket.openPolymarket({ skewMs: 600_000 }), read);
      await refusedElsewhere(at, polymarket.openPolymarket({ skewMs: -600_000 }), read);
    });
  }
  orders();
  wallets();
}

/** The client's own place for an API key that it was given and did not derive. */
function l2Of({ apiKey, secret, passphrase }: typeof polymarket.desk) {
  return { l2ApiKey: apiKey, l2Secret: secret, l2Passphrase: passphrase };
}

function orders(): void {
  const drives = driveWith('clob-client-v2', polymarket.openPolymarket);
  const place = async (
    url: string,
    { chain = Chain.POLYGON, negRisk = false }: SignedFor = {},
  ): Promise<Posted> => {
    const client = clobClient(url, { chain });
    const options = { tickSize: '0.01', negRisk, version: 2 } as const;
    const signed = await client.createOrder(sayShares('BUY 5 @ 0.4'), options);
    return client.postOrder(signed, OrderType.GTC);
  };

  drives('an order with a changed byte is refused', async (at) => {
    const parts: readonly Part[] = [...l2Parts, 'body', 'body', 'body'];
    await refusesChanges({ venueUrl: at.url, parts, send: bothSigned(place) });
    expect(at.exchange.orders({ account: 'desk' })).toHaveLength(1);
  });

  drives('an order with a changed field is refused, though the request is signed', async (at) => {
    const client = clobClient(at.url);
    const signed = await client.createOrder(sayShares('BUY 5 @ 0.4'), { tickSize: '0.01' });
    const fields = ['salt', 'makerAmount', 'takerAmount', 'timestamp', 'signature'] as const;
    const others = {
      tokenId: polymarket.yesOf('negRisk'),
      side: 'SELL',
      builder: `0x${'11'.repeat(32)}`,
    };
    const variants = [
      ...fields.map((field) => ({ ...signed, [field]: withChangedByte(textOf(signed[field]), 2) })),
      ...Object.entries(others).map(([field, value]) => ({ ...signed, [field]: value })),
    ];
    for (const variant of variants) {
      const answer: Posted = await client.postOrder(variant); // one field is wrong
      expect(answer.error, JSON.stringify(variant)).toBe('invalid signature');
    }
    expect(at.exchange.orders({ account: 'desk' })).toHaveLength(0);
    expect(await client.postOrder(signed)).toMatchObject({ success: true });
  });

  drives('an order for another chain is refused', async (at) => {
    const chain = Chain.AMOY;
    expect(await place(at.url, { chain })).toMatchObject({ error: 'invalid signature' });
    expect(await place(at.url)).toMatchObject({ success: true });
  });

  drives('an order for another exchange contract is refused', async (at) => {
    const negRisk = true;
    expect(await place(at.url, { negRisk })).toMatchObject({ error: 'invalid signature' });
    expect(await place(at.url)).toMatchObject({ success: true });
  });

  driveWith('ccxt polymarket', polymarket.openPolymarket)(
    'an order for another chain is refused',
    async (at) => {
      const placeOn = (chainId: Chain) => {
        const client = ccxtPolymarket(at.url, polymarket.desk, { chainId });
        return client.createOrder(polymarket.yesOf('standard'), 'limit', 'buy', 5, 0.4);
      };
      await expect(placeOn(Chain.AMOY)).rejects.toThrow(/invalid signature/);
      await expect(placeOn(Chain.POLYGON)).resolves.toMatchObject({ status: 'open' });
    },
  );

  drives("the venue's own time is taken", async () => {
    const ahead = await polymarket.openPolymarket({ skewMs: 600_000 });
    try {
      const client = clobClient(ahead.url, { useServerTime: true });
      expect(await client.getApiKeys()).toMatchObject({ apiKeys: [polymarket.desk.apiKey] });
    } finally {
      await ahead.close();
    }
  });
}

/** The domain of an order's signature: the chain, and which of its exchange contracts. */
interface SignedFor {
  readonly chain?: Chain;
  readonly negRisk?: boolean;
}

/** The client types the fields by the widest of them; those that are changed are texts. */
function textOf(field: unknown): string {
  if (typeof field !== 'string') throw new Error('the field is no text');
  return field;
}

/** The client does not throw what the venue refuses; a story wants to see it thrown. */
function bothSigned(place: (url: string) => Promise<Posted>) {
  return async (url: string): Promise<Posted> => {
    const answer = await place(url);
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer;
  };
}

function wallets(): void {
  const drives = (client: ClientName) => driveWith(client, polymarket.openPolymarket);
  drives('clob-client-v2')('an attestation with a changed byte is refused', async (at) => {
    const send = async (url: string) => clobClient(url, { hasKey: false }).deriveApiKey();
    await refusesChanges({ venueUrl: at.url, parts: l1Parts, send });
  });
  drives('clob-client-v2')('an attestation for another chain is refused', async (at) => {
    const client = clobClient(at.url, { hasKey: false, chain: Chain.AMOY });
    expect(await client.deriveApiKey()).toEqual({});
  });
  drives('ccxt polymarket')('an attestation with a changed byte is refused', async (at) => {
    const send = async (url: string): Promise<unknown> => ccxtPolymarket(url).deriveApiKey();
    await refusesChanges({ venueUrl: at.url, parts: l1Parts, send });
  });
}
