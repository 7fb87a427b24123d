import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../stack/index.js';
import type { Closing } from './closing.js';
import type { End, Scenario } from './scenarios.js';

/** What is known of a recorded history from outside it. */
export interface ManifestEntry extends Scenario {
  readonly name: string;
  readonly sha256: string;
  /** Of the TypeScript SDK that recorded it. */
  readonly sdk: string;
  /** Of the sources that recorded it. */
  readonly commit: string;
}

/** A history as it lies in the folder. */
export interface HistoryFile {
  readonly name: string;
  readonly text: string;
  readonly workflowType: string;
  readonly closing: Closing;
  /** How it says that it ended, what is out, or what it looks after; absent where it does not say. */
  readonly end: string | undefined;
}

const path = join(packageRoot(), 'test', 'replay', 'manifest.json');

export function readManifest(): readonly ManifestEntry[] {
  if (!existsSync(path)) return [];
  return (JSON.parse(readFileSync(path, 'utf8')) as { histories: ManifestEntry[] }).histories; // ours
}

export function addToManifest(entry: ManifestEntry): void {
  const others = readManifest().filter(({ name }) => name !== entry.name);
  const histories = [...others, entry].toSorted((a, b) => a.name.localeCompare(b.name, 'en'));
  writeFileSync(path, `${JSON.stringify({ histories }, null, 2)}\n`);
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** What the gate looks at. */
export interface Gate {
  readonly manifest: readonly ManifestEntry[];
  readonly files: readonly HistoryFile[];
  /** Every workflow type that a worker registers. */
  readonly types: readonly string[];
  /** What there has to be, by the history's name. */
  readonly scenarios: Readonly<Record<string, Scenario>>;
  /** Every end and every wait that a type may come to. */
  readonly ends: Readonly<Record<string, Readonly<Record<'closed' | 'open', readonly End[]>>>>;
  /** The version of the SDK that `package.json` names. */
  readonly sdk: string;
}

/**
 * Why the recorded histories must not pass, in plain words; empty = they may.
 *
 * 1. There are histories at all, and each workflow type has one of every end and every wait.
 * 2. Every scenario is recorded, and is still the one that was recorded.
 * 3. What was committed is still there, byte for byte, and nothing is there that nobody noted.
 * 4. Each ends with the event, and says of itself the end, that its scenario has.
 * 5. Each names the commit that recorded it and an SDK that ours has to replay: its major, not newer.
 */
export function gateFindings(gate: Gate): readonly string[] {
  const { manifest, files, types, scenarios, sdk } = gate;
  const found = new Map(files.map((file) => [file.name, file]));
  return [
    ...(manifest.length === 0 ? ['there is no history'] : []),
    ...types.flatMap((type) => missingOf(type, gate)),
    ...Object.keys(scenarios)
      .filter((name) => !manifest.some((entry) => entry.name === name))
      .map((name) => `${name} was never recorded`),
    ...manifest.flatMap((entry) => [
      ...renamedIn(entry, scenarios[entry.name]),
      ...differencesOf(entry, found.get(entry.name)),
      ...originOf(entry, sdk),
    ]),
    ...files
      .filter(({ name }) => !manifest.some((entry) => entry.name === name))
      .map(({ name }) => `${name} is not in the manifest`),
  ];
}

/** A type that nobody has named the ends of needs one history that ended and one that goes on. */
function missingOf(type: string, { files, manifest, ends }: Gate): readonly string[] {
  const there = new Set(files.map(({ name }) => name));
  const ofType = manifest.filter((entry) => entry.workflowType === type && there.has(entry.name));
  return (['closed', 'open'] as const).flatMap((kind) => {
    const some = ofType.filter(({ closing }) => (closing === 'open') === (kind === 'open'));
    if (some.length === 0) return [`workflow type ${type} has no ${kind} history`];
    const missing = (ends[type]?.[kind] ?? []).filter(
      (end) => !some.some((entry) => entry.end === end),
    );
    return missing.map((end) => `workflow type ${type} has no ${kind} history of ${end}`);
  });
}

function renamedIn(entry: ManifestEntry, scenario: Scenario | undefined): readonly string[] {
  const { name, workflowType, closing, end } = entry;
  if (!scenario) return [`${name} is the history of no scenario`];
  const isSame =
    scenario.workflowType === workflowType &&
    scenario.closing === closing &&
    scenario.end === end &&
    scenario.scenario === entry.scenario;
  return isSame ? [] : [`${name} was recorded as another scenario`];
}

function differencesOf(entry: ManifestEntry, file: HistoryFile | undefined): readonly string[] {
  const { name, workflowType, closing, end } = entry;
  if (!file) return [`${name} has disappeared`];
  return [
    ...(sha256(file.text) === entry.sha256 ? [] : [`${name} was changed`]),
    ...(file.workflowType === workflowType ? [] : [`${name} is of type ${file.workflowType}`]),
    ...(file.closing === closing ? [] : [`${name} ends ${file.closing}, not ${closing}`]),
    ...(file.end === undefined || file.end === end
      ? []
      : [`${name} tells of ${file.end}, not of ${end}`]),
  ];
}

/** A checkout may be shallow: that the commit is there is for the recorder to see to. */
function originOf({ name, commit, sdk }: ManifestEntry, ours: string): readonly string[] {
  return [
    ...(/^[0-9a-f]{40}$/.test(commit) ? [] : [`${name} is of the commit ${commit}`]),
    ...(isReplayedBy(ours, sdk) ? [] : [`${name} is of SDK ${sdk}, which is not ours: ${ours}`]),
  ];
}

function isReplayedBy(ours: string, recorded: string): boolean {
  const [now, then] = [versionOf(ours), versionOf(recorded)];
  if (!now || !then || now.major !== then.major) return false;
  return then.minor < now.minor || (then.minor === now.minor && then.patch <= now.patch);
}

function versionOf(text: string) {
  const [, major, minor, patch] = /^(\d+)\.(\d+)\.(\d+)$/.exec(text) ?? [];
  if (major === undefined) return undefined;
  return { major: Number(major), minor: Number(minor), patch: Number(patch) };
}
