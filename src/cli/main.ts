import { setImmediate } from 'node:timers/promises';
import { CommanderError } from 'commander';
import { toKnownError } from '../core/errors.js';
import { buildProgram } from './program.js';
import { inertTerminal, openConsole, processTerminal, type Terminal, tellError } from './terminal.js';

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
    return await afterPrinting(exitCode, terminal);
  } catch (error) {
    if (error instanceof CommanderError) return afterPrinting(error.exitCode === 0 ? 0 : 3, terminal);
    const known = toKnownError(error);
    const detail = known.exitCode === 4 && terminal.environment.DEBUG ? `\n${(error as Error).stack}` : '';
    tellError(known, terminal, detail);
    return known.exitCode;
  }
}

/** A full disk, say: who is to read the report and can't must not learn of a pass from the exit code alone. */
async function afterPrinting(exitCode: number, terminal: Terminal): Promise<number> {
  // The streams tell of it a moment later.
  await setImmediate();
  const error = terminal.unprinted?.() ?? null;
  if (error === null) return exitCode;
  const { code, message } = error;
  openConsole(terminal).error(
    `stdout: what was to be printed could not be written there (${code ?? message}). Write it to a place with room; a run's report lies in report-dir too.`,
  );
  return exitCode === 0 ? 2 : exitCode;
}
