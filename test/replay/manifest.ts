import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../stack/index.js';

/** What is known of a recorded history from outside it; `closing` is its last event, or `open`. */
export interface ManifestEntry {
  readonly name: string;
  readonly workflowType: string;
  /** What happens in it, as a sentence of the desk. */
  readonly scenario: string;
  readonly closing: Closing;
  readonly sha256: string;
  /** Of the TypeScript SDK that recorded it. */
  readonly sdk: string;
  /** Of the sources that recorded it. */
  readonly commit: string;
}

export const ends = ['COMPLETED', 'CANCELED', 'FAILED', 'TERMINATED', 'CONTINUED_AS_NEW'] as const;
export type Closing = (typeof ends)[number] | 'open';

/** A history as it lies in the folder. */
export interface HistoryFile {
  readonly name: string;
  readonly text: string;
  readonly workflowType: string;
  readonly closing: Closing;
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
}

/**
 * Why the recorded histories must not pass, in plain words; empty = they may.
 *
 * 1. There are histories at all, and each workflow type has one that ended and one that goes on.
 * 2. What was committed is still there, byte for byte, and nothing is there that nobody noted.
 * 3. Each ends with the event that its scenario ends with.
 */
export function gateFindings({ manifest, files, types }: Gate): readonly string[] {
  const found = new Map(files.map((file) => [file.name, file]));
  return [
    ...(manifest.length === 0 ? ['there is no history'] : []),
    ...types.flatMap((type) => missingOf(type, files)),
    ...manifest.flatMap((entry) => differencesOf(entry, found.get(entry.name))),
    ...files
      .filter(({ name }) => !manifest.some((entry) => entry.name === name))
      .map(({ name }) => `${name} is not in the manifest`),
  ];
}

function missingOf(type: string, files: readonly HistoryFile[]): readonly string[] {
  const ofType = files.filter(({ workflowType }) => workflowType === type);
  const isMissing = {
    closed: ofType.every(({ closing }) => closing === 'open'),
    open: ofType.every(({ closing }) => closing !== 'open'),
  };
  return (['closed', 'open'] as const).flatMap((kind) =>
    isMissing[kind] ? [`workflow type ${type} has no ${kind} history`] : [],
  );
}

function differencesOf(entry: ManifestEntry, file: HistoryFile | undefined): readonly string[] {
  const { name, workflowType, closing } = entry;
  if (!file) return [`${name} has disappeared`];
  return [
    ...(sha256(file.text) === entry.sha256 ? [] : [`${name} was changed`]),
    ...(file.workflowType === workflowType ? [] : [`${name} is of type ${file.workflowType}`]),
    ...(file.closing === closing ? [] : [`${name} ends ${file.closing}, not ${closing}`]),
  ];
}
