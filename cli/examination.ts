import { spawnSync } from 'node:child_process';
import { existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  answersPostgres,
  answersTemporal,
  findStack,
  freePort,
  postgresPackage,
  temporalPlace,
  versionOf,
} from '../stack/index.js';

export interface Finding {
  readonly what: string;
  readonly found: string;
  readonly health: 'well' | 'unknown' | 'missing';
  /** What to do about it, where something is to be done. */
  readonly todo?: string;
}

export interface Place {
  readonly dataFolder: string;
  readonly temporalAddress?: string;
  readonly databaseUrl?: string;
}

/** `engines` of package.json. */
const NODE_MAJOR_MIN = 20;
const NODE_MINOR_MIN = 19;
/** A build of Temporal with its modules takes two; histories and ledgers take the rest. */
const DISK_GB_MIN = 4;
const DEFAULT_PORTS = [7233, 8233];

/** Looks at everything that a start needs, changes nothing. */
export async function examine(place: Place): Promise<Finding[]> {
  return [
    nodeFinding(process.versions.node),
    goFinding(versionOf('go', 'version')),
    rustFinding(versionOf('rustc')),
    temporalFinding(place),
    postgresFinding(place),
    ...(await runningFindings(place)),
    await portFinding(),
    clockFinding(clockWords()),
    diskFinding(place.dataFolder),
  ];
}

export function nodeFinding(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isNew = major > NODE_MAJOR_MIN || (major === NODE_MAJOR_MIN && minor >= NODE_MINOR_MIN);
  if (isNew) return { what: 'node', found: version, health: 'well' };
  const todo = `install Node ${NODE_MAJOR_MIN}.${NODE_MINOR_MIN} or later`;
  return { what: 'node', found: version, health: 'missing', todo };
}

export function goFinding(words: string | undefined): Finding {
  if (words !== undefined) return { what: 'go', found: words, health: 'well' };
  return { what: 'go', found: 'none (only needed to build Temporal)', health: 'unknown' };
}

export function rustFinding(words: string | undefined): Finding {
  if (words !== undefined) return { what: 'rust', found: words, health: 'well' };
  const todo = 'install Rust 1.92 or later, or start with --without-engine';
  return { what: 'rust', found: 'none (needed to build the engine)', health: 'unknown', todo };
}

function temporalFinding({ temporalAddress }: Place): Finding {
  const what = 'temporal';
  if (temporalAddress) return { what, found: `at ${temporalAddress}`, health: 'well' };
  const place = temporalPlace();
  switch (place.origin) {
    case 'path':
      return { what, found: 'on PATH', health: 'well' };
    case 'cache':
      return { what, found: place.program, health: 'well' };
    case 'buildable':
      return { what, found: 'will be built at the first start, three minutes', health: 'well' };
    case 'none':
      return noTemporal;
  }
}

const noTemporal: Finding = {
  what: 'temporal',
  found: 'none',
  health: 'missing',
  todo: 'install Go 1.26.8, put `temporal` on PATH, or set TEMPORAL_ADDRESS',
};

function postgresFinding({ databaseUrl }: Place): Finding {
  const what = 'postgres';
  if (databaseUrl) return { what, found: `at ${new URL(databaseUrl).host}`, health: 'well' };
  const found = postgresPackage();
  if (found) return { what, found: `${found.version}, from its package`, health: 'well' };
  const todo = 'run `npm ci` without --omit=optional, or set DATABASE_URL';
  return { what, found: 'no package for this platform', health: 'missing', todo };
}

async function runningFindings(place: Place): Promise<Finding[]> {
  const { temporalAddress, databaseUrl } = { ...findStack(place.dataFolder), ...place };
  return [
    await answerFinding('temporal answers', temporalAddress, answersTemporal),
    await answerFinding('postgres answers', databaseUrl, answersPostgres),
  ];
}

async function answerFinding(
  what: string,
  address: string | undefined,
  answers: (address: string) => Promise<boolean>,
): Promise<Finding> {
  if (address === undefined) {
    return { what, found: 'not running', health: 'unknown', todo: 'start it with `npm start`' };
  }
  const shown = address.includes('://') ? new URL(address).host : address;
  if (await answers(address)) return { what, found: shown, health: 'well' };
  return {
    what,
    found: `no answer from ${shown}`,
    health: 'missing',
    todo: 'see its log in the data folder',
  };
}

async function portFinding(): Promise<Finding> {
  const taken: number[] = [];
  for (const port of DEFAULT_PORTS) if ((await freePort(port)) !== port) taken.push(port);
  const found =
    taken.length === 0 ? `${DEFAULT_PORTS.join(', ')} free` : `${taken.join(', ')} taken`;
  // Never missing: a start takes other ports, and remembers them.
  return { what: 'ports', found, health: 'well' };
}

/** What the system's time service says, in its own words; nothing when there is none to ask. */
function clockWords(): string {
  const asked = [
    ['chronyc', ['-n', 'tracking']],
    ['timedatectl', ['show', '--property=NTPSynchronized']],
    ['adjtimex', ['--print']],
  ] as const;
  for (const [program, args] of asked) {
    const answer = spawnSync(program, args, { encoding: 'utf8', timeout: 3_000 });
    if (answer.status === 0) return answer.stdout;
  }
  return '';
}

/** Signed requests carry a time stamp, and venues refuse one that is seconds off. */
export function clockFinding(words: string): Finding {
  const what = 'clock';
  const offset = /Last offset\s*:\s*(\S+ seconds)/.exec(words)?.[1];
  if (/Leap status\s*:\s*Normal/.test(words)) {
    return {
      what,
      found: `disciplined by chrony, last offset ${offset ?? 'unknown'}`,
      health: 'well',
    };
  }
  if (/NTPSynchronized=yes/.test(words)) return { what, found: 'synchronised', health: 'well' };
  if (/NTPSynchronized=no|Not synchronised/.test(words)) {
    const todo = 'turn on NTP, e.g. `timedatectl set-ntp true`; venues refuse stamps that are off';
    return { what, found: 'not synchronised', health: 'unknown', todo };
  }
  const status = /status:\s*(\d+)/.exec(words)?.[1];
  // adjtimex(2): bit 0x40, STA_UNSYNC.
  if (status !== undefined && (Number(status) & 0x40) === 0) {
    return { what, found: 'synchronised, says the kernel', health: 'well' };
  }
  return { what, found: 'discipline unknown: nothing here can say', health: 'unknown' };
}

function diskFinding(dataFolder: string): Finding {
  let folder = dataFolder;
  while (!existsSync(folder)) folder = dirname(folder);
  const { bavail, bsize } = statfsSync(folder);
  const freeGb = (bavail * bsize) / 1e9;
  const found = `${freeGb.toFixed(1)} GB free at ${folder}`;
  if (freeGb >= DISK_GB_MIN) return { what: 'disk', found, health: 'well' };
  return { what: 'disk', found, health: 'missing', todo: `make ${DISK_GB_MIN} GB of room` };
}
