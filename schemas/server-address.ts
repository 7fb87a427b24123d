import { z } from 'zod';

const postgresProtocols: ReadonlySet<string> = new Set(['postgres:', 'postgresql:']);
/** A name or IPv4 address, or an IPv6 address in brackets, and a port. */
const HOST_AND_PORT = /^(?:\[[0-9a-fA-F:.]+\]|[^\s/:@[\]]+):(\d{1,5})$/;
const PORT_MAX = 65_535;

/** A Postgres of one's own. What is wrong is said without the text itself: it may hold a password. */
export const databaseUrlSchema = z
  .string()
  .refine(
    isPostgresUrl,
    'is not a Postgres URL, such as postgres://user:password@host:5432/legwork',
  );

/** Temporal's frontend, as its clients take it: no scheme, no path. */
export const temporalAddressSchema = z
  .string()
  .refine(isHostAndPort, 'is not a host and a port, such as temporal.internal:7233');

function isPostgresUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, searchParams } = new URL(text);
  // A socket's folder stands in ?host=, because a URL's host cannot hold a path.
  return postgresProtocols.has(protocol) && (hostname !== '' || searchParams.has('host'));
}

function isHostAndPort(text: string): boolean {
  const port = Number(HOST_AND_PORT.exec(text)?.[1]);
  return port >= 1 && port <= PORT_MAX;
}
