#!/usr/bin/env node
import { Command } from 'commander';
import { arbCommand } from './commands/arb.js';
import { armCommand } from './commands/arm.js';
import { armedCommand } from './commands/armed.js';
import { cancelCommand } from './commands/cancel.js';
import { changeTermsCommand } from './commands/change-terms.js';
import { disarmCommand } from './commands/disarm.js';
import { doctorCommand } from './commands/doctor.js';
import { fillsCommand } from './commands/fills.js';
import { freezeCommand } from './commands/freeze.js';
import { ordersCommand } from './commands/orders.js';
import { positionsCommand } from './commands/positions.js';
import { replayCommand } from './commands/replay.js';
import { resolveCommand } from './commands/resolve.js';
import { statusCommand } from './commands/status.js';
import { takeOverCommand } from './commands/take-over.js';
import { unfreezeCommand } from './commands/unfreeze.js';
import { upCommand } from './commands/up.js';
import { exitCodes } from './exit-codes.js';

// One file per command; each ends the process with a code of exit-codes.ts.
const exit = (code: number): void => {
  process.exitCode = code;
};

const program = new Command('legwork')
  .description('Durable trade execution: every arbitrage is a workflow that forgets nothing.')
  .showHelpAfterError('(see `legwork <command> --help`)')
  .exitOverride(({ exitCode }) =>
    process.exit(exitCode === 0 ? exitCodes.done : exitCodes.invalid),
  );

for (const command of [
  upCommand,
  doctorCommand,
  arbCommand,
  armCommand,
  armedCommand,
  changeTermsCommand,
  disarmCommand,
  statusCommand,
  ordersCommand,
  fillsCommand,
  positionsCommand,
  cancelCommand,
  freezeCommand,
  unfreezeCommand,
  resolveCommand,
  takeOverCommand,
  replayCommand,
]) {
  program.addCommand(command(exit).copyInheritedSettings(program));
}

await program.parseAsync();
