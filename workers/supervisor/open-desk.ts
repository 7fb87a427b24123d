import { join } from 'node:path';
import { namespaceOf } from '../../domain/mode.js';
import type { UpRequest } from '../../schemas/up-request.js';
import { ensureFolder, freePort, type Stack } from '../../stack/index.js';
import { hostName } from '../host-name.js';
import type { TermsFile } from '../terms-file.js';
import { simulatedVenueCertificate } from '../venue-certificate.js';
import { type DeskFile, openDeskFile, saveDeskFile } from './desk-file.js';
import { type DeskConfig, type EngineToRun, simulatedVenues } from './processes.js';

interface DeskToOpen {
  readonly request: UpRequest;
  readonly stack: Stack;
  /** What the operator's terms file states. */
  readonly stated?: TermsFile;
  /** Absent: a desk without an engine. */
  readonly engineProgram?: string;
}

/** What the processes of a data folder are told. */
export interface OpenDesk {
  readonly desk: DeskConfig;
  readonly engine?: EngineToRun;
}

/** Opens the data folder: its keys, and the ports of its last start where they are free still. */
export async function openDesk(options: DeskToOpen, account: string): Promise<OpenDesk> {
  const { request, engineProgram: program } = options;
  const found = openDeskFile(request, Date.now());
  const ports = await portsOfVenues(found.ports);
  const tlsPorts = await portsOfVenues(found.tlsPorts);
  const metricsPort = program === undefined ? found.metricsPort : await keptPort(found.metricsPort);
  const kept = { ...found, ports, tlsPorts, ...(metricsPort !== undefined && { metricsPort }) };
  const desk = deskConfig(options, saveDeskFile(request.dataFolder, kept), account);
  // Before two venues want one at once.
  simulatedVenueCertificate(desk.folders.credentials);
  if (program === undefined || metricsPort === undefined) return { desk };
  const doorSocket = join(desk.folders.data, 'engine', 'door', 'socket');
  return { desk: { ...desk, doorSocket }, engine: { program, metricsPort } };
}

function deskConfig(
  { request, stack, stated }: DeskToOpen,
  { seed, openedAtMs, ports, tlsPorts }: DeskFile,
  account: string,
): DeskConfig {
  const { dataFolder, mode, faults, pace, session } = request;
  const folder = (name: string): string => ensureFolder(join(dataFolder, name));
  return {
    ...{ mode, faults, seed, openedAtMs, account, host: hostName() },
    ...{ namespace: namespaceOf(mode), temporalAddress: stack.temporal.address },
    ...{ databaseUrl: stack.postgres.databaseUrl, pairFile: join(dataFolder, 'pairs.json') },
    folders: {
      ...{ data: dataFolder, logs: folder('logs') },
      ...{ ledgers: folder('venues'), credentials: folder('credentials') },
    },
    venues: urlsOf('http', ports),
    tlsVenues: urlsOf('https', tlsPorts),
    ...(pace !== undefined && { pace }),
    ...(session && { session }),
    ...(stated && { terms: stated.terms }),
  };
}

type PerVenue<T> = Readonly<Record<string, T>>;

async function portsOfVenues(remembered: PerVenue<number>): Promise<Record<string, number>> {
  const ports: Record<string, number> = {};
  for (const venue of simulatedVenues) ports[venue] = await keptPort(remembered[venue]);
  return ports;
}

/** That of the last start, where it is free still. */
const keptPort = async (before: number | undefined): Promise<number> =>
  freePort(...(before === undefined ? [] : [before]));

function urlsOf(scheme: 'http' | 'https', ports: PerVenue<number>): Record<string, string> {
  const urls: Record<string, string> = {};
  for (const [venue, port] of Object.entries(ports)) urls[venue] = `${scheme}://127.0.0.1:${port}`;
  return urls;
}
