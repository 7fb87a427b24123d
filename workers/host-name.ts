import { hostname } from 'node:os';

/**
 * This machine's name in Postgres and in the names of queues: what is no letter, digit, dot, dash or
 * underscore in its host name is a dash. Whoever asks on one machine is told the same.
 */
export const hostName = (name = hostname()): string => name.replace(/[^A-Za-z0-9._-]/g, '-');
