/** Children with this terminal's streams, that get our signals, and that end. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { ROOT, withoutSecrets } from './machine.mjs';

/** What is left to a child between being asked to end and being killed. */
const GRACE_MS = 10_000;
/** What a shell gives for a command that ran out of time (`timeout` of coreutils). */
export const TIMED_OUT = 124;

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd] default: the repository
 * @property {NodeJS.ProcessEnv} [env] default: this process's, without secrets
 * @property {number} [minutes] how long it may take; with it the child leads a group of its own, which is ended as one
 */

/**
 * @typedef {object} Ended
 * @property {number} code the exit code; 128 and the signal's number after a signal; 124 when the time ran out
 * @property {boolean} interrupted whether this process was told to stop meanwhile
 */

/**
 * Runs a command to its end.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<Ended>}
 * @throws {Error} when the command cannot be started (`code` is then `ENOENT` and the like)
 */
export function run(command, args, { cwd = ROOT, env = withoutSecrets(process.env), minutes } = {}) {
  const limited = minutes !== undefined;
  const ownGroup = limited && process.platform !== 'win32';
  const child = spawn(command, [...args], {
    cwd,
    env,
    // A process that leads its own group may not read the terminal.
    stdio: [limited ? 'ignore' : 'inherit', 'inherit', 'inherit'],
    detached: ownGroup,
  });
  const tell = (/** @type {NodeJS.Signals} */ signal) => send(child, signal, ownGroup);
  const signals = forwardSignals(tell, ownGroup);
  const limit = limited ? limitTime(minutes, `${command} ${args.join(' ')}`, tell) : null;
  return new Promise((resolve, reject) => {
    const settle = () => {
      signals.stop();
      limit?.stop();
    };
    child.on('error', (error) => {
      settle();
      reject(error);
    });
    child.on('exit', (code, signal) => {
      settle();
      const ended = code === null ? 128 + (signal ? constants.signals[signal] : 0) : code;
      resolve({ code: limit?.passed() ? TIMED_OUT : ended, interrupted: signals.came() });
    });
  });
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {NodeJS.Signals} signal
 * @param {boolean} group
 */
function send(child, signal, group) {
  try {
    if (group && child.pid) process.kill(-child.pid, signal);
    else child.kill(signal);
  } catch {
    // It has ended meanwhile.
  }
}

/**
 * @param {(signal: NodeJS.Signals) => void} tell
 * @param {boolean} ownGroup
 */
function forwardSignals(tell, ownGroup) {
  let came = false;
  const forward = (/** @type {NodeJS.Signals} */ signal) => {
    came = true;
    // A terminal sends Ctrl-C to our whole group by itself; a second one would mean "at once, please".
    if (signal !== 'SIGINT' || ownGroup || !process.stdin.isTTY) tell(signal);
  };
  const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
  for (const signal of signals) process.on(signal, forward);
  return {
    came: () => came,
    stop() {
      for (const signal of signals) process.off(signal, forward);
    },
  };
}

/**
 * @param {number} minutes
 * @param {string} what
 * @param {(signal: NodeJS.Signals) => void} tell
 */
function limitTime(minutes, what, tell) {
  let passed = false;
  /** @type {NodeJS.Timeout | undefined} */
  let last;
  const first = setTimeout(() => {
    passed = true;
    console.error(`\nStopped after ${minutes} minutes, which it may take at most: ${what}`);
    tell('SIGTERM');
    last = setTimeout(() => tell('SIGKILL'), GRACE_MS);
  }, minutes * 60_000);
  return {
    passed: () => passed,
    stop() {
      clearTimeout(first);
      clearTimeout(last);
      // Whoever leads the group has ended; what it left behind in it must not outlive it.
      if (passed) tell('SIGKILL');
    },
  };
}
