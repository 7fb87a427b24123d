import { Command } from 'commander';
import { type Answer, failure } from './answer.js';
import { deskPlace } from './config.js';
import { type Desk, openDesk } from './desk.js';
import { print, type Terminal, terminal } from './output.js';

export interface DeskOptions {
  readonly data?: string;
  readonly json?: boolean;
}

/** A command that asks something of a running desk; it answers in text or, with --json, in JSON. */
export function deskCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option('--data <dir>', 'the data folder of the desk (default: that of this checkout)')
    .option('--json', 'print one JSON document');
}

/** Opens the desk, asks, prints, closes. Returns the exit code; throws nothing. */
export async function answerFrom(
  options: DeskOptions,
  ask: (desk: Desk) => Promise<Answer>,
  to: Terminal = terminal,
): Promise<number> {
  const answer = await answered(options, ask);
  return print(answer, options.json === true, to);
}

async function answered(
  { data }: DeskOptions,
  ask: (desk: Desk) => Promise<Answer>,
): Promise<Answer> {
  let desk: Desk | undefined;
  try {
    desk = await openDesk(deskPlace(data));
    return await ask(desk);
  } catch (error) {
    return failure(error);
  } finally {
    await desk?.close();
  }
}
