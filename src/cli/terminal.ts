import { createLogUpdate } from 'log-update';
import type { KnownError } from '../core/errors.js';
import type { Logger, ProgressListener } from '../core/log.js';
import { withoutCommands } from '../core/log-text.js';
import { inert } from '../core/text.js';
import { unbroken } from '../core/unbroken.js';
import { describeProgress } from '../report/progress-line.js';

/** Where the command line reads and writes. */
export interface Terminal {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What kept the report from being printed; null where it was, or its reader had seen enough. */
  readonly unprinted?: () => NodeJS.ErrnoException | null;
}

/** A message may quote a server or a model: no control characters, nothing endless. */
const LIMITS = { line: 2_000, text: 10_000 };
/** Plain lines are for logs: rare enough to leave the rest readable. */
const PLAIN_INTERVAL_MS = 10_000;

export function processTerminal(): Terminal {
  let unprinted: NodeJS.ErrnoException | null = null;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (!isReaderGone(error)) unprinted ??= error;
  });
  // Progress and messages: where they can't be told, the run goes on.
  process.stderr.on('error', () => {});
  return { stdout: process.stdout, stderr: process.stderr, environment: process.env, unprinted: () => unprinted };
}

/** The same terminal, but what is printed commands no runner: a workflow's step may well run the command line. */
export function inertTerminal({ stdout, stderr, ...rest }: Terminal): Terminal {
  return { stdout: inertStream(stdout), stderr: inertStream(stderr), ...rest };
}

function inertStream(stream: NodeJS.WriteStream): NodeJS.WriteStream {
  const write = (text: string) => stream.write(withoutCommands(text));
  return Object.create(stream, { write: { value: write } });
}

/** A reader that has seen enough (`| head`) closes the pipe: the rest is dropped, and the exit code tells the verdict as ever. */
function isReaderGone({ code }: NodeJS.ErrnoException): boolean {
  // Whatever is written after any error meets a stream that is closed.
  return code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED';
}

/** Whether a stream wants colours: NO_COLOR and FORCE_COLOR as their conventions have it. */
export function colorful({ environment }: Terminal, stream: NodeJS.WriteStream): boolean {
  if (environment.NO_COLOR) return false;
  if (environment.FORCE_COLOR) return environment.FORCE_COLOR !== '0';
  return Boolean(stream.isTTY) && environment.TERM !== 'dumb';
}

export interface Console extends Logger {
  readonly progress: ProgressListener;
  /** Takes the live line away. */
  clear(): void;
}

/** Messages and progress on stderr, so that stdout holds the report alone: a live line on a terminal, plain lines elsewhere. */
export function openConsole(terminal: Terminal): Console {
  const { stderr, environment } = terminal;
  const live = stderr.isTTY && environment.TERM !== 'dumb' && !environment.CI ? createLogUpdate(stderr) : null;
  const line = (prefix: string) => (message: string) => {
    live?.clear();
    stderr.write(`${prefix}${unbroken(inert(message, LIMITS))}\n`);
  };
  let last = Number.NEGATIVE_INFINITY;
  return {
    debug() {},
    info: line(''),
    notice: line('note: '),
    warning: line('warning: '),
    error: line('error: '),
    clear: () => live?.clear(),
    progress: (progress) => {
      const text = describeProgress(progress);
      if (live) return live(text);
      const now = progress.elapsedSeconds * 1000;
      // A second run starts its clock anew.
      if (now >= last && now - last < PLAIN_INTERVAL_MS) return;
      last = now;
      stderr.write(`${text}\n`);
    },
  };
}

/** With its code on a line of its own, where no long message hides it: docs/reasons.md goes by the code. */
export function tellError({ code, message }: KnownError, terminal: Terminal, detail = ''): void {
  openConsole(terminal).error(`${message}${detail}`);
  terminal.stderr.write(`Reason code: ${code} (explained in docs/reasons.md)\n`);
}
