import { CommanderError } from 'commander';
import { toKnownError } from '../errors.js';
import { buildProgram } from './program.js';
import { inertTerminal, openConsole, processTerminal, type Terminal } from './terminal.js';

/**
 * The command line.
 * @param words the arguments after the program's name
 * @returns the exit code: 0 pass, bypassed or skipped, 1 fail, 2 inconclusive, 3 configuration or usage, 4 internal
 */
export async function main(words: readonly string[], given: Terminal = processTerminal()): Promise<number> {
  const terminal = inertTerminal(given);
  let exitCode = 0;
  const program = buildProgram(terminal, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(words, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 3;
    const known = toKnownError(error);
    const detail = known.exitCode === 4 && terminal.environment.DEBUG ? `\n${(error as Error).stack}` : '';
    openConsole(terminal).error(`${known.message}${detail}`);
    return known.exitCode;
  }
}
