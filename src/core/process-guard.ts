import { setMaxListeners } from 'node:events';
import { InternalError, isKnownError, type KnownError, ProviderError, toKnownError } from './errors.js';
import { atMost } from './grace.js';

/** What a shell, a runner, a closed terminal send. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** Asked to end, a run takes moments, and half a minute where something in it stands still. */
const WIND_DOWN_MS = 45_000;
/** Of what the last words take, when nothing else is waited for any more. */
const LAST_WORDS_MS = 5_000;

/** The process that the gate runs in. */
export interface GuardedProcess extends Pick<NodeJS.Process, 'on' | 'off' | 'exit'> {
  exitCode?: NodeJS.Process['exitCode'];
}

export interface GuardPorts {
  /** Tells the outside, in the run's place, that there is no verdict, and why. */
  readonly lastWords: (error: KnownError) => Promise<void>;
  readonly process?: GuardedProcess;
  readonly windDownMs?: number;
}

/** Watches over the process for as long as a run is under way in it. */
export interface ProcessGuard {
  /** Aborts once something wants the run's end, with the error that says what. */
  readonly signal: AbortSignal;
  /**
   * The run has said what it came to.
   * @throws what nobody caught meanwhile: after a bug of ours no exit code is to say "pass"
   */
  release(): void;
}

/** Every process that runs the gate begins with it (`build/entry.js`), and only a verdict in hand changes it. */
const NO_VERDICT = 2;

/**
 * Lets no process that runs the gate end without a verdict and look as if it had one. A signal, an error that nobody caught and
 * a loop that runs dry ask the run to end, so that it reports what there is; if it doesn't, or when asked once more, the process
 * ends with a report of its own. The exit code is 2 until there is a verdict, 4 after an error of ours.
 */
export function guardProcess({ lastWords, ...given }: GuardPorts): ProcessGuard {
  const target = given.process ?? process;
  const controller = new AbortController();
  // Every request in flight listens to it.
  setMaxListeners(0, controller.signal);
  let timer: NodeJS.Timeout | undefined;
  let ending = false;
  const end = async (error: KnownError) => {
    if (ending) return;
    ending = true;
    target.exitCode = error.exitCode;
    // Whatever goes wrong now, there is nobody left to tell.
    await atMost(
      Promise.resolve(lastWords(error)).catch(() => {}),
      LAST_WORDS_MS,
    );
    target.exit(error.exitCode);
  };
  const ask = (error: KnownError) => {
    if (controller.signal.aborted) return void end(firstOf(controller.signal, error));
    controller.abort(error);
    timer = setTimeout(() => void end(error), given.windDownMs ?? WIND_DOWN_MS);
  };
  const listeners = listenersFor(ask, target);
  for (const [event, listener] of listeners) target.on(event as 'exit', listener);
  return {
    signal: controller.signal,
    release: () => {
      clearTimeout(timer);
      for (const [event, listener] of listeners) target.off(event as 'exit', listener);
      if (isBug(controller.signal.reason)) throw controller.signal.reason;
    },
  };
}

function isBug(reason: unknown): boolean {
  return isKnownError(reason) && reason.exitCode === 4;
}

/** The first cause counts, but a bug is named whenever it comes. */
function firstOf({ reason }: AbortSignal, error: KnownError): KnownError {
  return error.exitCode !== 4 && isKnownError(reason) ? reason : error;
}

function listenersFor(ask: (error: KnownError) => void, target: GuardedProcess) {
  const cancel = () => ask(new ProviderError('run.cancelled', 'The run was cancelled before it came to a verdict.'));
  return [
    ...SIGNALS.map((signal) => [signal, cancel] as const),
    ['beforeExit', () => ask(stoodStill())] as const,
    ['uncaughtException', (thrown: unknown) => ask(uncaught(thrown))] as const,
    ['unhandledRejection', (thrown: unknown) => ask(uncaught(thrown))] as const,
    // Somebody else's process.exit(), say.
    ['exit', () => withoutVerdict(target)] as const,
  ];
}

/** Neither "pass" nor "fail" for who has no verdict. */
function withoutVerdict(target: GuardedProcess): void {
  if (Number(target.exitCode ?? 0) < NO_VERDICT) target.exitCode = NO_VERDICT;
}

function stoodStill(): ProviderError {
  return new ProviderError(
    'run.stalled',
    'The run stood still: nothing was under way any more, and there was no verdict. This is a bug of misalignment-gate; please report it. Running again may go further.',
  );
}

function uncaught(thrown: unknown): KnownError {
  const error = toKnownError(thrown);
  return error.exitCode === 4 ? error : new InternalError('internal', error.message, { cause: thrown });
}
